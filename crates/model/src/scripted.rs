use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use deskhand_domain::prompt::{Answer, Prompt, ToolCall};
use serde_json::Value;

use crate::{Deltas, LARGEST_WINDOW_TOKENS, Model, ModelError};

/// A model that says what a test told it to, in order, and remembers what it was shown.
#[derive(Debug, Default)]
pub struct Scripted {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    answers: VecDeque<Result<Answer, ModelError>>,
    prompts: Vec<Prompt<'static>>,
    calls_made: usize,
}

impl Scripted {
    /// Nothing to say yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Queues a plain reply.
    pub fn says(&self, text: &str) -> &Self {
        self.answers(Ok(Answer {
            text: text.to_owned(),
            ..Answer::default()
        }))
    }

    /// Queues one call.
    pub fn calls(&self, name: &str, arguments: &Value) -> &Self {
        self.calls_all(&[(name, arguments.to_string().as_str())])
    }

    /// Queues several calls in one answer: names, and arguments as text, which need not be JSON.
    pub fn calls_all(&self, calls: &[(&str, &str)]) -> &Self {
        let calls = {
            let mut inner = self.lock();
            calls
                .iter()
                .map(|(name, arguments)| {
                    inner.calls_made += 1;
                    ToolCall {
                        id: format!("call_{}", inner.calls_made),
                        name: (*name).to_owned(),
                        arguments: (*arguments).to_owned(),
                    }
                })
                .collect()
        };
        self.answers(Ok(Answer {
            calls,
            ..Answer::default()
        }))
    }

    /// Queues a failure.
    pub fn fails(&self, error: ModelError) -> &Self {
        self.answers(Err(error))
    }

    /// Queues any outcome.
    pub fn answers(&self, answer: Result<Answer, ModelError>) -> &Self {
        self.lock().answers.push_back(answer);
        self
    }

    /// What it was shown so far, oldest first.
    pub fn prompts(&self) -> Vec<Prompt<'static>> {
        self.lock().prompts.clone()
    }

    /// How many outcomes are still queued.
    pub fn left(&self) -> usize {
        self.lock().answers.len()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Model for Scripted {
    /// The next queued outcome; an empty queue gives up, so that a test ends with a clear failure.
    async fn answer(
        &self,
        prompt: &Prompt<'_>,
        deltas: &mut dyn Deltas,
    ) -> Result<Answer, ModelError> {
        let next = {
            let mut inner = self.lock();
            inner.prompts.push(prompt.clone().into_owned());
            inner.answers.pop_front()
        };
        let answer = next.unwrap_or_else(|| {
            Err(ModelError::give_up(
                "the scripted model has nothing left to say",
            ))
        })?;
        deltas.alive();
        if !answer.text.is_empty() {
            deltas.text(&answer.text);
        }
        Ok(answer)
    }

    fn window_tokens(&self) -> usize {
        LARGEST_WINDOW_TOKENS
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::NoDeltas;

    #[tokio::test]
    async fn says_its_lines_in_order_and_remembers_the_prompts() {
        let model = Scripted::new();
        model
            .calls("check", &json!({"n": 1}))
            .fails(ModelError::retry("503"))
            .says("Done.");
        let prompt = Prompt {
            instructions: "Be brief.".to_owned(),
            ..Prompt::default()
        };
        let first = model.answer(&prompt, &mut NoDeltas).await.unwrap();
        assert_eq!(first.calls[0].id, "call_1");
        assert_eq!(first.calls[0].arguments, r#"{"n":1}"#);
        assert_eq!(
            model.answer(&prompt, &mut NoDeltas).await,
            Err(ModelError::retry("503"))
        );
        assert_eq!(
            model.answer(&prompt, &mut NoDeltas).await.unwrap().text,
            "Done."
        );
        assert_eq!(model.prompts().len(), 3);
        assert_eq!(model.left(), 0);
        assert!(matches!(
            model.answer(&prompt, &mut NoDeltas).await,
            Err(ModelError::GiveUp { .. })
        ));
    }
}
