//! OpenAI's chat completions, and what many servers make of them.
//!
//! Read here and not by `genai`, whose reader keeps a line however long it is, makes room for as many calls
//! as an index says, and takes an answer for broken that ends without `[DONE]`. It is still asked where a
//! provider is.

mod calls;
mod request;

use deskhand_domain::limits::MODEL_AFTER_END;
use deskhand_domain::prompt::{Answer, Prompt, Usage};
use genai::adapter::AdapterKind;
use genai::chat::StopReason;
use reqwest::Url;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json_borrow::Value;
use tokio::time::Instant;

use self::calls::Calls;
use super::answer::{MOST_TOKENS, Parts, Text};
use super::failure::Failures;
use super::manner::{Manner, Manners, Remedies, Thinking};
use super::sse::Event;
use super::stream::{Reader, Stage};
use crate::{Deltas, ModelError};

/// Providers whose API is OpenAI's chat completions.
const SPEAKERS: [AdapterKind; 26] = [
    AdapterKind::OpenAI,
    AdapterKind::Aihubmix,
    AdapterKind::Aliyun,
    AdapterKind::ApiRoute,
    AdapterKind::AtlasCloud,
    AdapterKind::Baidu,
    AdapterKind::BigModel,
    AdapterKind::CloudGpu,
    AdapterKind::DeepSeek,
    AdapterKind::Fireworks,
    AdapterKind::GithubCopilot,
    AdapterKind::Groq,
    AdapterKind::Heabsy,
    AdapterKind::Kimi,
    AdapterKind::Mimo,
    AdapterKind::Mistral,
    AdapterKind::Moonshot,
    AdapterKind::Nebius,
    AdapterKind::OpenCodeGo,
    AdapterKind::OpenRouter,
    AdapterKind::QwenCloud,
    AdapterKind::Requesty,
    AdapterKind::Runcrate,
    AdapterKind::Together,
    AdapterKind::Xai,
    AdapterKind::Zai,
];

/// Who thinks wants the thoughts back with the calls that they led to, or takes no tools.
const REMEDIES: Remedies = &[
    ("reasoning_effort", Thinking::NoEffort),
    ("reasoning_content", Thinking::Disabled),
    ("thinking", Thinking::Disabled),
];

/// How a provider's models are asked at first.
fn first_manner(kind: AdapterKind) -> Manner {
    Manner {
        // Their models think unless they are told not to.
        thinking: match kind {
            AdapterKind::DeepSeek | AdapterKind::Kimi | AdapterKind::Moonshot => Thinking::Disabled,
            _ => Thinking::Unsaid,
        },
        // It counts unasked.
        counts: kind != AdapterKind::Mistral,
    }
}

/// Whether that provider speaks chat completions for this model.
pub(super) fn speaks(kind: AdapterKind, model: &str) -> bool {
    // It speaks Anthropic's messages for these.
    let is_other =
        kind == AdapterKind::OpenCodeGo && model.to_ascii_lowercase().starts_with("minimax-");
    SPEAKERS.contains(&kind) && !is_other
}

/// One model behind chat completions.
pub(super) struct Completions {
    http: reqwest::Client,
    kind: AdapterKind,
    model: String,
    authorization: HeaderValue,
    accept: HeaderValue,
    manners: Manners,
}

impl Completions {
    /// None if the key cannot stand in a header.
    pub(super) fn new(
        kind: AdapterKind,
        model: &str,
        key: &str,
        http: reqwest::Client,
    ) -> Option<Self> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {key}")).ok()?;
        authorization.set_sensitive(true);
        let model = match kind {
            AdapterKind::Fireworks if !model.contains('/') => {
                format!("accounts/fireworks/models/{model}")
            }
            _ => model.to_owned(),
        };
        let accept = match kind {
            AdapterKind::GithubCopilot => "application/vnd.github+json",
            _ => "text/event-stream",
        };
        Some(Self {
            http,
            kind,
            model,
            authorization,
            accept: HeaderValue::from_static(accept),
            manners: Manners::new(first_manner(kind), REMEDIES),
        })
    }

    /// One try at one answer.
    pub(super) async fn read(
        &self,
        url: &Url,
        prompt: &Prompt<'_>,
        failures: &Failures<'_>,
        deltas: &mut dyn Deltas,
    ) -> Result<Answer, ModelError> {
        let request = |manner: Manner| {
            let body = request::body(prompt, self.kind, &self.model, manner)?;
            Ok(self
                .http
                .post(url.clone())
                .header(AUTHORIZATION, self.authorization.clone())
                .header(CONTENT_TYPE, "application/json")
                .header(ACCEPT, self.accept.clone())
                .body(body))
        };
        let reader = || Reading::new(failures);
        let read = self.manners.ask(request, reader, failures, deltas).await?;
        read.finish(prompt)
    }
}

