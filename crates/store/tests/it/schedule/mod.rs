//! Seeded schedules: several nodes, each with a clock of its own that is wrong and jumps, on one store,
//! in an order that a seed decides. Nodes are cut off from the store, stand still and go on as though
//! nothing had happened, and die between any two steps; answers get lost. What must hold holds after
//! every step, and in the end everything that was begun has ended.
//!
//! Everything is asked of the real store; what a node does between two questions is what
//! `crates/service` does, in short. `crates/http/tests/it/recovery/schedules.rs` does the like to whole
//! servers.
//!
//! A schedule that breaks a rule says its seed and its last steps. It is run again alone by
//! `DESKHAND_SCHEDULE_SEED=<seed> cargo nextest run -p deskhand-store schedule`.

mod aside;
mod calls;
mod check;
mod client;
mod driver;
mod last;
mod node;
mod rules;

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use deskhand_store::{Result, Store, StoreError};
use futures_util::FutureExt;
use jiff::Timestamp;

use self::aside::Aside;
use self::node::Node;
use self::rules::Rules;
use crate::world::*;

/// Steps with faults in each schedule, before all is mended and has to end.
const STEPS: usize = 350;
/// Nodes at a time.
const NODES: usize = 3;
/// The last steps, which are shown of a schedule that breaks a rule.
const SHOWN: usize = 60;

