//! Models as their user sees them: which there are, and whether one answers.

use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::prompt::{Answer, Entry, Prompt, Tool};
use deskhand_model::{Deltas, providers};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::Service;

/// Longest wait for the answer to a test.
const TEST_WAIT: Duration = Duration::from_secs(30);
/// Longest part of the answer that is shown.
const SHOWN_CHARS: usize = 1_000;
/// Longest name of a model, in characters.
const NAME_CHARS: usize = 200;

/// The models that agents can name.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelsKnown {
    /// The model of agents that name none.
    pub default: String,
    /// What can stand before `::` in the name of a model.
    pub providers: Vec<&'static str>,
}

/// A model to be tested.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelTest {
    /// `builtin` or `<provider>::<model>`; null means the server's own setting.
    #[serde(default)]
    pub model: Option<String>,
}

/// What came of a test.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelTested {
    /// Whether it answered.
    pub ok: bool,
    /// The model that was asked.
    pub model: String,
    /// Until it began to answer; null if it did not.
    pub first_token_ms: Option<u64>,
    /// Until it had answered, or failed.
    pub total_ms: u64,
    /// What it said.
    pub reply: Option<String>,
    /// Why it did not answer.
    pub error: Option<ModelError>,
}

/// Why a model did not answer.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelError {
    /// Stable code.
    pub code: ModelErrorCode,
    /// What happened, in the provider's words where there are any.
    pub message: String,
}

/// Codes of failed tests of models. Each has a page under `docs/errors/`.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelErrorCode {
    /// It gave no answer, or its name leads to none.
    ModelUnavailable,
}

/// Notes when the answer begins.
struct FirstToken {
    since: Instant,
    ms: Option<u64>,
}

impl FirstToken {
    fn note(&mut self) {
        if self.ms.is_none() {
            self.ms = Some(millis(self.since));
        }
    }
}

impl Deltas for FirstToken {
    fn text(&mut self, _piece: &str) {
        self.note();
    }

    fn reset(&mut self) {
        self.ms = None;
    }

    fn alive(&mut self) {
        self.note();
    }
}

impl Service {
    /// The models that agents can name.
    pub fn models_known(&self) -> ModelsKnown {
        ModelsKnown {
            default: self.models().default_name().to_string(),
            providers: providers(),
        }
    }

    /// Asks a model for a word, once.
    pub async fn test_model(&self, test: ModelTest) -> ModelTested {
        let named = test.model.as_deref();
        let model = match named {
            Some(name) => self.models().get(name),
            None => self.models().get_default(),
        };
        let since = Instant::now();
        let mut first = FirstToken { since, ms: None };
        let answered = match model {
            Err(error) => Err(error.to_string()),
            Ok(model) => {
                let prompt = greeting();
                match timeout(TEST_WAIT, model.answer(&prompt, &mut first)).await {
                    Err(_) => Err("no answer came within 30 seconds".to_owned()),
                    Ok(Err(error)) => Err(error.detail().to_owned()),
                    Ok(Ok(answer)) => Ok(said(answer)),
                }
            }
        };
        let total_ms = millis(since);
        let (reply, error) = match answered {
            Ok(text) => (Some(text.chars().take(SHOWN_CHARS).collect()), None),
            Err(message) => (
                None,
                Some(ModelError {
                    code: ModelErrorCode::ModelUnavailable,
                    message,
                }),
            ),
        };
        ModelTested {
            ok: error.is_none(),
            model: match named {
                Some(name) => name.trim().chars().take(NAME_CHARS).collect(),
                None => self.models().default_name().to_string(),
            },
            // Whoever answers at once has no first word before the last.
            first_token_ms: first.ms.or(reply.is_some().then_some(total_ms)),
            total_ms,
            reply,
            error,
        }
    }
}

/// Its words, or that it has none.
fn said(answer: Answer) -> String {
    match answer.calls.first() {
        Some(call) if answer.text.trim().is_empty() => {
            format!("(no words; it wants to call {})", call.name)
        }
        _ => answer.text,
    }
}

fn greeting() -> Prompt<'static> {
    Prompt {
        instructions: "You are being tested. Answer in one short, friendly sentence.".to_owned(),
        entries: vec![Entry::Customer {
            text: "Hello! Are you there?".into(),
        }],
        // Some models take none, or only in a manner of their own: that shows here and not in a customer's chat.
        tools: vec![Arc::new(Tool {
            name: "ring_the_bell".to_owned(),
            display_name: "Ring the bell".to_owned(),
            description:
                "Rings a bell at the shop's door. Use it only when asked to ring the bell."
                    .to_owned(),
            parameters: json!({"type": "object", "properties": {}, "additionalProperties": false}),
            examples: Vec::new(),
        })],
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
