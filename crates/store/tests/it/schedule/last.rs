//! The end of a schedule: all is mended, and what was begun has to end.

use std::collections::HashMap;

use deskhand_domain::event::{DeliveryStatus, EventType};
use deskhand_domain::invocation::InvocationStatus;
use deskhand_store::{Claimed, Page};
use jiff::SignedDuration;

use super::Sim;

impl Sim {
    pub async fn mend_and_end(&mut self) {
        self.mended = true;
        self.note("all is mended".to_owned());
        for node in &mut self.nodes {
            (node.cut, node.asleep, node.skew) = (false, false, 0);
        }
        let mut rounds = 0;
        while self.is_anything_under_way().await {
            rounds += 1;
            assert!(rounds < 100, "something does not end");
            self.ms += 5_000;
            for node in 0..self.nodes.len() {
                self.renew(node).await;
                self.recover(node).await;
                self.check().await;
                while !self.nodes[node].drivers.is_empty() {
                    self.drive(node).await;
                    self.check().await;
                }
            }
        }
        // Leases that were given by clocks far ahead have to end, too, and with them claims.
        self.ms += 600_000;
        self.recover(0).await;
        self.check_keys().await;
        // What nobody has reported on.
        self.ms += 25 * 3_600_000;
        self.expire().await;
        let mut rounds = 0;
        while self.are_deliveries_pending().await {
            rounds += 1;
            assert!(rounds < 100, "deliveries do not end");
            self.ms += 12 * 3_600_000;
            self.claim_deliveries(0).await;
            while self.posts() > 0 {
                self.deliver(0).await;
            }
        }
    }

    async fn expire(&mut self) {
        let now = self.now(0);
        while !self.w.store.overdue(now, 50).await.unwrap().is_empty() {
            self.report(0).await;
        }
    }

    /// Turns that run, and calls that are neither made nor given up.
    async fn is_anything_under_way(&self) -> bool {
        for conversation in &self.rules.conversations {
            let newest = self.w.store.turns(self.w.ws, conversation.id, 1_000).await;
            if newest
                .unwrap()
                .iter()
                .any(|turn| turn.finished_at.is_none())
            {
                return true;
            }
        }
        for id in self.rules.calls.keys() {
            let status = self.stored(*id).await.status;
            if matches!(
                status,
                InvocationStatus::Intended | InvocationStatus::Sending
            ) {
                return true;
            }
        }
        self.nodes.iter().any(|node| !node.drivers.is_empty())
    }

    async fn are_deliveries_pending(&self) -> bool {
        let pending = Some(DeliveryStatus::Pending);
        let page = Page {
            limit: 1,
            before: None,
        };
        let (store, endpoint) = (&self.w.store, self.aside.endpoint);
        let listed = store.deliveries(self.w.ws, endpoint, pending, page).await;
        !listed.unwrap().rows.is_empty()
    }

    pub async fn check_the_end(&mut self) {
        self.check_calls().await;
        self.check_events().await;
    }

    /// Each call stands where it was last said to; where nobody could say, it is `unknown`.
    async fn check_calls(&mut self) {
        for id in self.rules.calls.keys().copied().collect::<Vec<_>>() {
            let stored = self.stored(id).await;
            let kind = &self.rules.kinds[self.rules.call_kinds[&id]];
            match (self.rules.outcomes.get(&id), self.rules.requests.get(&id)) {
                (Some(said), _) => assert_eq!(stored.status, *said, "{stored:#?}"),
                (None, Some(_)) if kind.reads => {
                    assert_eq!(stored.status, InvocationStatus::Failed, "{stored:#?}");
                }
                (None, Some(_)) => {
                    assert_eq!(stored.status, InvocationStatus::Unknown, "{stored:#?}");
                }
                (None, None) => assert!(
                    matches!(
                        stored.status,
                        InvocationStatus::Failed | InvocationStatus::Unknown
                    ),
                    "{stored:#?}"
                ),
            }
        }
    }

    /// No key is in use for ever.
    async fn check_keys(&mut self) {
        for (key, _) in self.rules.asked.clone() {
            let mut claim = self.w.claim_key(&key, 1);
            claim.now = self.now(0);
            claim.keep_until = claim.now + SignedDuration::from_hours(24);
            let claimed = self.w.store.claim(&claim).await.unwrap();
            self.rules.claimed(&key, &claimed);
            assert!(
                !matches!(claimed, Claimed::Running(_)),
                "{key} is still in use"
            );
        }
    }

    /// Each message and each end of a call is told once: however often it was delivered, as one event.
    async fn check_events(&mut self) {
        let page = Page {
            limit: 5_000,
            before: None,
        };
        let store = &self.w.store;
        let deliveries = store
            .deliveries(self.w.ws, self.aside.endpoint, None, page)
            .await;
        let deliveries = deliveries.unwrap().rows;
        for one in &deliveries {
            assert_ne!(one.status, DeliveryStatus::Pending);
            let counted = self.aside.counted.get(&one.id).copied().unwrap_or(0);
            assert_eq!(one.attempts_made, counted, "{one:#?}");
            let told = self.aside.told.contains_key(&one.event_id.to_string());
            assert!(told || one.status == DeliveryStatus::Failed, "{one:#?}");
        }
        let mut said = HashMap::<String, u32>::new();
        for (kind, body) in self.aside.told.values() {
            let data = &body["data"];
            let about = match kind {
                EventType::ConversationMessage => &data["message"]["id"],
                EventType::ConversationStarted => &data["conversation"]["id"],
                _ => &data["invocation"]["id"],
            };
            let about = about.as_str().unwrap();
            *said.entry(format!("{kind} {about}")).or_default() += 1;
        }
        for (what, times) in &said {
            assert_eq!(*times, 1, "{what} was told in {times} events");
        }
        for conversation in &self.rules.conversations {
            let turns = store.past_turns(self.w.ws, conversation.id, 1_000).await;
            for message in turns.unwrap().iter().flat_map(|turn| turn.said()) {
                let told = format!("conversation.message {}", message.id);
                assert!(
                    said.contains_key(&told),
                    "nobody was told of {}",
                    message.id
                );
            }
        }
        for id in self.rules.calls.keys() {
            let status = self.stored(*id).await.status;
            let told = format!("invocation.{status} {id}");
            assert!(
                said.contains_key(&told),
                "nobody was told that {id} is {status}"
            );
        }
    }
}
