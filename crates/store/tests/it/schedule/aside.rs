//! What goes on beside turns: reports, operators, expiry, deliveries of events, circuit breakers.

use std::collections::HashMap;

use deskhand_domain::circuit::{Change, Circuit, Probe};
use deskhand_domain::conversation::Speaker;
use deskhand_domain::event::{EventType, next_attempt};
use deskhand_domain::id::{DeliveryId, EndpointId, InvocationId, TurnId};
use deskhand_domain::invocation::{FailureCode, InvocationStatus, Outcome, Settler};
use deskhand_store::{
    CameTo, ClaimDeliveries, ClaimedDelivery, FinishDelivery, Say, SettleInvocation, Settled,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Sim;
use crate::world::*;

/// The longest that a probe may be waited for; beyond it a clock has been put back.
const LONGEST_PROBE: SignedDuration = SignedDuration::from_secs(140);
const CLAIM: SignedDuration = SignedDuration::from_secs(60);

/// What is known of it from outside.
pub struct Aside {
    /// Calls whose owner's system has begun work, and will report.
    pub started: Vec<InvocationId>,
    /// Tokens, as their hashes.
    pub urls: Vec<(InvocationId, [u8; 32])>,
    pub endpoint: EndpointId,
    /// Attempts under way: by the node of this name.
    posts: Vec<ClaimedDelivery>,
    /// The latest claim of each delivery, and until when it holds; and how many attempts counted.
    pub claims: HashMap<DeliveryId, (String, Timestamp)>,
    pub counted: HashMap<DeliveryId, u32>,
    /// What the endpoint has read, by event.
    pub told: HashMap<String, (EventType, serde_json::Value)>,
    circuit: Circuit,
    probes: Vec<InvocationId>,
}

impl Aside {
    pub async fn new(w: &World) -> Self {
        Self {
            started: Vec::new(),
            urls: Vec::new(),
            endpoint: crate::telling::listen(w, None).await,
            posts: Vec::new(),
            claims: HashMap::new(),
            counted: HashMap::new(),
            told: HashMap::new(),
            circuit: Circuit::default(),
            probes: Vec::new(),
        }
    }
}

impl Sim {
    /// Somebody says what has become of a call: the owner's system, an operator, or nobody in time.
    pub async fn report(&mut self, node: usize) {
        use InvocationStatus::{
            Accepted, Completed, Declined, Expired, Failed, Sending, Succeeded, Unknown,
        };
        let calls: Vec<_> = self.rules.requests.keys().copied().collect();
        let mut calls = calls;
        calls.sort_unstable();
        match self.dice.below(10) {
            0..6 if !self.aside.started.is_empty() => {
                let which = self.dice.below(self.aside.started.len());
                let id = self.aside.started[which];
                let (status, hash) =
                    self.dice
                        .one(&[(Completed, 1), (Completed, 1), (Declined, 2)]);
                let from = &[Sending, Accepted, Unknown];
                self.settle_call(node, id, from, status, Settler::Callback, Some([hash; 32]))
                    .await;
            }
            6 if !self.aside.urls.is_empty() => {
                let which = self.dice.below(self.aside.urls.len());
                let (id, hash) = self.aside.urls[which];
                let store = self.w.store.clone();
                let found = store.callback_by_hash(hash);
                let found = self.ask(node, "looks a token up", found).await;
                if let Some(Ok(found)) = &found.done {
                    assert_eq!(found.as_ref().unwrap().invocation_id, id);
                }
                let (ws, now) = (self.w.ws, self.now(node));
                let noted = store.note_progress(ws, id, "half way", now);
                self.ask(node, "notes progress", noted).await;
            }
            7 | 8 if !calls.is_empty() => {
                let id = self.dice.one(&calls);
                let status = self.dice.one(&[Succeeded, Failed]);
                self.settle_call(node, id, &[Unknown], status, Settler::Operator, None)
                    .await;
            }
            _ => {
                let (store, now) = (self.w.store.clone(), self.now(node));
                let overdue = self
                    .ask(node, "looks what is overdue", store.overdue(now, 50))
                    .await;
                for (_, id) in overdue.known().and_then(Result::ok).unwrap_or_default() {
                    self.settle_call(node, id, &[Accepted], Expired, Settler::Expiry, None)
                        .await;
                }
            }
        }
    }

    async fn settle_call(
        &mut self,
        node: usize,
        id: InvocationId,
        from: &'static [InvocationStatus],
        status: InvocationStatus,
        by: Settler,
        report_hash: Option<[u8; 32]>,
    ) {
        let at = self.now(node);
        let turn = self.rules.calls[&id];
        let of = self
            .rules
            .turns
            .iter()
            .find(|one| one.turn_id == turn)
            .unwrap();
        let conversation = of.conversation.clone();
        let said = TurnId::new(at, &self.entropy);
        let mut message = self.w.message(said, Speaker::Agent, "It is done.");
        message.created_at = at;
        let settle = SettleInvocation {
            workspace_id: self.w.ws,
            id,
            from,
            status,
            by,
            note: (by == Settler::Operator).then(|| "seen".to_owned()),
            result: (status == InvocationStatus::Completed).then(|| json!({ "n": 1 })),
            error: (status == InvocationStatus::Declined).then(|| "no".to_owned()),
            report_hash,
            at,
            follow_up: Some(Say {
                workspace_id: self.w.ws,
                conversation_id: conversation.id,
                about: Some(id),
                message,
            }),
        };
        let before = self.stored(id).await.status;
        let store = self.w.store.clone();
        let what = format!("{by} says that {id} is {status}");
        let settled = self
            .ask(node, &what, store.settle_invocation(&settle))
            .await;
        match settled.done {
            Some(Ok(Settled::Now { invocation, said })) => {
                assert!(from.contains(&before), "{id} was {before}, and is {status}");
                assert_eq!(invocation.status, status);
                self.rules.outcomes.insert(id, status);
                // The turn that still runs says it.
                let running = self
                    .w
                    .store
                    .past_turns(self.w.ws, conversation.id, 500)
                    .await;
                let mut running = running.unwrap().into_iter();
                assert_ne!(
                    said,
                    running.any(|one| one.id == turn && one.reply.is_none())
                );
            }
            Some(Ok(Settled::Stands { invocation, .. })) => {
                assert!(!from.contains(&before), "{id} was {before}, and stays so");
                assert_eq!(invocation.status, before);
            }
            _ => {}
        }
    }

    pub async fn stored(&self, id: InvocationId) -> deskhand_domain::invocation::Invocation {
        self.w.store.invocation(self.w.ws, id).await.unwrap()
    }

    /// A node claims deliveries, or says what came of one it has made.
    pub async fn deliver(&mut self, node: usize) {
        if self.aside.posts.is_empty() || self.dice.percent(40) {
            return self.claim_deliveries(node).await;
        }
        let which = self.dice.below(self.aside.posts.len());
        let one = self.aside.posts.remove(which);
        if !self.mended && self.dice.percent(10) {
            return self.note("an attempt is cut short".to_owned());
        }
        let body: serde_json::Value = serde_json::from_str(&one.body).unwrap();
        let event = one.delivery.event_id.to_string();
        let taken = self.mended || self.dice.percent(60);
        if taken {
            self.aside.told.insert(event, (one.delivery.r#type, body));
        }
        let at = self.now(node);
        let number = one.delivery.attempts_made + 1;
        let came_to = match (taken, next_attempt(number, None, at, &self.entropy)) {
            (true, _) => CameTo::Delivered,
            (false, Some(at)) => CameTo::Again { at },
            (false, None) => CameTo::GivenUp,
        };
        let mut attempt = self.w.attempt(number);
        if !taken {
            attempt.failure = Outcome::failed(FailureCode::HttpError, "no luck").failure;
        }
        let finish = FinishDelivery {
            workspace_id: self.w.ws,
            id: one.delivery.id,
            claim: one.claim.clone(),
            attempt,
            came_to,
            at,
        };
        let store = self.w.store.clone();
        let what = format!("ends {}", one.delivery.id);
        let ended = self.ask(node, &what, store.finish_delivery(&finish)).await;
        if let Some(Ok(true)) = ended.done {
            let held = self.aside.claims.remove(&one.delivery.id);
            let held = held.map(|(claim, _)| claim);
            assert_eq!(held, Some(one.claim), "{what} under a claim that has ended");
            *self.aside.counted.entry(one.delivery.id).or_default() += 1;
        }
    }

    pub async fn claim_deliveries(&mut self, node: usize) {
        let now = self.now(node);
        let claim = ClaimDeliveries {
            most: 8,
            per_endpoint: 8,
            now,
            until: now + CLAIM,
        };
        let store = self.w.store.clone();
        let claimed = store.claim_deliveries(&claim);
        let claimed = self.ask(node, "claims deliveries", claimed).await;
        if let Some(Ok(claimed)) = &claimed.done {
            for one in claimed {
                let id = one.delivery.id;
                let earlier = self
                    .aside
                    .claims
                    .insert(id, (one.claim.clone(), claim.until));
                if let Some((_, until)) = earlier {
                    assert!(until <= now, "{id} is claimed twice");
                }
            }
        }
        self.aside
            .posts
            .extend(claimed.known().and_then(Result::ok).unwrap_or_default());
    }

    pub fn posts(&self) -> usize {
        self.aside.posts.len()
    }

    /// A node has to do with a circuit breaker.
    pub async fn probe(&mut self, node: usize) {
        let now = self.now(node);
        let known = self.aside.circuit.generation;
        let id = match self.aside.probes.as_slice() {
            [] => InvocationId::new(now, &self.entropy),
            probes => self.dice.one(probes),
        };
        let change = match self.dice.below(8) {
            0 | 1 => Change::Open {
                known: known - i64::from(self.dice.percent(20)),
                reason: "8 of the last 10 calls failed".to_owned(),
            },
            2..6 => Change::Probe(Probe::new(InvocationId::new(now, &self.entropy), now, 30)),
            6 => Change::Failed(id),
            _ if self.dice.percent(50) => Change::Answered(id),
            _ => Change::Dropped(id),
        };
        let (store, ws) = (self.w.store.clone(), self.w.ws);
        let action = self.rules.kinds[0].action.id;
        let changed = store.change_circuit(ws, action, &change, now);
        let changed = self.ask(node, &format!("{change:?}"), changed).await;
        let Some(Ok((done, circuit))) = changed.done else {
            return;
        };
        let before = std::mem::replace(&mut self.aside.circuit, circuit.clone());
        let steps = circuit.generation - before.generation;
        assert_eq!(steps, i64::from(done), "{change:?} from {before:?}");
        if !done {
            return assert_eq!(circuit, before);
        }
        let probing = before.open.and_then(|open| open.probe);
        match change {
            Change::Probe(probe) => {
                if let Some(earlier) = probing {
                    let waits = earlier.until.duration_since(now);
                    let over = waits <= SignedDuration::ZERO || waits > LONGEST_PROBE;
                    assert!(over, "two probes at a time");
                }
                self.aside.probes.push(probe.by);
            }
            Change::Answered(id) | Change::Failed(id) | Change::Dropped(id) => {
                assert_eq!(probing.map(|probe| probe.by), Some(id));
            }
            Change::Open { .. } | Change::Reset => {}
        }
    }
}
