//! The lives of one node: started, killed where the plan says, and started again.

use std::collections::{BTreeMap, VecDeque};
use std::os::unix::process::ExitStatusExt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::process::Signal;

use crate::node::{Node, Settings};
use crate::plan::Death;
use crate::snapshot::{Snapshot, Source};
use crate::trigger::Trigger;

/// How long a life goes on in which the planned death does not come; then it ends at once.
const LONGEST: Duration = Duration::from_secs(5);
/// How long a paused node stands still: past any lease.
const PAUSE: Duration = Duration::from_secs(25);
/// How long one that was paused goes on.
const AFTER_PAUSE: Duration = Duration::from_secs(3);

/// How `deskhand serve` begins to say why it does not start.
const START: [&str; 3] = [
    "deskhand: database",
    "deskhand: recovery",
    "deskhand: first start",
];

/// What the lives of all nodes share.
pub struct Lives {
    pub settings: Arc<Settings>,
    pub trigger: Arc<Trigger>,
    /// Where it is read what a dead node had under way.
    pub source: Source,
    longest: Duration,
    plan: Mutex<VecDeque<(usize, Death)>>,
    deaths: Mutex<BTreeMap<String, usize>>,
    snapshots: Mutex<Vec<Snapshot>>,
    /// Ends that nobody asked for.
    strange: Mutex<Vec<String>>,
}

impl Lives {
    pub fn new(
        settings: Arc<Settings>,
        trigger: Arc<Trigger>,
        source: Source,
        nodes: usize,
        plan: Vec<Death>,
    ) -> Self {
        Self {
            settings,
            trigger,
            source,
            longest: match nodes {
                1 => LONGEST,
                _ => LONGEST * 2,
            },
            plan: Mutex::new(plan.into_iter().enumerate().collect()),
            deaths: Mutex::default(),
            snapshots: Mutex::default(),
            strange: Mutex::default(),
        }
    }

    /// Deaths by where they happened, what was under way at each, and ends that nobody asked for.
    pub fn told(&self) -> (BTreeMap<String, usize>, Vec<Snapshot>, Vec<String>) {
        (
            lock(&self.deaths).clone(),
            lock(&self.snapshots).clone(),
            lock(&self.strange).clone(),
        )
    }

    /// Lets a node live and die as long as there is something in the plan.
    pub async fn of(&self, node: &mut Node) -> Result<()> {
        loop {
            let next = lock(&self.plan).pop_front();
            let Some((number, death)) = next else {
                return Ok(());
            };
            let name = self.one(node, death).await?;
            *lock(&self.deaths).entry(name.clone()).or_default() += 1;
            let taken = self.source.take(node, number).await?;
            lock(&self.snapshots).push(taken);
            if number % 25 == 24 {
                eprintln!("{} kills, the last {name}", number + 1);
            }
        }
    }

    /// One life; where it ended.
    async fn one(&self, node: &mut Node, death: Death) -> Result<String> {
        let victim = node.start(&self.settings, death.order().as_deref())?;
        if let Death::Seen(place, pass) = death {
            self.trigger.arm(place, pass, victim);
        }
        let came = match death {
            Death::After(wait) => {
                tokio::time::sleep(wait).await;
                node.ended()?.is_none()
            }
            Death::Stopping(wait, grace) => {
                if node.ready().await? {
                    tokio::time::sleep(wait).await;
                    node.signal(Signal::TERM)?;
                    // One that has nothing to do ends by itself, which is as good.
                    node.died(grace).await?;
                }
                true
            }
            Death::Paused(..) => self.paused(node).await?,
            Death::Point(..) | Death::Seen(..) => {
                // Some points are passed before it is ready.
                node.ready().await?;
                node.died(self.longest).await?.is_some()
            }
        };
        let status = node.kill()?;
        self.trigger.disarm(victim);
        let stopped = matches!(death, Death::Stopping(..)) && status.success();
        if status.signal() != Some(Signal::KILL.as_raw()) && !stopped {
            let tail = node.log_tail();
            // A server may refuse to start while its database is away.
            if self.source.is_shared() && START.iter().any(|step| tail.contains(step)) {
                return Ok("without a database, at its start".to_owned());
            }
            lock(&self.strange).push(format!("{death:?}: {status}: {tail}"));
        }
        Ok(match came {
            true => death.name(),
            false => format!("{} (not reached)", death.name()),
        })
    }

    /// Waits until it stands still, lets others take it for dead, and lets it go on.
    async fn paused(&self, node: &mut Node) -> Result<bool> {
        let began = Instant::now();
        while !node.is_stopped() {
            if began.elapsed() > self.longest * 2 || node.ended()?.is_some() {
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(PAUSE).await;
        node.signal(Signal::CONT)?;
        node.died(AFTER_PAUSE).await?;
        Ok(true)
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
