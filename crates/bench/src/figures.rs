//! What is made of many measured times.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Percentiles, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Half took no longer.
    pub p50_ms: f64,
    /// 99 in 100 took no longer.
    pub p99_ms: f64,
}

impl Latency {
    /// Of these times; zero if there are none.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self {
            p50_ms: percentile(&times, 50),
            p99_ms: percentile(&times, 99),
        }
    }
}

/// The smallest time that `percent` in 100 do not exceed (nearest rank).
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted
        .get(rank - 1)
        .map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

/// The middle one; zero if there are none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The same work done by the bare loop or through the server.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Work {
    /// Turns that came to the right end.
    pub turns: u64,
    /// Turns that did not.
    pub errors: u64,
    /// By the clock on the wall.
    pub turns_per_second: f64,
    /// User and system time of the measured process.
    pub cpu_ms_per_turn: f64,
    /// From the message to the reply.
    #[serde(flatten)]
    pub latency: Latency,
    /// The most memory that the measured process ever held.
    pub peak_mib: f64,
    /// What each conversation added to its memory at the peak.
    pub kib_each: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let times = (1..=200).rev().map(Duration::from_millis).collect();
        let latency = Latency::of(times);
        assert_eq!((latency.p50_ms, latency.p99_ms), (100.0, 198.0));
        assert_eq!(Latency::of(Vec::new()).p99_ms, 0.0);
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median(vec![9.0, 1.0, 3.0]), 3.0);
    }
}
