//! The model that ships inside (PRODUCT §9): no key, no download, the same answer every time.

use async_trait::async_trait;
use deskhand_domain::prompt::{Answer, Prompt};

use crate::{Deltas, Model, ModelError};

/// Knows no more than the prompt.
#[derive(Debug, Clone, Copy, Default)]
pub struct Builtin;

#[async_trait]
impl Model for Builtin {
    async fn answer(
        &self,
        _prompt: &Prompt,
        deltas: &mut dyn Deltas,
    ) -> Result<Answer, ModelError> {
        let text = "I'm sorry, I can't help with that here.".to_owned();
        deltas.text(&text);
        Ok(Answer {
            text,
            ..Answer::default()
        })
    }
}
