//! What a node does to answer one message: it decides on calls, makes them, and stores the reply.
//! Between any two steps anything may happen.

use deskhand_domain::conversation::{Conversation, Speaker};
use deskhand_domain::id::{ConversationId, TurnId};
use deskhand_domain::invocation::{Invocation, InvocationStatus};
use deskhand_store::{ClaimId, FinishTurn, Owner, Say, StoreError, TakenTurn};

use super::Sim;
use super::calls::{Call, CallAt, failed};
use crate::world::*;

/// A turn as one node runs it.
pub struct Driver {
    pub turn: TurnId,
    pub owner: Owner,
    pub conversation: ConversationId,
    pub at: At,
    /// Batches of calls still to be decided on.
    pub batches: usize,
    pub calls: Vec<Call>,
    pub tries: u32,
    /// The client's key, and its use.
    pub claim: Option<ClaimId>,
    /// What is to be said right after the reply.
    pub follow_ups: Vec<Say>,
}

pub enum At {
    /// Of a turn that was taken over: what is stored is to be read.
    Restoring,
    /// Nobody expects its answer any more.
    GivenUp(TakenTurn),
    Deciding,
    /// Calls that are being stored.
    Beginning(Vec<(Invocation, u8)>),
    Ending,
    /// The turn is over; the client's key gets its answer.
    Settling,
}

impl Driver {
    pub fn of_taken(turn: TakenTurn, owner: Owner, given_up: bool) -> Self {
        Self {
            turn: turn.turn_id,
            owner,
            conversation: turn.conversation_id,
            at: if given_up {
                At::GivenUp(turn)
            } else {
                At::Restoring
            },
            batches: 1,
            calls: Vec::new(),
            tries: 0,
            claim: None,
            follow_ups: Vec::new(),
        }
    }
}

impl Sim {
    /// One step of one of the turns that a node runs.
    pub async fn drive(&mut self, node: usize) {
        let running = self.nodes[node].drivers.len();
        if running == 0 {
            return;
        }
        let which = self.dice.below(running);
        let mut driver = self.nodes[node].drivers.remove(which);
        if !self.drive_one(node, &mut driver).await {
            self.nodes[node].drivers.push(driver);
        }
    }

    /// True: there is nothing more to do in it here.
    async fn drive_one(&mut self, node: usize, driver: &mut Driver) -> bool {
        let open: Vec<_> = (0..driver.calls.len())
            .filter(|call| !matches!(driver.calls[*call].at, CallAt::Over))
            .collect();
        if !open.is_empty() {
            let call = self.dice.one(&open);
            self.call(node, driver.owner, &mut driver.calls[call]).await;
            return false;
        }
        match &driver.at {
            At::Restoring => self.restore(node, driver).await,
            At::GivenUp(turn) => {
                let turn = turn.clone();
                self.abandon(node, &turn).await
            }
            At::Deciding if driver.batches > 0 => {
                driver.batches -= 1;
                driver.at = At::Beginning(self.decide(node, driver));
                false
            }
            At::Deciding => {
                driver.at = At::Ending;
                false
            }
            At::Beginning(calls) => {
                let calls = calls.clone();
                self.begin_calls(node, driver, calls).await
            }
            At::Ending => self.end(node, driver).await,
            At::Settling => self.settle(node, driver).await,
        }
    }

    /// Reads what is stored of a turn that was taken over.
    async fn restore(&mut self, node: usize, driver: &mut Driver) -> bool {
        let store = self.w.store.clone();
        let stored = store.turn_invocations(self.w.ws, driver.turn);
        let stored = self.ask(node, "reads a turn", stored).await;
        let Some(stored) = stored.known() else {
            return false;
        };
        for invocation in stored.unwrap() {
            let kind = self.rules.kind_of(&invocation);
            let mut call = Call::new(invocation.id, kind, InvocationStatus::Intended);
            call.earlier = invocation.status == InvocationStatus::Sending;
            match invocation.status {
                InvocationStatus::Intended => {}
                InvocationStatus::Sending if self.rules.kinds[kind].harmless => {}
                InvocationStatus::Sending => {
                    call.at = CallAt::Storing(failed(InvocationStatus::Unknown), true);
                }
                _ => continue,
            }
            driver.calls.push(call);
        }
        driver.at = At::Deciding;
        false
    }

    async fn end(&mut self, node: usize, driver: &mut Driver) -> bool {
        let now = self.now(node);
        let running = Running {
            conversation: Conversation {
                id: driver.conversation,
                ..self.w.conversation(None)
            },
            turn: driver.turn,
            message: self.w.message(driver.turn, Speaker::Agent, ""),
        };
        let mut end: FinishTurn = self.w.end(&running);
        end.owner = driver.owner;
        end.reply.created_at = now;
        end.follow_ups.clone_from(&driver.follow_ups);
        let store = self.w.store.clone();
        let ended = self.ask(node, "ends a turn", store.finish_turn(&end)).await;
        if let Some(Ok(())) = &ended.done {
            self.rules.written(driver.turn, end.owner, "ended a turn");
        }
        match ended.known() {
            Some(Ok(())) => driver.at = At::Settling,
            Some(Err(StoreError::Untold(calls))) => {
                for id in calls {
                    let said = self
                        .w
                        .say(&running.conversation, Speaker::Agent, "It is done.");
                    driver.follow_ups.push(Say {
                        about: Some(id),
                        ..said
                    });
                }
            }
            // It has ended, or is another's: the client gets what is stored.
            Some(Err(_)) => driver.at = At::Settling,
            None => {}
        }
        false
    }

    async fn settle(&mut self, node: usize, driver: &mut Driver) -> bool {
        if let Some(claim) = driver.claim.take() {
            self.end_claim(node, claim, true).await;
        }
        true
    }
}
