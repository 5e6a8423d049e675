//! `/v1/invocations`: what was run, what was sent, what came back.

pub(crate) mod list;
pub(crate) mod show;

use deskhand_domain::invocation::{Attempt, Invocation};
use deskhand_service::InvocationView;
use serde::Serialize;

/// An invocation with every request made for it.
#[derive(Serialize)]
pub(crate) struct WithAttempts {
    #[serde(flatten)]
    invocation: Invocation,
    attempts: Vec<Attempt>,
}

impl From<InvocationView> for WithAttempts {
    fn from(view: InvocationView) -> Self {
        Self {
            invocation: view.invocation,
            attempts: view.attempts,
        }
    }
}