/// Numbers that only the seed decides.
pub struct Dice(u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than this.
    pub fn below(&mut self, most: usize) -> usize {
        (self.roll() % most as u64) as usize
    }

    pub fn percent(&mut self, chance: u64) -> bool {
        self.roll() % 100 < chance
    }

    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// What became of a question to the store.
pub struct Asked<T> {
    /// What the store did, if it was asked at all.
    pub done: Option<Result<T>>,
    /// Whether the node heard of it.
    pub heard: bool,
}

impl<T> Asked<T> {
    /// What the node knows of it.
    pub fn known(self) -> Option<Result<T>> {
        self.done.filter(|_| self.heard)
    }
}

/// A schedule under way.
pub struct Sim {
    pub w: World,
    pub dice: Dice,
    pub entropy: Seeded,
    /// The true time; a node's clock is as far from it as its `skew`.
    pub ms: i64,
    pub nodes: Vec<Node>,
    pub rules: Rules,
    pub aside: Aside,
    /// From here on nothing goes wrong any more.
    pub mended: bool,
    steps: VecDeque<String>,
    step: usize,
}

impl Sim {
    async fn new(store: Arc<dyn Store>, seed: u64) -> Self {
        let w = World::new(store).await;
        let mut sim = Self {
            ms: w.now().as_millisecond() + 1_000,
            rules: Rules::new(&w).await,
            aside: Aside::new(&w).await,
            w,
            dice: Dice(seed),
            // Apart from those of the world and the store.
            entropy: Seeded::of(5_000 + seed % 1_000_000),
            nodes: Vec::new(),
            mended: false,
            steps: VecDeque::new(),
            step: 0,
        };
        for _ in 0..NODES {
            sim.start_node().await;
        }
        sim
    }

    /// What a node takes for the time.
    pub fn now(&self, node: usize) -> Timestamp {
        Timestamp::from_millisecond(self.ms + self.nodes[node].skew).unwrap()
    }

    pub fn note(&mut self, what: String) {
        self.steps.push_back(format!("{:>4} {}", self.step, what));
        if self.steps.len() > SHOWN {
            self.steps.pop_front();
        }
    }

    /// Asks the store for something as a node. One that is cut off may have been heard all the same.
    pub async fn ask<T>(
        &mut self,
        node: usize,
        what: &str,
        question: impl Future<Output = Result<T>>,
    ) -> Asked<T> {
        let cut = !self.mended && self.nodes[node].cut;
        let lost = !self.mended && self.dice.percent(3);
        let arrives = !cut || self.dice.percent(30);
        let done = match arrives {
            true => Some(question.await),
            false => None,
        };
        let said = match &done {
            None => "not asked",
            Some(Ok(_)) => "done",
            Some(Err(StoreError::NotOwner)) => "not the owner",
            Some(Err(StoreError::Conflict(_))) => "conflict",
            Some(Err(StoreError::ClaimLost)) => "the claim is lost",
            Some(Err(StoreError::TurnRunning)) => "a turn is running",
            Some(Err(StoreError::Untold(_))) => "an end is not told yet",
            Some(Err(error)) => panic!("{what}: {error}"),
        };
        let heard = !cut && !lost;
        let unheard = if heard { "" } else { ", not heard" };
        self.note(format!("{} {what}: {said}{unheard}", self.nodes[node].name));
        Asked { done, heard }
    }

    async fn run(&mut self) {
        for step in 0..STEPS {
            self.step = step;
            self.do_something().await;
            self.check().await;
        }
        self.step = STEPS;
        self.mend_and_end().await;
        self.check().await;
        self.check_the_end().await;
    }

    async fn do_something(&mut self) {
        self.ms += self.dice.one(&[1, 1, 20, 300, 2_000, 6_000]);
        if self.dice.percent(8) {
            return self.go_wrong().await;
        }
        let Some(node) = self.awake() else {
            return self.start_node().await;
        };
        match self.dice.below(100) {
            0..45 => self.drive(node).await,
            45..59 => self.take_message(node).await,
            59..69 => self.renew(node).await,
            69..77 => self.recover(node).await,
            77..85 => self.report(node).await,
            85..95 => self.deliver(node).await,
            _ => self.probe(node).await,
        }
    }

    fn awake(&mut self) -> Option<usize> {
        let awake: Vec<_> = (0..self.nodes.len())
            .filter(|node| !self.nodes[*node].asleep)
            .collect();
        (!awake.is_empty()).then(|| self.dice.one(&awake))
    }
}

/// Runs one schedule, and says how to run it again if it breaks a rule.
#[expect(clippy::print_stderr, reason = "said to whoever runs the tests")]
async fn schedule(store: Arc<dyn Store>, seed: u64) {
    let mut sim = Sim::new(store, seed).await;
    if let Err(broken) = AssertUnwindSafe(sim.run()).catch_unwind().await {
        let steps: Vec<_> = sim.steps.iter().map(String::as_str).collect();
        eprintln!(
            "schedule {seed} breaks a rule; its last steps:\n{}\nRun it again: \
             DESKHAND_SCHEDULE_SEED={seed} cargo nextest run -p deskhand-store schedule",
            steps.join("\n")
        );
        std::panic::resume_unwind(broken);
    }
    sim.w.store.close().await;
}

/// The seeds to run: the one that is asked for, or these.
#[expect(
    clippy::disallowed_methods,
    reason = "what stands around a test is no setting of the server"
)]
fn seeds(ours: std::ops::Range<u64>) -> Vec<u64> {
    match std::env::var("DESKHAND_SCHEDULE_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => ours.collect(),
    }
}

#[tokio::test]
async fn whatever_goes_wrong_in_memory() {
    for seed in seeds(0..32) {
        let store = crate::sqlite::open("sqlite::memory:").await;
        schedule(Arc::new(store), seed).await;
    }
}

#[tokio::test]
async fn whatever_goes_wrong_in_a_file() {
    for seed in seeds(1_000..1_003) {
        let dir = tempfile::tempdir().unwrap();
        let store = crate::sqlite::open(&crate::sqlite::url(&dir)).await;
        schedule(Arc::new(store), seed).await;
    }
}

#[tokio::test]
async fn whatever_goes_wrong_on_postgres() {
    for seed in seeds(2_000..2_004) {
        let Some(url) = crate::pg_server::postgres_database() else {
            return;
        };
        schedule(Arc::new(crate::postgres::open(&url).await), seed).await;
    }
}
