//! What a node does to answer one message: it stores the message, decides on calls, makes them, and
//! stores the reply. Between any two steps anything may happen.

use deskhand_domain::conversation::Conversation;
use deskhand_domain::id::{ConversationId, InvocationId, TurnId};
use deskhand_domain::invocation::{FailureCode, Invocation, InvocationStatus, Outcome};
use deskhand_store::{
    BeginTurn, Begun, Callback, ClaimId, Claimed, FinishTurn, StoreError, TakenTurn,
};
use jiff::SignedDuration;

use super::Sim;
use crate::world::*;

/// How often a node asks a store that does not answer.
const TRIES: u32 = 4;

/// A turn as one node runs it.
pub struct Driver {
    pub turn: TurnId,
    conversation: ConversationId,
    at: At,
    /// Batches of calls still to be decided on.
    batches: usize,
    calls: Vec<Call>,
    tries: u32,
    /// The client's key, and its use.
    claim: Option<ClaimId>,
}

enum At {
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

/// A call as a node makes it.
struct Call {
    id: InvocationId,
    kind: usize,
    at: CallAt,
    /// `sending` is committed for the first byte of the next attempt.
    may_send: bool,
    /// Whether another run of the server may have sent it.
    earlier: bool,
    attempts: u32,
    tries: u32,
}

enum CallAt {
    Preparing,
    Marking,
    Sending,
    Storing(Outcome, bool),
    Over,
}

impl Driver {
    pub fn of_taken(turn: TakenTurn, given_up: bool) -> Self {
        Self {
            turn: turn.turn_id,
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
        }
    }
}

impl Call {
    fn new(id: InvocationId, kind: usize, status: InvocationStatus) -> Self {
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

fn failed(status: InvocationStatus) -> Outcome {
    Outcome {
        status,
        ..Outcome::failed(FailureCode::Interrupted, "interrupted")
    }
}

impl Sim {
    /// A customer's message arrives at a node; or again, where the client has heard nothing.
    pub async fn take_message(&mut self, node: usize) {
        let again = self.dice.percent(40) && !self.rules.asked.is_empty();
        let (key, conversation) = match again {
            true => {
                let which = self.dice.below(self.rules.asked.len());
                self.rules.asked[which].clone()
            }
            false => {
                let key = format!("key{}", self.rules.asked.len());
                let known = self.rules.conversations.len();
                let conversation = match known < 4 || self.dice.percent(10) {
                    true => self.w.conversation(Some("cus_42")),
                    false => self.rules.conversations[self.dice.below(known)].clone(),
                };
                self.rules.asked.push((key.clone(), conversation.clone()));
                (key, conversation)
            }
        };
        let (store, now) = (self.w.store.clone(), self.now(node));
        let mut claim = self.w.claim_key(&key, 1);
        claim.owner = self.nodes[node].id;
        claim.now = now;
        claim.keep_until = now + SignedDuration::from_hours(24);
        let claimed = self
            .ask(node, &format!("claims {key}"), store.claim(&claim))
            .await;
        if let Some(Ok(claimed)) = &claimed.done {
            self.rules.claimed(&key, claimed);
        }
        if let Some(Ok(Claimed::Fresh(id))) = claimed.known() {
            self.begin(node, &key, conversation, id).await;
        }
    }

    async fn begin(&mut self, node: usize, key: &str, of: Conversation, claim: ClaimId) {
        if !self.mended && self.dice.percent(8) {
            // It stops to exist for the one who asked.
            return self.note(format!("{} forgets {key}", self.nodes[node].name));
        }
        // Another may have made the conversation meanwhile.
        let is_new = self.rules.conversations.iter().all(|one| one.id != of.id);
        let now = self.now(node);
        let begin = BeginTurn {
            owner: self.nodes[node].id,
            is_new,
            turn_id: TurnId::new(now, &self.entropy),
            claim: Some(claim.clone()),
            ..self.w.turn(&of, is_new, "Where is it?")
        };
        let mut begin = begin;
        begin.message.turn_id = begin.turn_id;
        begin.message.created_at = now;
        let store = self.w.store.clone();
        let what = format!("begins a turn for {key}");
        let begun = self.ask(node, &what, store.begin_turn(&begin)).await;
        if let Some(Ok(())) = &begun.done {
            self.rules.begun(key, &begin);
        }
        if let Some(Ok(())) = begun.known() {
            let batches = self.dice.below(3);
            self.nodes[node].drivers.push(Driver {
                turn: begin.turn_id,
                conversation: of.id,
                at: At::Deciding,
                batches,
                calls: Vec::new(),
                tries: 0,
                claim: Some(claim),
            });
            return;
        }
        let store = self.w.store.clone();
        let ws = self.w.ws;
        self.ask(
            node,
            &format!("gives {key} back"),
            store.release_claim(ws, &claim),
        )
        .await;
    }

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
            self.call(node, &mut driver.calls[call]).await;
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

    fn decide(&mut self, node: usize, driver: &Driver) -> Vec<(Invocation, u8)> {
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
                    message: self.w.message(
                        driver.turn,
                        deskhand_domain::conversation::Speaker::Customer,
                        "",
                    ),
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

    async fn begin_calls(
        &mut self,
        node: usize,
        driver: &mut Driver,
        calls: Vec<(Invocation, u8)>,
    ) -> bool {
        let mut begin = self.w.begin(calls.clone());
        begin.owner = self.nodes[node].id;
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
            Some(Err(StoreError::NotOwner)) => return true,
            // What it is told was stored, and has ended meanwhile: nothing is sent.
            Some(Err(_)) => (driver.at, driver.tries) = (At::Ending, 0),
            None if driver.tries < TRIES => driver.tries += 1,
            None => (driver.at, driver.tries) = (At::Ending, 0),
        }
        false
    }

    async fn call(&mut self, node: usize, call: &mut Call) {
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
                deskhand_domain::clock::Entropy::fill(&self.entropy, &mut hash);
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
                    Some(made) => {
                        made.unwrap();
                        self.aside.urls.push((call.id, hash));
                        CallAt::Marking
                    }
                    None => not_sent(),
                };
            }
            CallAt::Preparing => call.at = CallAt::Marking,
            CallAt::Marking if call.may_send => call.at = CallAt::Sending,
            CallAt::Marking => {
                let owner = self.nodes[node].id;
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
                let owner = self.nodes[node].id;
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
    fn answer(&mut self, call: &Call, kind: &super::rules::Kind) -> CallAt {
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

    async fn end(&mut self, node: usize, driver: &mut Driver) -> bool {
        let now = self.now(node);
        let running = Running {
            conversation: Conversation {
                id: driver.conversation,
                ..self.w.conversation(None)
            },
            turn: driver.turn,
            message: self.w.message(
                driver.turn,
                deskhand_domain::conversation::Speaker::Agent,
                "",
            ),
        };
        let mut end: FinishTurn = self.w.end(&running);
        end.owner = self.nodes[node].id;
        end.reply.created_at = now;
        let store = self.w.store.clone();
        let ended = self.ask(node, "ends a turn", store.finish_turn(&end)).await;
        if let Some(Ok(())) = &ended.done {
            self.rules.written(driver.turn, end.owner, "ended a turn");
        }
        match ended.known() {
            Some(Ok(())) => driver.at = At::Settling,
            Some(Err(_)) => return true,
            None => {}
        }
        false
    }

    async fn settle(&mut self, node: usize, driver: &mut Driver) -> bool {
        let Some(claim) = driver.claim.take() else {
            return true;
        };
        let keep_until = self.now(node) + SignedDuration::from_hours(24);
        let (store, ws) = (self.w.store.clone(), self.w.ws);
        let answer = answer(200);
        let settled = store.settle_claim(ws, &claim, &answer, keep_until);
        self.ask(node, "answers a client", settled).await;
        true
    }
}
