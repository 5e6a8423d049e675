//! When and where the server dies.

use std::time::Duration;

use deskhand_domain::crash::{COMMITTED, COMMITTING, POINTS};

use crate::random::Random;
use crate::trigger::Place;

/// One death.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// By itself, at the n-th pass of one of its own points.
    Point(&'static str, u64),
    /// At the n-th time that a counterpart sees it there.
    Seen(Place, u64),
    /// So long after it was started, ready or not.
    After(Duration),
    /// So long after it was asked to stop, which comes so long after the start.
    Stopping(Duration, Duration),
    /// Not at all: it stands still at the n-th pass of a point until others have taken it for dead, then
    /// goes on for a while.
    Paused(&'static str, u64),
}

impl Death {
    /// Under which it is counted.
    pub fn name(self) -> String {
        match self {
            Self::Point(point, _) => point.to_owned(),
            Self::Seen(place, _) => format!("outside: {}", place.name()),
            Self::After(_) => "at random".to_owned(),
            Self::Stopping(..) => "while stopping".to_owned(),
            Self::Paused(point, _) => format!("paused: {point}"),
        }
    }

    /// For `DESKHAND_CRASH_AT`.
    pub fn order(self) -> Option<String> {
        match self {
            Self::Point(point, pass) => Some(format!("{point}:{pass}")),
            Self::Paused(point, pass) => Some(format!("{point}:{pass}:stop")),
            _ => None,
        }
    }
}

/// So many deaths, every point about as often as every other. With several nodes some only stand still
/// for a while, and each has time to do more, since what a dead one held waits for its lease to end.
pub fn deaths(seed: u64, count: usize, nodes: usize) -> Vec<Death> {
    let mut random = Random::new(seed, 1);
    let millis = |random: &mut Random, most| Duration::from_millis(random.below(most));
    let passes = if nodes > 1 { 2 } else { 1 };
    let (mut points, mut places) = (0, 0);
    (0..count)
        .map(|number| {
            if nodes > 1 && number % 10 == 9 {
                let point = random.of(POINTS);
                return Death::Paused(point, 1 + random.below(8 * passes));
            }
            match random.below(100) {
                0..50 => {
                    let point = POINTS[points % POINTS.len()];
                    points += 1;
                    // Every write passes these.
                    let most = match point {
                        COMMITTING | COMMITTED => 80,
                        _ => 12,
                    };
                    Death::Point(point, 1 + random.below(most * passes))
                }
                50..75 => {
                    let place = Place::ALL[places % Place::ALL.len()];
                    places += 1;
                    Death::Seen(place, 1 + random.below(8 * passes))
                }
                75..93 => Death::After(millis(&mut random, 2_000 * passes)),
                _ => Death::Stopping(
                    millis(&mut random, 1_500) + Duration::from_millis(200),
                    millis(&mut random, 1_500),
                ),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_the_seed_s_and_misses_no_point() {
        let plan = deaths(5, 300, 3);
        assert_eq!(plan, deaths(5, 300, 3));
        assert_ne!(plan, deaths(6, 300, 3));
        let names: Vec<String> = plan.iter().map(|death| death.name()).collect();
        for point in POINTS {
            assert!(names.iter().any(|name| name == point), "{point}");
        }
        for place in Place::ALL {
            let name = format!("outside: {}", place.name());
            assert!(names.contains(&name), "{name}");
        }
    }
}
