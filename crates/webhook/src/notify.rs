//! One attempt to deliver an event: guarded, signed, redacted and capped like a call's.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use deskhand_domain::id::{EventId, WorkspaceId};
use deskhand_domain::invocation::{Attempt, Failure};
use tokio::time::Instant;

use crate::client::{Client, Gate, GateClosed};
use crate::outcome::{Answer, Happened, Nature, judge};
use crate::outgoing::Outgoing;
use crate::retry::retry_after;
use crate::sign::SigningSecret;

/// An event to be posted to an endpoint, once. Its `Debug` shows which event it is, not what it says.
#[derive(Clone)]
pub struct Notification {
    /// The tenant; connections are never shared between two.
    pub workspace_id: WorkspaceId,
    /// Also the `webhook-id`.
    pub event_id: EventId,
    /// The endpoint's URL, judged anew.
    pub url: String,
    /// The exact body.
    pub body: Bytes,
    /// Every secret that is alive; each signs.
    pub signing_secrets: Vec<SigningSecret>,
    /// Bounds everything.
    pub timeout: Duration,
    /// Which attempt of its delivery this is; 1 for the first.
    pub number: u32,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct NotifyReport {
    /// The attempt, with a failure unless the endpoint has taken the event.
    pub attempt: Attempt,
    /// How long the endpoint asked to be left alone.
    pub retry_after: Option<Duration>,
}

/// Whether to send has been decided, and committed, by whoever claimed the delivery; sent twice is no
/// harm.
struct Decided;

#[async_trait]
impl Gate for Decided {
    async fn before_first_byte(&self, _attempt: u32) -> Result<(), GateClosed> {
        Ok(())
    }
}

impl Client {
    /// Posts an event. Any answer of 2xx means that the endpoint has taken it.
    pub async fn notify(&self, event: &Notification) -> NotifyReport {
        let deadline = Instant::now() + event.timeout;
        let outgoing = Outgoing::Event(event);
        let finished = self
            .attempt(outgoing, event.number, deadline, &Decided)
            .await;
        let failure = failure(&finished.happened);
        let asked = finished.header("retry-after");
        let retry_after = asked
            .filter(|_| failure.is_some())
            .and_then(|value| retry_after(value, self.clock.now()));
        NotifyReport {
            attempt: finished.record(failure, &outgoing.redactor()),
            retry_after,
        }
    }
}

/// What is wrong with an attempt; `None` if the endpoint has taken the event. Nobody reads what it
/// answered, so that may be anything.
fn failure(happened: &Happened) -> Option<Failure> {
    match happened {
        Happened::Answered(Answer {
            status: 200..=299, ..
        })
        | Happened::TooLarge(Some(200..=299)) => None,
        _ => judge(happened, Nature::Read).outcome.failure,
    }
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("workspace_id", &self.workspace_id)
            .field("event_id", &self.event_id)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
