//! The rule, case by case; then many nodes over one store, on a thousand seeded schedules.

use super::*;
use crate::clock::Entropy;
use crate::invocation::{Failure, FailureCode, InvocationStatus};

mod nodes;

const BEGIN: i64 = 1_800_000_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millisecond(BEGIN + seconds * 1_000).unwrap()
}

const TIMEOUT: Sign = Sign::Failed(FailureCode::Timeout);

#[derive(Debug)]
struct Numbered(u8);

impl Entropy for Numbered {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

fn call(n: u8) -> InvocationId {
    InvocationId::new(at(0), &Numbered(n))
}

/// Counts these at one second each, and says what opened it.
fn count(signs: impl IntoIterator<Item = Sign>) -> Option<String> {
    let mut window = Window::default();
    let mut opened = None;
    for (second, sign) in signs.into_iter().enumerate() {
        opened = window.count(sign, at(i64::try_from(second).unwrap()));
    }
    opened
}

fn opened() -> Circuit {
    let open = Change::Open {
        known: 0,
        reason: "it is down".to_owned(),
    };
    Circuit::default().after(&open, at(0)).unwrap()
}

#[test]
fn ten_calls_and_seven_failures_open_it() {
    let mixed = |failures, answers| {
        std::iter::repeat_n(Sign::Answered, answers).chain(std::iter::repeat_n(TIMEOUT, failures))
    };
    assert_eq!(count(mixed(9, 0)), None);
    assert_eq!(count(mixed(6, 4)), None);
    assert_eq!(
        count(mixed(7, 3)).as_deref(),
        Some("7 of the last 10 calls failed, mostly timeout")
    );
    assert_eq!(count(mixed(69, 31)), None);
    assert!(count(mixed(70, 30)).is_some());
}

#[test]
fn what_is_five_minutes_old_does_not_count() {
    let mut window = Window::default();
    for second in 0..9 {
        assert_eq!(window.count(TIMEOUT, at(second)), None);
    }
    assert_eq!(window.count(TIMEOUT, at(300)), None);
    assert!(!window.is_empty(at(500)));
    assert!(window.is_empty(at(700)));
}

#[test]
fn a_clock_that_is_put_back_forgets() {
    let mut window = Window::default();
    for _ in 0..9 {
        window.count(TIMEOUT, at(4_000));
    }
    assert_eq!(window.count(TIMEOUT, at(0)), None);
}

#[test]
fn open_it_lets_one_through_after_half_a_minute() {
    let circuit = opened();
    assert_eq!(circuit.passage(at(29)), Passage::Barred);
    assert_eq!(circuit.view(at(29)).state, CircuitState::Open);
    assert_eq!(circuit.passage(at(30)), Passage::AsProbe);
    assert_eq!(circuit.view(at(30)).state, CircuitState::HalfOpen);
    let probe = Change::Probe(Probe::new(call(1), at(30), 30));
    let probing = circuit.after(&probe, at(30)).unwrap();
    assert_eq!(probing.passage(at(31)), Passage::Barred);
    assert_eq!(probing.after(&probe, at(31)), None);
}

#[test]
fn the_probe_decides_and_nobody_else() {
    let probe = Change::Probe(Probe::new(call(1), at(30), 30));
    let probing = opened().after(&probe, at(30)).unwrap();
    assert_eq!(probing.after(&Change::Answered(call(2)), at(40)), None);
    assert_eq!(probing.after(&Change::Failed(call(2)), at(40)), None);
    let closed = probing.after(&Change::Answered(call(1)), at(40)).unwrap();
    assert_eq!(closed.open, None);
    let again = probing.after(&Change::Failed(call(1)), at(40)).unwrap();
    assert_eq!(again.passage(at(69)), Passage::Barred);
    assert_eq!(again.passage(at(70)), Passage::AsProbe);
    assert_eq!(again.view(at(69)).opened_at, Some(at(0)));
    let dropped = probing.after(&Change::Dropped(call(1)), at(40)).unwrap();
    assert_eq!(dropped.passage(at(40)), Passage::AsProbe);
}

#[test]
fn a_probe_that_nobody_speaks_of_is_given_up() {
    let probe = Change::Probe(Probe::new(call(1), at(30), 30));
    let probing = opened().after(&probe, at(30)).unwrap();
    assert_eq!(probing.passage(at(79)), Passage::Barred);
    assert_eq!(probing.passage(at(80)), Passage::AsProbe);
}

#[test]
fn a_clock_that_is_put_back_does_not_keep_it_open() {
    assert_eq!(opened().passage(at(-4_000)), Passage::AsProbe);
}

#[test]
fn what_was_counted_before_it_closed_does_not_open_it() {
    let closed = opened().after(&Change::Reset, at(10)).unwrap();
    let stale = Change::Open {
        known: 0,
        reason: String::new(),
    };
    assert_eq!(closed.after(&stale, at(11)), None);
    assert_eq!(closed.after(&Change::Reset, at(11)), None);
    assert_eq!(opened().after(&stale, at(11)), None);
}

#[test]
fn only_what_says_something_of_the_endpoint_counts() {
    use InvocationStatus::{Declined, Failed, Succeeded, Unknown};
    let of = |status, code, http_status| {
        let failure = Failure {
            code,
            message: String::new(),
            http_status,
        };
        Sign::of(status, Some(&failure))
    };
    assert_eq!(Sign::of(Succeeded, None), Some(Sign::Answered));
    assert_eq!(Sign::of(Declined, None), Some(Sign::Answered));
    assert_eq!(Sign::of(InvocationStatus::Sending, None), None);
    assert_eq!(of(Unknown, FailureCode::Timeout, None), Some(TIMEOUT));
    let http = |status| of(Failed, FailureCode::HttpError, Some(status));
    assert_eq!(http(404), Some(Sign::Answered));
    assert_eq!(http(429), Some(Sign::Answered));
    assert_eq!(http(503), Some(Sign::Failed(FailureCode::HttpError)));
    assert_eq!(of(Failed, FailureCode::BlockedDestination, None), None);
    assert_eq!(of(Failed, FailureCode::CircuitOpen, None), None);
}
