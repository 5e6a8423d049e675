//! The calls of a turn: how a node decides on them and makes them.

use deskhand_domain::clock::Entropy;
use deskhand_domain::conversation::{Conversation, Speaker};
use deskhand_domain::id::InvocationId;
use deskhand_domain::invocation::{FailureCode, Invocation, InvocationStatus, Outcome};
use deskhand_store::{Begun, Callback, Owner, StoreError};
use jiff::SignedDuration;

use super::Sim;
use super::driver::{At, Driver};
use super::rules::Kind;
use crate::world::*;

/// How often a node asks a store that does not answer.
const TRIES: u32 = 4;

/// A call as a node makes it.
pub struct Call {
    pub id: InvocationId,
    pub kind: usize,
    pub at: CallAt,
    /// `sending` is committed for the first byte of the next attempt.
    pub may_send: bool,
    /// Whether another run of the server may have sent it.
    pub earlier: bool,
    pub attempts: u32,
    pub tries: u32,
}

pub enum CallAt {
    Preparing,
    Marking,
    Sending,
    Storing(Outcome, bool),
    Over,
}

impl Call {
    pub fn new(id: InvocationId, kind: usize, status: InvocationStatus) -> Self {
        Self {
            id,
            kind,
            at: CallAt::Preparing,
            may_send: status == InvocationStatus::Sending,
            earlier: false,
            attempts: 0,
            tries: 0,
        }
    }
}

pub fn failed(status: InvocationStatus) -> Outcome {
    Outcome {
        status,
        ..Outcome::failed(FailureCode::Interrupted, "interrupted")
    }
}

impl Sim {
    pub fn decide(&mut self, node: usize, driver: &Driver) -> Vec<(Invocation, u8)> {
        let now = self.now(node);
        let calls = 1 + self.dice.below(2);
        (0..calls)
            .map(|_| {
                let kind = self.dice.below(self.rules.kinds.len());
                let action = self.rules.kinds[kind].action.clone();
                let sending = self.dice.percent(40);
                let running = Running {
                    conversation: Conversation {
                        id: driver.conversation,
                        ..self.w.conversation(None)
                    },
                    turn: driver.turn,
                    message: self.w.message(driver.turn, Speaker::Customer, ""),
                };
                let call = Invocation {
                    id: InvocationId::new(now, &self.entropy),
                    action_id: action.id,
                    action: action.definition.name,
                    created_at: now,
                    status: match sending {
                        true => InvocationStatus::Sending,
                        false => InvocationStatus::Intended,
                    },
                    sent_at: sending.then_some(now),
                    ..self.w.call(&running)
                };
                (call, self.dice.below(5) as u8)
            })
            .collect()
    }

    pub async fn begin_calls(
        &mut self,
        node: usize,
        driver: &mut Driver,
        calls: Vec<(Invocation, u8)>,
    ) -> bool {
        let mut begin = self.w.begin(calls.clone());
        begin.owner = driver.owner;
        begin.again = driver.tries > 0;
        begin.since = self.now(node) - SignedDuration::from_hours(1);
        begin.budget = 1_000;
        let store = self.w.store.clone();
        let begun = self
            .ask(node, "decides on calls", store.begin_invocations(&begin))
            .await;
        if let Some(Ok(begun)) = &begun.done {
            self.rules
                .written(driver.turn, begin.owner, "decided on calls");
            self.rules.decided(&calls, begun, begin.owner);
        }
        match begun.known() {
            Some(Ok(begun)) => {
                for ((call, _), begun) in calls.iter().zip(begun) {
                    if begun == Begun::Recorded {
                        let kind = self.rules.kind_of(call);
                        driver.calls.push(Call::new(call.id, kind, call.status));
                    }
                }
                (driver.at, driver.tries) = (At::Deciding, 0);
            }
            // Whoever has it ends it; the client gets what is stored.
            Some(Err(StoreError::NotOwner)) => driver.at = At::Settling,
            // What it is told was stored, and has ended meanwhile: nothing is sent.
            Some(Err(_)) => (driver.at, driver.tries) = (At::Ending, 0),
            None if driver.tries < TRIES => driver.tries += 1,
            None => (driver.at, driver.tries) = (At::Ending, 0),
        }
        false
    }

