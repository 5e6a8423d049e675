//! Crash points: named places on the way of a call where a test may let the process die, or stand
//! still, at the worst moment (`cargo xtask crash`).
//!
//! They are in builds with debug assertions, which are never shipped, so that no other build is needed
//! to try them; elsewhere [`point`] is nothing. Dying is the business of whoever arms them: the command line,
//! which alone reads the environment.

/// A request's idempotency key is claimed.
pub const CLAIM_MADE: &str = "claim_made";
/// The customer's message and its turn are stored.
pub const TURN_BEGUN: &str = "turn_begun";
/// The calls that a turn has decided are stored.
pub const INTENT_COMMITTED: &str = "intent_committed";
/// `sending` is stored; the first byte may leave.
pub const SENDING_COMMITTED: &str = "sending_committed";
/// The whole response has been read.
pub const RESPONSE_READ: &str = "response_read";
/// What came of a call is about to be stored.
pub const OUTCOME_COMMITTING: &str = "outcome_committing";
/// What came of a call is stored, and nobody has been told.
pub const OUTCOME_COMMITTED: &str = "outcome_committed";
/// The URL by which the owner's system reports on a call is stored; the call has not left.
pub const CALLBACK_MADE: &str = "callback_made";
/// A report, an operator or the clock has settled an invocation, and nobody has been told.
pub const SETTLEMENT_COMMITTED: &str = "settlement_committed";
/// A turn's reply is about to be stored.
pub const TURN_ENDING: &str = "turn_ending";
/// A turn's reply is stored, and nobody has been told.
pub const TURN_ENDED: &str = "turn_ended";
/// The answer to an idempotency key is about to be stored.
pub const CLAIM_SETTLING: &str = "claim_settling";
/// The answer to an idempotency key is stored, and the client has none yet.
pub const CLAIM_SETTLED: &str = "claim_settled";
/// A transaction is written, and not committed.
pub const COMMITTING: &str = "committing";
/// A transaction is committed, and who asked for it does not know yet.
pub const COMMITTED: &str = "committed";

/// Every point.
pub const POINTS: &[&str] = &[
    CLAIM_MADE,
    TURN_BEGUN,
    INTENT_COMMITTED,
    SENDING_COMMITTED,
    RESPONSE_READ,
    OUTCOME_COMMITTING,
    OUTCOME_COMMITTED,
    CALLBACK_MADE,
    SETTLEMENT_COMMITTED,
    TURN_ENDING,
    TURN_ENDED,
    CLAIM_SETTLING,
    CLAIM_SETTLED,
    COMMITTING,
    COMMITTED,
];

#[cfg(debug_assertions)]
mod armed {
    use std::sync::OnceLock;

    type Hook = Box<dyn Fn(&'static str) + Send + Sync>;

    static HOOK: OnceLock<Hook> = OnceLock::new();

    /// From now on every point that is passed calls `hook` with its name. False: another was there before.
    pub fn arm(hook: impl Fn(&'static str) + Send + Sync + 'static) -> bool {
        HOOK.set(Box::new(hook)).is_ok()
    }

    /// Passes a point.
    #[inline]
    pub fn point(name: &'static str) {
        debug_assert!(super::POINTS.contains(&name), "{name} is not on the list");
        if let Some(hook) = HOOK.get() {
            hook(name);
        }
    }
}

#[cfg(debug_assertions)]
pub use armed::{arm, point};

/// Passes a point: nothing, in this build.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn point(_name: &'static str) {}

#[cfg(all(test, debug_assertions))]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn names_are_told_apart() {
        for (at, name) in POINTS.iter().enumerate() {
            assert!(!POINTS[at + 1..].contains(name), "{name} twice");
        }
    }

    #[test]
    fn what_is_armed_hears_of_every_point() {
        static HEARD: Mutex<Vec<&str>> = Mutex::new(Vec::new());
        point(TURN_BEGUN);
        assert!(arm(|name| HEARD.lock().unwrap().push(name)));
        point(TURN_ENDED);
        assert!(!arm(|_| ()));
        assert_eq!(*HEARD.lock().unwrap(), [TURN_ENDED]);
    }
}
