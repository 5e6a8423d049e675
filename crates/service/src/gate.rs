//! What stands before the first byte of every request: the commit of `sending`.

use std::time::Duration;

use async_trait::async_trait;
use deskhand_domain::crash;
use deskhand_domain::invocation::{Attempt, Invocation};
use deskhand_store::Owner;
use deskhand_webhook::{Gate, GateClosed};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::Service;
use crate::trace::Tracer;

/// How long a first byte waits for a database that fails.
const GATE_PATIENCE: Duration = Duration::from_secs(5);

/// How long what was committed with the intent needs no second look. A server that stood still for longer
/// asks again: its lease may be over, and the call another's.
const FRESH: SignedDuration = SignedDuration::from_secs(5);

/// Commits `sending` before the first byte of each attempt.
pub struct CommitSending<'a> {
    pub service: &'a Service,
    pub owner: Owner,
    pub invocation: &'a Invocation,
    /// It was recorded as `sending` just now.
    pub committed: bool,
    pub trace: Option<&'a Tracer>,
}

impl CommitSending<'_> {
    fn is_fresh(&self, now: Timestamp) -> bool {
        let sent_at = self.invocation.sent_at;
        sent_at.is_some_and(|at| now.duration_since(at) < FRESH)
    }
}

#[async_trait]
impl Gate for CommitSending<'_> {
    async fn before_first_byte(&self, attempt: u32) -> Result<(), GateClosed> {
        let now = self.service.now();
        if attempt == 1 && self.committed && self.is_fresh(now) {
            return Ok(());
        }
        let (workspace, id) = (self.invocation.workspace_id, self.invocation.id);
        let (store, owner) = (self.service.store(), self.owner);
        let until = Instant::now() + GATE_PATIENCE;
        let marked = self
            .service
            .persist("`sending`", until, async |_| {
                store.mark_sending(workspace, id, owner, now).await
            })
            .await;
        match marked {
            Ok(true) => {
                crash::point(crash::SENDING_COMMITTED);
                self.service.tell_of_sending(self.invocation);
                Ok(())
            }
            Ok(false) => Err(GateClosed {
                reason: "the invocation was settled before it was sent, or is another server's now"
                    .to_owned(),
            }),
            Err(error) => Err(GateClosed {
                reason: format!("the intent could not be stored: {error}"),
            }),
        }
    }

    fn after_attempt(&self, attempt: &Attempt) {
        if let Some(trace) = self.trace {
            trace.attempted(self.invocation.id, attempt);
        }
    }
}
