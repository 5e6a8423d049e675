//! Work that a client may ask for again without its being done again: what an Idempotency-Key stands
//! for, and for how long.

use std::sync::{Mutex, MutexGuard, PoisonError};

use deskhand_domain::crash;
use deskhand_domain::id::{TurnId, WorkspaceId};
use deskhand_store::{ClaimId, ClaimKey, Claimed, StoreError, StoredAnswer, WholeTurn};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use crate::{ChatAnswer, Result, Service};

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// Ends of claims that could not be stored yet. Until they are, retries are refused, which is safe but
/// of no use to the client.
#[derive(Debug, Default)]
pub(crate) struct ClaimsOwed(Mutex<Vec<Owed>>);

#[derive(Debug, Clone)]
struct Owed {
    workspace: WorkspaceId,
    claim: ClaimId,
    /// Without one, the key is given back.
    answer: Option<StoredAnswer>,
    keep_until: Timestamp,
}

impl ClaimsOwed {
    fn lock(&self) -> MutexGuard<'_, Vec<Owed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
            id: ClaimId::new(self.entropy()),
            owner: self.node(),
            workspace_id,
            route,
            key,
            body_hash: Sha256::digest(body.to_string().as_bytes()).into(),
            now,
            keep_until: now.checked_add(KEPT).unwrap_or(now),
        };
        let claimed = match self.store().claim(&claim).await {
            Ok(claimed) => claimed,
            Err(error) => {
                // It may have been made all the same, and nobody will do the work.
                self.inner.claims_owed.lock().push(Owed {
                    workspace: workspace_id,
                    claim: claim.id,
                    answer: None,
                    keep_until: claim.keep_until,
                });
                return Err(error.into());
            }
        };
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
    /// database fails it is done later, which the client need not wait for, and until then the claim is
    /// closed to retries.
    pub async fn end_claim(
        &self,
        workspace: WorkspaceId,
        claim: &ClaimId,
        answer: Option<&StoredAnswer>,
    ) {
        let now = self.now();
        let owed = Owed {
            workspace,
            claim: claim.clone(),
            answer: answer.cloned(),
            keep_until: now.checked_add(KEPT).unwrap_or(now),
        };
        crash::point(crash::CLAIM_SETTLING);
        match self.end_owed(&owed).await {
            Ok(()) => crash::point(crash::CLAIM_SETTLED),
            Err(error) => {
                tracing::error!(%error, "the answer to an idempotency key was not stored; it is tried again");
                self.inner.claims_owed.lock().push(owed);
            }
        }
    }

    async fn end_owed(&self, owed: &Owed) -> deskhand_store::Result<()> {
        let (workspace, claim) = (owed.workspace, &owed.claim);
        let ended = match &owed.answer {
            Some(answer) => {
                let until = owed.keep_until;
                self.store()
                    .settle_claim(workspace, claim, answer, until)
                    .await
            }
            None => self.store().release_claim(workspace, claim).await,
        };
        match ended {
            // The turn that it began has changed hands, and it stands for what that leaves.
            Err(StoreError::ClaimLost) => Ok(()),
            ended => ended,
        }
    }

    /// Ends the claims that could not be ended when their work was done.
    pub(crate) async fn end_claims_owed(&self) {
        let owed = std::mem::take(&mut *self.inner.claims_owed.lock());
        for one in owed {
            if let Err(error) = self.end_owed(&one).await {
                tracing::error!(%error, "the end of an idempotency key is still not stored");
                self.inner.claims_owed.lock().push(one);
            }
        }
    }

    /// The answer of a turn that has ended; `None` while it runs, and where there is none.
    pub async fn answer_of_turn(
        &self,
        workspace: WorkspaceId,
        turn: TurnId,
    ) -> Result<Option<ChatAnswer>> {
        match self.store().turn(workspace, turn).await {
            Ok(WholeTurn { record, past }) => self.answer_of(workspace, &record, &[past]).await,
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Starts work that goes on when its client hangs up, and that the server waits for when it stops.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        // A task's future is moved some times before it begins and when it has ended, and these are large.
        self.inner.turns.spawn(Box::pin(work))
    }
}
