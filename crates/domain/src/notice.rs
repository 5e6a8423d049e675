//! What the owner of a workspace should look at.

use jiff::Timestamp;
use serde::Serialize;

use crate::id::{ActionId, EndpointId};
use crate::text_enum::text_enum;

text_enum! {
    /// What a notice is about.
    NoticeCode {
        /// Calls of an action fail at once, because too many have failed.
        CircuitOpen = "circuit_open",
        /// An event endpoint gets nothing any more.
        EndpointDisabled = "endpoint_disabled",
        /// Invocations may or may not have happened, and nobody has said which.
        UnsettledInvocations = "unsettled_invocations",
        /// Customers wait for a person.
        HandoffWaiting = "handoff_waiting",
    }
}

/// Something that the owner should look at. It is gone when there is nothing to be seen to any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Notice {
    /// What it is about.
    pub code: NoticeCode,
    /// The same in words, with what to do.
    pub message: String,
    /// Since when, or since the first of several.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub since: Timestamp,
    /// Of how many things it speaks.
    pub count: u64,
    /// The action that it is about, if it is about one.
    pub action_id: Option<ActionId>,
    /// The event endpoint that it is about, if it is about one.
    pub endpoint_id: Option<EndpointId>,
}
