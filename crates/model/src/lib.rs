//! Language models: what the service asks of one ([`Model`]), the providers behind it, the built-in
//! one, and a scripted one for tests.
//!
//! This crate knows nothing of stores, webhooks or HTTP statuses of our own API, and never reads the
//! environment: keys and addresses come from the caller.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod builtin;
mod ids;
mod provider;
mod registry;
mod retry;
mod scripted;
mod window;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use deskhand_domain::prompt::{Answer, Prompt};

pub use provider::known as providers;
pub use registry::{BUILTIN, ModelName, Models, ModelsConfig, RegistryError};
pub use retry::answer_with_retries;
pub use scripted::Scripted;
pub use window::{BYTES_PER_TOKEN, LARGEST_WINDOW_TOKENS, UNKNOWN_WINDOW_TOKENS, fit, json_bytes};

/// Answers a prompt. One value serves many conversations at once.
#[async_trait]
pub trait Model: Send + Sync + Debug {
    /// One try at one answer.
    ///
    /// Pieces of text go to `deltas` as they arrive. They are a preview: only the returned answer
    /// counts, and after an error nothing of what was shown does. The ids of the calls in it are
    /// unique among themselves and among those in the prompt.
    async fn answer(
        &self,
        prompt: &Prompt<'_>,
        deltas: &mut dyn Deltas,
    ) -> Result<Answer, ModelError>;

    /// How much it reads at once, prompt and answer together, in tokens. See [`fit`].
    fn window_tokens(&self) -> usize {
        UNKNOWN_WINDOW_TOKENS
    }
}

/// Where an answer's text goes while it is being written.
pub trait Deltas: Send {
    /// The next piece of text.
    fn text(&mut self, piece: &str);

    /// The pieces so far belonged to a try that failed: forget them.
    fn reset(&mut self);

    /// The model has begun to answer, be it with text, a call or a thought. May come many times.
    fn alive(&mut self) {}
}

/// For callers that only want the whole answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoDeltas;

impl Deltas for NoDeltas {
    fn text(&mut self, _piece: &str) {}
    fn reset(&mut self) {}
}

/// Why there is no answer, named by what the caller does next.
///
/// `detail` is for the operator: a status and a few words of the provider. It never holds the
/// conversation or the API key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// Another try may work: 408, 429, 5xx, no connection, a cut or silent stream, an empty answer.
    #[error("model provider: {detail}")]
    Retry {
        /// How long the provider asks to be left alone.
        after: Option<Duration>,
        /// For the operator.
        detail: String,
    },
    /// No other try will work: a wrong key, model or request.
    #[error("model provider refuses: {detail}")]
    GiveUp {
        /// For the operator.
        detail: String,
    },
}

impl ModelError {
    /// Worth another try, any time.
    pub fn retry(detail: impl Into<String>) -> Self {
        Self::Retry {
            after: None,
            detail: detail.into(),
        }
    }

    /// Not worth another try.
    pub fn give_up(detail: impl Into<String>) -> Self {
        Self::GiveUp {
            detail: detail.into(),
        }
    }

    /// What happened, for the operator.
    pub fn detail(&self) -> &str {
        match self {
            Self::Retry { detail, .. } | Self::GiveUp { detail } => detail,
        }
    }
}
