//! A closed loop: each worker begins its next turn when the last one is done.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::future::join_all;

/// Somebody who does one turn after the other.
pub trait Worker {
    /// One turn; an error if it did not come to the right end.
    async fn turn(&mut self) -> Result<()>;
}

/// How long to go on.
#[derive(Debug, Clone, Copy)]
pub enum Stop {
    /// No turn begins later than this.
    After(Duration),
    /// So many turns each.
    Turns(u32),
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Timed {
    /// Of each turn that came to the right end.
    pub times: Vec<Duration>,
    /// How many did not.
    pub errors: u64,
    /// Until the last worker was done.
    pub elapsed: Duration,
}

impl Timed {
    /// Turns that came to the right end.
    pub fn turns(&self) -> u64 {
        self.times.len() as u64
    }

    /// Such turns in a second, by the clock on the wall.
    pub fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }
}

/// Runs all workers side by side.
pub async fn drive<W: Worker>(workers: &mut [W], stop: Stop) -> Timed {
    let began = Instant::now();
    let runs = join_all(workers.iter_mut().map(|worker| one(worker, stop, began))).await;
    let mut all = Timed {
        elapsed: began.elapsed(),
        ..Timed::default()
    };
    let mut why = None;
    for (times, error) in runs {
        all.times.extend(times);
        if error.is_some() {
            all.errors += 1;
        }
        why = why.or(error);
    }
    if let Some(why) = why {
        eprintln!("{} workers stopped early; one of them: {why:#}", all.errors);
    }
    all
}

/// A worker that has failed once stops: its connection may be of no more use.
async fn one<W: Worker>(
    worker: &mut W,
    stop: Stop,
    began: Instant,
) -> (Vec<Duration>, Option<anyhow::Error>) {
    let mut times = Vec::new();
    loop {
        let over = match stop {
            Stop::After(limit) => began.elapsed() >= limit,
            Stop::Turns(turns) => times.len() >= turns as usize,
        };
        if over {
            return (times, None);
        }
        let turn = Instant::now();
        if let Err(error) = worker.turn().await {
            return (times, Some(error));
        }
        times.push(turn.elapsed());
    }
}
