//! What clients ask, each under a key of its own, and again where they have heard nothing.

use deskhand_domain::conversation::Conversation;
use deskhand_domain::id::TurnId;
use deskhand_store::{BeginTurn, ClaimId, Claimed};
use jiff::SignedDuration;

use super::Sim;
use super::driver::{At, Driver};
use crate::world::*;

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
        match claimed.known() {
            Some(Ok(Claimed::Fresh(id))) => self.begin(node, &key, conversation, id).await,
            Some(_) => {}
            // It may have been made, and nobody will do the work.
            None => self.nodes[node].owed.push((claim.id, false)),
        }
    }

    /// Keeps an answer to a client's key, or gives the key back; what is not heard of is owed.
    pub async fn end_claim(&mut self, node: usize, claim: ClaimId, with_answer: bool) {
        let (store, ws) = (self.w.store.clone(), self.w.ws);
        let keep_until = self.now(node) + SignedDuration::from_hours(24);
        let answer = answer(200);
        let ended = match with_answer {
            true => {
                let settled = store.settle_claim(ws, &claim, &answer, keep_until);
                self.ask(node, "answers a client", settled).await
            }
            false => {
                let released = store.release_claim(ws, &claim);
                self.ask(node, "gives a key back", released).await
            }
        };
        if ended.known().is_none() {
            self.nodes[node].owed.push((claim, with_answer));
        }
    }

    async fn begin(&mut self, node: usize, key: &str, of: Conversation, claim: ClaimId) {
        // Another may have made the conversation meanwhile.
        let is_new = self.rules.conversations.iter().all(|one| one.id != of.id);
        let now = self.now(node);
        let begin = BeginTurn {
            owner: self.nodes[node].id,
            is_new,
            known_turns: None,
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
                owner: begin.owner.into(),
                conversation: of.id,
                at: At::Deciding,
                batches,
                calls: Vec::new(),
                tries: 0,
                claim: Some(claim),
                follow_ups: Vec::new(),
            });
            return;
        }
        self.end_claim(node, claim, false).await;
    }
}
