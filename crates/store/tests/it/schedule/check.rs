//! What must hold after every step.

use deskhand_domain::conversation::{Speaker, TurnStatus};
use deskhand_domain::invocation::{Invocation, InvocationStatus};
use deskhand_store::{InvocationFilter, Page};

use super::Sim;

impl Sim {
    pub async fn check(&mut self) {
        let page = Page {
            limit: 5_000,
            before: None,
        };
        let filter = InvocationFilter::default();
        let stored = self.w.store.invocations(self.w.ws, &filter, page).await;
        let stored = stored.unwrap().rows;
        assert_eq!(
            stored.len(),
            self.rules.calls.len(),
            "a committed intent is lost"
        );
        for now in stored {
            let before = self.rules.seen.insert(now.id, now.clone());
            let before = before.as_ref();
            assert!(may_follow(before, &now), "{before:#?} became {now:#?}");
            let requests = self.rules.requests.get(&now.id).copied().unwrap_or(0);
            let committed = self.rules.senders.contains_key(&now.id);
            // What has left is never said not to have, and what was never to leave is not uncertain.
            assert!(requests == 0 || !now.provably_unsent(), "{now:#?} was sent");
            assert!(
                committed || now.status != InvocationStatus::Unknown,
                "{now:#?} was provably not sent"
            );
        }
        for conversation in &self.rules.conversations {
            let turns = self
                .w
                .store
                .past_turns(self.w.ws, conversation.id, 1_000)
                .await;
            let records = self.w.store.turns(self.w.ws, conversation.id, 1_000).await;
            let running = |status: &TurnStatus| *status == TurnStatus::Running;
            let records = records.unwrap();
            let count = records.iter().filter(|turn| running(&turn.status)).count();
            assert!(count <= 1, "{count} turns run in {}", conversation.id);
            for (turn, record) in turns.unwrap().iter().zip(&records) {
                let replies = turn
                    .said()
                    .filter(|said| said.role != Speaker::Customer)
                    .count();
                let expected = usize::from(!running(&record.status));
                assert_eq!(replies, expected, "replies of {}", turn.id);
            }
        }
    }
}

/// Whether an invocation may come to stand so after it stood so.
fn may_follow(before: Option<&Invocation>, now: &Invocation) -> bool {
    use InvocationStatus::{
        Accepted, Completed, Declined, Expired, Failed, Intended, Sending, Succeeded, Unknown,
    };
    let Some(before) = before else {
        return matches!(now.status, Intended | Sending);
    };
    let of_its_own = &[Succeeded, Declined, Failed, Unknown, Accepted, Completed][..];
    let next = match before.status {
        Intended => &[Intended, Sending, Failed][..],
        Sending if now.status == Sending => &[Sending],
        Sending => of_its_own,
        Unknown => &[Unknown, Succeeded, Failed, Completed, Declined],
        Accepted => &[Accepted, Completed, Declined, Expired],
        // What has ended stands as it is, but for how long it took, if a report was quicker.
        _ => {
            let same = Invocation {
                duration_ms: now.duration_ms,
                ..before.clone()
            };
            return same == *now && (before.duration_ms.is_none() || before == now);
        }
    };
    next.contains(&now.status)
}
