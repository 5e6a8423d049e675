//! What a node that has gone leaves behind, and who goes on with it.

use deskhand_domain::id::MessageId;
use deskhand_domain::wording;
use deskhand_store::{AbandonTurn, Replies, StoreError, TakenTurn};
use jiff::{SignedDuration, Timestamp};

use crate::{Result, Service};

/// How long a lease lasts; it is renewed four times within.
const LEASE: SignedDuration = SignedDuration::from_secs(20);
/// Most turns taken over in one round.
const TURNS_A_ROUND: u32 = 64;

impl Service {
    /// Begins: gives this node its lease, and takes over what an earlier run left behind. Called once,
    /// before requests are taken.
    pub async fn recover(&self) -> Result<()> {
        let now = self.now();
        self.store().join(self.node(), now, lease_end(now)).await?;
        while self.recovery_round().await? > 0 {}
        Ok(())
    }

    /// Prolongs this node's lease.
    pub(crate) async fn renew_lease(&self) -> Result<()> {
        let now = self.now();
        let until = lease_end(now);
        Ok(self.store().renew_lease(self.node(), now, until).await?)
    }

    /// Takes over what nodes have left behind that are gone. Returns how many turns.
    pub async fn recovery_round(&self) -> Result<usize> {
        let now = self.now();
        let store = self.store();
        let taken = store.take_over(self.node(), now, TURNS_A_ROUND).await?;
        if taken.settled > 0 {
            tracing::warn!(calls = taken.settled, "settled calls left in flight");
        }
        for turn in &taken.turns {
            self.abandon(turn).await?;
        }
        Ok(taken.turns.len())
    }

    /// Ends a turn that nobody can go on with, with an honest reply.
    async fn abandon(&self, turn: &TakenTurn) -> Result<()> {
        let now = self.now();
        let contact = None;
        let abandon = AbandonTurn {
            turn: turn.clone(),
            owner: self.node(),
            replies: Replies {
                apology: wording::FALLBACK_MESSAGE.to_owned(),
                uncertain: format!(
                    "{} {}",
                    wording::UNKNOWN,
                    wording::way_on_if_uncertain(contact)
                ),
            },
            reply_id: MessageId::new(now, self.entropy()),
            detail: "the server stopped while the turn was running".to_owned(),
            at: now,
        };
        match self.store().abandon_turn(&abandon).await {
            // It has ended, or somebody else has it.
            Ok(()) | Err(StoreError::Conflict(_) | StoreError::NotOwner) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn lease_end(now: Timestamp) -> Timestamp {
    now.checked_add(LEASE).unwrap_or(now)
}