    pub async fn call(&mut self, node: usize, owner: Owner, call: &mut Call) {
        let kind = self.rules.kinds[call.kind].clone();
        let not_sent = || match (call.earlier || call.attempts > 0, kind.reads) {
            (true, false) => CallAt::Storing(failed(InvocationStatus::Unknown), true),
            (true, true) => CallAt::Storing(failed(InvocationStatus::Failed), true),
            (false, _) => CallAt::Storing(failed(InvocationStatus::Failed), false),
        };
        let (store, ws, now) = (self.w.store.clone(), self.w.ws, self.now(node));
        match &call.at {
            CallAt::Preparing if kind.long && call.attempts == 0 => {
                let mut hash = [0; 32];
                self.entropy.fill(&mut hash);
                let callback = Callback {
                    workspace_id: ws,
                    invocation_id: call.id,
                    hash,
                    created_at: now,
                    expires_at: now + SignedDuration::from_hours(24),
                };
                let made = self
                    .ask(node, "makes a callback", store.add_callback(&callback))
                    .await;
                call.at = match made.known() {
                    Some(Ok(())) => {
                        self.aside.urls.push((call.id, hash));
                        CallAt::Marking
                    }
                    // It is over, or the store did not answer.
                    _ => not_sent(),
                };
            }
            CallAt::Preparing => call.at = CallAt::Marking,
            CallAt::Marking if call.may_send => call.at = CallAt::Sending,
            CallAt::Marking => {
                let marked = store.mark_sending(ws, call.id, owner, now);
                let marked = self.ask(node, &format!("marks {}", call.id), marked).await;
                if let Some(Ok(true)) = &marked.done {
                    self.rules.marked(call.id, owner);
                }
                match marked.known() {
                    Some(Ok(true)) => call.at = CallAt::Sending,
                    Some(marked) => {
                        marked.unwrap();
                        call.at = not_sent();
                    }
                    None if call.tries < TRIES => call.tries += 1,
                    None => call.at = not_sent(),
                }
            }
            CallAt::Sending => {
                // The node cannot know whether it has stood still since.
                self.note(format!("{} sends {}", self.nodes[node].name, call.id));
                self.rules.sent(call.id, self.nodes[node].id, &kind);
                call.attempts += 1;
                (call.may_send, call.tries) = (false, 0);
                if kind.long {
                    self.aside.started.push(call.id);
                }
                call.at = self.answer(call, &kind);
            }
            CallAt::Storing(outcome, sent) => {
                let mut end = finish(owner, outcome, &[], now);
                end.sent = *sent;
                let status = outcome.status;
                let stored = store.finish_invocation(ws, call.id, &end);
                let what = format!("stores that {} is {status}", call.id);
                let stored = self.ask(node, &what, stored).await;
                if let Some(Ok(true)) = &stored.done {
                    self.rules.came_to(call.id, owner, status);
                }
                match stored.known() {
                    None if call.tries < TRIES => call.tries += 1,
                    // It is lost track of.
                    None => call.at = CallAt::Over,
                    Some(stored) => {
                        stored.unwrap();
                        call.at = CallAt::Over;
                    }
                }
            }
            CallAt::Over => {}
        }
    }

    /// What the endpoint answers, if it does.
    pub fn answer(&mut self, call: &Call, kind: &Kind) -> CallAt {
        let lost = match kind.reads {
            true => InvocationStatus::Failed,
            false => InvocationStatus::Unknown,
        };
        let earlier = call.earlier || call.attempts > 1;
        match self.dice.below(10) {
            0..5 if kind.long => CallAt::Storing(outcome(InvocationStatus::Accepted), true),
            0..5 => CallAt::Storing(outcome(InvocationStatus::Succeeded), true),
            5 => CallAt::Storing(outcome(InvocationStatus::Declined), true),
            6 if earlier => CallAt::Storing(failed(lost), true),
            6 => CallAt::Storing(failed(InvocationStatus::Failed), true),
            // The connection breaks.
            7 | 8 if kind.harmless && call.attempts < 3 => CallAt::Marking,
            _ => CallAt::Storing(failed(lost), true),
        }
    }
}