/// An answer while it is read.
struct Reading<'a> {
    failures: &'a Failures<'a>,
    text: Text,
    calls: Calls,
    usage: Option<Usage>,
    stop: Option<StopReason>,
    /// A word, a call or a thought has come.
    has_begun: bool,
    /// Until when what may follow the end is waited for.
    until: Option<Instant>,
    /// `[DONE]` has come.
    is_done: bool,
}

impl<'a> Reading<'a> {
    fn new(failures: &'a Failures<'a>) -> Self {
        Self {
            failures,
            text: Text::default(),
            calls: Calls::default(),
            usage: None,
            stop: None,
            has_begun: false,
            until: None,
            is_done: false,
        }
    }
}

impl Reader for Reading<'_> {
    fn take(&mut self, event: &Event, deltas: &mut dyn Deltas) -> Result<(), ModelError> {
        let data = event.data.trim_ascii();
        if data == b"[DONE]" {
            self.is_done = true;
            return Ok(());
        }
        let chunk: Value = serde_json::from_slice(data).unwrap_or(Value::Null);
        // Groq says in its own place why it stopped early.
        let errors = [chunk.get("error"), chunk.get("x_groq").get("error")];
        if event.is_error || errors.into_iter().any(is_error) {
            let chunk = serde_json::Value::from(&chunk);
            return Err(ModelError::retry(
                self.failures.with_message("error in the stream", &chunk),
            ));
        }
        if !chunk.is_object() {
            return Err(ModelError::retry(
                "the stream holds something else than an answer",
            ));
        }
        // Groq has its own place for it.
        let counted = [chunk.get("usage"), chunk.get("x_groq").get("usage")];
        if let Some(usage) = counted.into_iter().find_map(usage) {
            self.usage = Some(usage);
        }
        if self.choice(chunk.get("choices").get(0), deltas)? {
            self.has_begun = true;
            deltas.alive();
        }
        Ok(())
    }

    fn stage(&self) -> Stage {
        match self.until {
            _ if self.is_done => Stage::Done,
            Some(until) => Stage::Ending(until),
            None if self.has_begun => Stage::Begun,
            None => Stage::Awaited,
        }
    }
}

impl Reading<'_> {
    /// Whether the choice says anything.
    fn choice(&mut self, choice: &Value<'_>, deltas: &mut dyn Deltas) -> Result<bool, ModelError> {
        let delta = choice.get("delta");
        let mut says =
            is_thought(delta.get("reasoning_content")) || is_thought(delta.get("reasoning"));
        match delta.get("content") {
            Value::Str(words) => says |= self.words(words, deltas),
            // Mistral's thinking models send typed pieces.
            Value::Array(pieces) => {
                for piece in pieces {
                    match piece.get("text").as_str() {
                        Some(words) => says |= self.words(words, deltas),
                        None => says |= !piece.get("thinking").is_null(),
                    }
                }
            }
            _ => {}
        }
        says |= self.calls.take(delta.get("tool_calls"))?;
        // Some servers write an empty one as long as there is none.
        let reason = choice.get("finish_reason").as_str();
        if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
            self.stop = Some(StopReason::from(reason.to_owned()));
            says = true;
        }
        // One that has more to say after all is waited for anew.
        if says && self.stop.is_some() {
            self.until = Some(Instant::now() + MODEL_AFTER_END);
        }
        Ok(says)
    }

    fn words(&mut self, words: &str, deltas: &mut dyn Deltas) -> bool {
        if let Some(piece) = self.text.push(words) {
            deltas.text(piece);
        }
        !words.is_empty()
    }

    fn finish(self, prompt: &Prompt<'_>) -> Result<Answer, ModelError> {
        if !self.is_done && self.stop.is_none() {
            return Err(ModelError::retry("the answer was cut off"));
        }
        let parts = Parts {
            text: self.text,
            stop: self.stop,
            usage: self.usage,
            calls: self.calls.finish()?,
        };
        parts.into_answer(prompt)
    }
}

/// Some servers write an empty one into every chunk.
fn is_error(value: &Value<'_>) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Str(text) => !text.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

fn is_thought(value: &Value<'_>) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

/// The count of an answer's tokens, where there is one. Some servers send a running one with every chunk.
fn usage(value: &Value<'_>) -> Option<Usage> {
    let count = |name: &str| Some(value.get(name).as_u64()?.min(MOST_TOKENS));
    let (input, output) = (count("prompt_tokens"), count("completion_tokens"));
    (input.is_some() || output.is_some()).then(|| Usage {
        input_tokens: input.unwrap_or(0),
        output_tokens: output.unwrap_or(0),
    })
}
