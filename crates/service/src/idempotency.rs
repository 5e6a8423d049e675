//! Work that a client may ask for again without its being done again: what an Idempotency-Key stands
//! for, and for how long.

use deskhand_domain::crash;
use deskhand_domain::id::{ConversationId, TurnId, WorkspaceId};
use deskhand_store::{ClaimId, ClaimKey, Claimed, StoreError, StoredAnswer};
use jiff::SignedDuration;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use crate::{ChatAnswer, Result, Service};

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Times the storing of an answer is tried. A claim that stays open refuses retries until the next
/// start, which is safe but of no use to the client.
const TRIES: usize = 3;

impl Service {
    /// Claims a client's key for a body on a route, or says what it stands for already.
    pub async fn claim(
        &self,
        workspace_id: WorkspaceId,
        route: String,
        key: String,
        mut body: Value,
    ) -> Result<Claimed> {
        // Clients that retry may order fields anew.
        body.sort_all_objects();
        let now = self.now();
        let claim = ClaimKey {
            owner: self.node(),
            workspace_id,
            route,
            key,
            body_hash: Sha256::digest(body.to_string().as_bytes()).into(),
            now,
            keep_until: now.checked_add(KEPT).unwrap_or(now),
        };
        let claimed = self.store().claim(&claim).await?;
        crash::point(crash::CLAIM_MADE);
        Ok(claimed)
    }

    /// Ends a claim: keeps its answer, or gives the key back where there is none to keep. A claim that
    /// cannot be ended stays closed to retries, and the log says so.
    pub async fn end_claim(
        &self,
        workspace: WorkspaceId,
        claim: &ClaimId,
        answer: Option<&StoredAnswer>,
    ) {
        let now = self.now();
        let keep_until = now.checked_add(KEPT).unwrap_or(now);
        crash::point(crash::CLAIM_SETTLING);
        for attempt in 1..=TRIES {
            let ended = match answer {
                Some(answer) => {
                    self.store()
                        .settle_claim(workspace, claim, answer, keep_until)
                        .await
                }
                None => self.store().release_claim(workspace, claim).await,
            };
            match ended {
                Ok(()) => {
                    crash::point(crash::CLAIM_SETTLED);
                    return;
                }
                // The turn that it began has changed hands, and it stands for what that leaves.
                Err(StoreError::ClaimLost) => return,
                Err(error) => {
                    tracing::error!(%error, attempt, "the answer to an idempotency key was not stored");
                }
            }
        }
    }

    /// The answer of a turn that has ended; `None` while it runs.
    pub async fn answer_of_turn(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        turn: TurnId,
    ) -> Result<Option<ChatAnswer>> {
        let all = u32::MAX;
        let records = self.store().turns(workspace, conversation, all).await?;
        let Some(record) = records.into_iter().find(|record| record.id == turn) else {
            return Ok(None);
        };
        let past = self
            .store()
            .past_turns(workspace, conversation, all)
            .await?;
        self.answer_of(workspace, &record, &past).await
    }

    /// Starts work that goes on when its client hangs up, and that the server waits for when it stops.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.inner.turns.spawn(work)
    }
}
