//! Nodes: how they begin, keep their lease, take over, and what goes wrong with them.

use deskhand_domain::id::NodeId;
use deskhand_store::{AbandonTurn, ClaimId, StoreError, TakenTurn};
use jiff::SignedDuration;

use super::Sim;
use super::driver::Driver;
use crate::world::*;

pub const LEASE: SignedDuration = SignedDuration::from_secs(20);
const MOST_HANDS: u32 = 3;
const GONE_ON_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// One run of a server.
pub struct Node {
    pub id: NodeId,
    pub name: String,
    /// How far its clock is from the true time.
    pub skew: i64,
    /// Whether it cannot reach the store.
    pub cut: bool,
    /// Whether it stands still, and knows nothing of it.
    pub asleep: bool,
    pub drivers: Vec<Driver>,
    /// Ends of clients' keys that it could not store yet; true: with an answer.
    pub owed: Vec<(ClaimId, bool)>,
}

impl Sim {
    pub async fn start_node(&mut self) {
        let skew = match self.mended {
            true => 0,
            false => self.dice.one(&[0, 0, -3_000, 3_000, 15_000, -40_000]),
        };
        let number = self.rules.nodes_begun;
        self.rules.nodes_begun += 1;
        let at = jiff::Timestamp::from_millisecond(self.ms).unwrap();
        self.nodes.push(Node {
            id: NodeId::new(at, &self.entropy),
            name: format!("n{number}"),
            skew,
            cut: false,
            asleep: false,
            drivers: Vec::new(),
            owed: Vec::new(),
        });
        self.renew(self.nodes.len() - 1).await;
    }

    pub async fn renew(&mut self, node: usize) {
        let (store, now) = (self.w.store.clone(), self.now(node));
        let renewed = store.renew_lease(self.nodes[node].id, now, now + LEASE);
        self.ask(node, "renews its lease", renewed).await;
    }

    /// Goes on with what it had begun and nothing runs any more, and with what others left.
    pub async fn recover(&mut self, node: usize) {
        for (claim, with_answer) in std::mem::take(&mut self.nodes[node].owed) {
            self.end_claim(node, claim, with_answer).await;
        }
        let (store, id) = (self.w.store.clone(), self.nodes[node].id);
        let owned = self
            .ask(node, "looks for its own", store.owned_turns(id))
            .await;
        for turn in owned.known().and_then(Result::ok).unwrap_or_default() {
            if self.drives(node, &turn) {
                continue;
            }
            let adopted = self.ask(node, "adopts", store.adopt_turn(id, &turn)).await;
            self.rules.taken(&adopted, id);
            if let Some(Ok(Some(turn))) = adopted.known() {
                self.go_on(node, turn);
            }
        }
        let now = self.now(node);
        let taken = self
            .ask(node, "takes over", store.take_over(id, now, 64))
            .await;
        if let Some(Ok(taken)) = &taken.done {
            for turn in &taken.turns {
                self.rules.took(turn, id);
            }
        }
        for turn in taken.known().and_then(Result::ok).unwrap_or_default().turns {
            self.go_on(node, turn);
        }
    }

    fn drives(&self, node: usize, turn: &TakenTurn) -> bool {
        let mut drivers = self.nodes[node].drivers.iter();
        drivers.any(|driver| driver.turn == turn.turn_id && driver.owner.hand == turn.taken_over)
    }

    fn go_on(&mut self, node: usize, turn: TakenTurn) {
        // What of it still runs here, as though it had never been another's, is broken off; but it must do
        // no harm if it is not.
        if self.mended || self.dice.percent(50) {
            let drivers = &mut self.nodes[node].drivers;
            drivers.retain(|driver| driver.turn != turn.turn_id);
        }
        let age = self.now(node).duration_since(turn.started_at);
        let given_up = turn.taken_over > MOST_HANDS || age > GONE_ON_WITHIN;
        let owner = turn.owner(self.nodes[node].id);
        let driver = Driver::of_taken(turn, owner, given_up);
        self.nodes[node].drivers.push(driver);
    }

    /// Ends a turn that makes no sense any more. True: it is over, or another's.
    pub async fn abandon(&mut self, node: usize, turn: &TakenTurn) -> bool {
        let at = self.now(node);
        let calls = self.w.store.turn_invocations(self.w.ws, turn.turn_id).await;
        let abandon = AbandonTurn {
            turn: turn.clone(),
            owner: turn.owner(self.nodes[node].id),
            replies: sorry(),
            reply_id: deskhand_domain::id::MessageId::new(at, &self.entropy),
            told: calls.unwrap().iter().map(|call| call.id).collect(),
            detail: "gone".to_owned(),
            at,
        };
        let store = self.w.store.clone();
        let asked = self
            .ask(node, "gives a turn up", store.abandon_turn(&abandon))
            .await;
        if let Some(Ok(())) = &asked.done {
            self.rules
                .written(turn.turn_id, abandon.owner, "gave a turn up");
        }
        matches!(
            asked.known(),
            Some(Ok(()) | Err(StoreError::NotOwner | StoreError::Conflict(_)))
        )
    }

    pub async fn go_wrong(&mut self) {
        let node = self.dice.below(self.nodes.len());
        let name = self.nodes[node].name.clone();
        match self.dice.below(12) {
            0..3 => {
                self.nodes[node].cut = !self.nodes[node].cut;
                let how = if self.nodes[node].cut {
                    "is cut off"
                } else {
                    "is back"
                };
                self.note(format!("{name} {how}"));
            }
            3..7 => {
                self.nodes[node].asleep = !self.nodes[node].asleep;
                let how = if self.nodes[node].asleep {
                    "stands still"
                } else {
                    "goes on"
                };
                self.note(format!("{name} {how}"));
            }
            7..9 => {
                let by = self
                    .dice
                    .one(&[-60_000, -21_000, -5_000, 5_000, 21_000, 60_000]);
                self.nodes[node].skew += by;
                self.note(format!("{name}'s clock jumps by {by} ms"));
            }
            9 => {
                self.ms += self.dice.one(&[21_000, 30_000, 90_000]);
                self.note("time passes".to_owned());
            }
            10 => {
                self.note(format!("{name} dies"));
                self.nodes.remove(node);
                self.start_node().await;
            }
            _ => self.leave(node).await,
        }
    }

    /// It is asked to stop, and hands over what it has. Should it not hear that it has, it is gone all
    /// the same.
    async fn leave(&mut self, node: usize) {
        let (store, id) = (self.w.store.clone(), self.nodes[node].id);
        let left = self.ask(node, "leaves", store.leave(id)).await;
        if let Some(Ok(_)) = left.done {
            self.rules.left(id);
        }
        // What it was doing goes on for a moment where another takes its place.
        if self.dice.percent(50) {
            self.nodes.remove(node);
            self.start_node().await;
        }
    }
}
