//! Work done under the claim of an idempotency key: the first thing that it stores says so in its own
//! transaction, so that after a crash it is known whether the work may be done again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use deskhand_domain::id::WorkspaceId;

use crate::row::Conn;
use crate::{ClaimId, Result, idempotency};

tokio::task_local! {
    static UNDER: Under;
}

/// The claim that a task works under.
#[derive(Clone)]
pub(crate) struct Under {
    workspace: WorkspaceId,
    claim: ClaimId,
    /// What says so is committed.
    noted: Arc<AtomicBool>,
}

/// Does work under a claim, in this task. Whatever it stores, in whichever table, is stored together
/// with the note that the claim's work has been done: a node that dies then leaves [`Claimed::Lost`]
/// behind, and nobody does the work again.
///
/// [`Claimed::Lost`]: crate::Claimed::Lost
pub async fn under_claim<F: Future>(workspace: WorkspaceId, claim: ClaimId, work: F) -> F::Output {
    let under = Under {
        workspace,
        claim,
        noted: Arc::default(),
    };
    UNDER.scope(under, work).await
}

impl Under {
    /// The claim of this task, if its note is still to be made.
    pub(crate) fn current() -> Option<Self> {
        let under = UNDER.try_with(Self::clone).ok()?;
        (!under.noted.load(Ordering::Relaxed)).then_some(under)
    }

    /// Makes the note.
    pub(crate) fn note(&self, conn: &mut Conn) -> Result<()> {
        idempotency::note_worked(conn, self.workspace, &self.claim)
    }

    /// The transaction that holds the note is committed.
    pub(crate) fn committed(&self) {
        self.noted.store(true, Ordering::Relaxed);
    }
}
