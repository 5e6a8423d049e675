//! Work that a client may ask for again without its being done again: what an Idempotency-Key stands
//! for, and for how long.

use std::time::Duration;

use deskhand_domain::crash;
use deskhand_domain::id::{ConversationId, TurnId, WorkspaceId};
use deskhand_store::{ClaimId, ClaimKey, Claimed, StoreError, StoredAnswer};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use crate::{ChatAnswer, Result, Service};

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The wait before an answer is stored that could not be stored at once; it doubles with each try. Until
/// then the claim stays open, which refuses retries: that is safe, but of no use to the client.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

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

    /// Does work under a claim: once it has stored anything, it is not done again, whatever happens to
    /// this server.
    pub async fn under_claim<F: Future>(
        &self,
        workspace: WorkspaceId,
        claim: &ClaimId,
        work: F,
    ) -> F::Output {
        deskhand_store::under_claim(workspace, claim.clone(), work).await
    }

    /// Ends a claim: keeps its answer, or gives the key back where there is none to keep. Where the
    /// database fails, that is done as soon as it is well again; the client need not wait for it.
    pub async fn end_claim(
        &self,
        workspace: WorkspaceId,
        claim: &ClaimId,
        answer: Option<&StoredAnswer>,
    ) {
        let now = self.now();
        let keep_until = now.checked_add(KEPT).unwrap_or(now);
        crash::point(crash::CLAIM_SETTLING);
        if let Err(error) = self.try_to_end(workspace, claim, answer, keep_until).await {
            tracing::error!(%error, "the answer to an idempotency key was not stored; it is tried again");
            let (service, claim, answer) = (self.clone(), claim.clone(), answer.cloned());
            tokio::spawn(async move {
                let stopped = service.inner.ended.clone();
                let end = service.end_later(workspace, &claim, answer.as_ref(), keep_until);
                tokio::select! {
                    () = stopped.cancelled() => {}
                    () = end => {}
                }
            });
        }
    }

    async fn end_later(
        &self,
        workspace: WorkspaceId,
        claim: &ClaimId,
        answer: Option<&StoredAnswer>,
        keep_until: Timestamp,
    ) {
        let mut wait = FIRST_WAIT;
        loop {
            tokio::time::sleep(wait).await;
            match self.try_to_end(workspace, claim, answer, keep_until).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(%error, "the answer to an idempotency key is still not stored")
                }
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    async fn try_to_end(
        &self,
        workspace: WorkspaceId,
        claim: &ClaimId,
        answer: Option<&StoredAnswer>,
        keep_until: Timestamp,
    ) -> std::result::Result<(), StoreError> {
        let store = self.store();
        let ended = match answer {
            Some(answer) => {
                store
                    .settle_claim(workspace, claim, answer, keep_until)
                    .await
            }
            None => store.release_claim(workspace, claim).await,
        };
        match ended {
            Ok(()) => crash::point(crash::CLAIM_SETTLED),
            // The turn that it began has changed hands, and it stands for what that leaves.
            Err(StoreError::ClaimLost) => {}
            Err(error) => return Err(error),
        }
        Ok(())
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
