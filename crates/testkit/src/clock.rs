//! Time and randomness that a test sets.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use deskhand_domain::clock::{Clock, Entropy};
use jiff::Timestamp;

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct TestClock {
    millis: AtomicI64,
}

impl TestClock {
    /// A clock standing at a moment such as `2026-11-23T12:00:00Z`.
    pub fn at(moment: &str) -> Self {
        let moment: Timestamp = moment.parse().expect("a moment in RFC 3339 form");
        Self {
            millis: AtomicI64::new(moment.as_millisecond()),
        }
    }

    /// Sets it.
    pub fn set(&self, moment: Timestamp) {
        self.millis
            .store(moment.as_millisecond(), Ordering::Relaxed);
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).expect("a duration a test would use");
        self.millis.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.millis.load(Ordering::Relaxed))
            .expect("a moment that was one before")
    }
}

/// Random-looking bytes, the same ones for the same seed (SplitMix64).
#[derive(Debug)]
pub struct SeededEntropy {
    state: AtomicU64,
    turn: Mutex<()>,
}

impl SeededEntropy {
    /// A source for this seed.
    pub fn new(seed: u64) -> Self {
        Self {
            state: AtomicU64::new(seed),
            turn: Mutex::new(()),
        }
    }

    fn next(&self) -> u64 {
        let step = 0x9e37_79b9_7f4a_7c15_u64;
        let mut z = self
            .state
            .fetch_add(step, Ordering::Relaxed)
            .wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        // One buffer at a time, so that two callers do not share a word.
        let _turn = self.turn.lock().expect("no test panics while filling");
        for chunk in buffer.chunks_mut(8) {
            let bytes = self.next().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}
