//! `/v1/invocations`: what was run, what was sent, what came back.

pub(crate) mod list;
pub(crate) mod settle;
pub(crate) mod show;

use deskhand_domain::id::{AgentId, ConversationId};
use deskhand_domain::invocation::{Attempt, FailureCode, Invocation, InvocationStatus};
use deskhand_domain::schema::Moment;
use deskhand_service::{InvocationView, Settle};
use serde::Serialize;

use crate::list::Listing;
use crate::openapi::{Api, action_name, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/invocations",
        list::handle,
        operation("list_invocations", "List invocations")
            .says(
                "`q`, `slower_than_ms` and `host` look through the newest 20,000 that the other \
                 filters leave, from `cursor` on.",
            )
            .filter::<AgentId>("agent_id", "Only this agent's.")
            .filter::<ConversationId>("conversation_id", "Only this conversation's.")
            .filter_as(
                "action",
                "Only of the action of this name, or with this id, `act_…`.",
                action_name,
            )
            .filter::<InvocationStatus>("status", "Only those that stand so.")
            .filter::<FailureCode>("failure_code", "Only those that failed so.")
            .filter::<Moment>("from", "Only those made at this moment or later.")
            .filter::<Moment>("to", "Only those made before this moment.")
            .filter::<bool>("test", "Only trials, or none of them.")
            .filter::<String>(
                "q",
                "Only those with this text in the action's name, the parameters or the error, or \
                 with this id.",
            )
            .filter::<u64>("slower_than_ms", "Only those that took longer than this.")
            .filter::<String>(
                "host",
                "Only those to this host, as in `endpoints` of the statistics.",
            )
            .answers::<Listing<Invocation>>(200, "Invocations, newest first."),
    )
    .get(
        "/v1/invocations/{id}",
        show::handle,
        operation("get_invocation", "Read an invocation")
            .answers::<WithAttempts>(200, "The invocation with every request made for it."),
    )
    .post(
        "/v1/invocations/{id}/settle",
        settle::handle,
        operation("settle_invocation", "Settle an invocation that is unknown")
            .says(
                "By what you have found out in your own system. The customer gets a message that \
                 says what became of it, and the same call can be made again in the conversation. \
                 Those that wait for it: `GET /v1/invocations?status=unknown`.",
            )
            .takes::<Settle>()
            .answers::<Invocation>(200, "The invocation as it stands now.")
            .fails_with(&["invocation_not_unknown", "invalid_fields"]),
    )
}

/// An invocation with every request made for it.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "InvocationWithAttempts")]
pub(crate) struct WithAttempts {
    #[serde(flatten)]
    invocation: Invocation,
    /// In order.
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
