//! The circuit breaker of an action: when too many of its calls fail, none is made for a while, so
//! that a customer hears at once what waiting would not change, and a struggling endpoint is left
//! alone. Each node counts the calls it makes itself in a [`Window`]; where the circuit stands is
//! stored once for all of them, as a [`Circuit`], and changes only as [`Circuit::after`] says.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::id::InvocationId;
use crate::limits;
use crate::text_enum::text_enum;

#[cfg(test)]
mod tests;
mod window;

pub use self::window::{Sign, Window};

text_enum! {
    /// Where the circuit of an action stands.
    CircuitState {
        /// Calls are made.
        Closed = "closed",
        /// Calls fail at once with `circuit_open`.
        Open = "open",
        /// One call may go through, to see.
        HalfOpen = "half_open",
    }
}

/// The circuit of an action, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CircuitView {
    /// Where it stands.
    pub state: CircuitState,
    /// Why it was opened; null if it is closed.
    pub reason: Option<String>,
    /// When it was opened; null if it is closed.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
    pub opened_at: Option<Timestamp>,
    /// When a call may go through to see whether the endpoint works again; null if it is closed.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
    pub retry_at: Option<Timestamp>,
}

/// The circuit of an action, as stored. One that has never been opened is closed, at generation 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Circuit {
    /// Counts its changes: of two that were read, the greater is the later.
    pub generation: i64,
    /// Closed where there is none.
    pub open: Option<Open>,
}

/// An open circuit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Why it was opened, for the operator.
    pub reason: String,
    /// When it was opened first.
    pub opened_at: Timestamp,
    /// When one call may go through.
    pub retry_at: Timestamp,
    /// The call that is going through.
    pub probe: Option<Probe>,
}

/// The one call that may go through a half-open circuit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Which.
    pub by: InvocationId,
    /// When it is over at the latest, whatever has become of the node that makes it.
    pub until: Timestamp,
}

/// What becomes of a call before it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passage {
    /// It may go.
    Free,
    /// It may go as the probe, if [`Change::Probe`] is stored first.
    AsProbe,
    /// It may not go.
    Barred,
}

/// Something that may change a circuit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Too many calls failed since the generation `known`.
    Open {
        /// The generation at which they were counted.
        known: i64,
        /// What is said to the operator.
        reason: String,
    },
    /// A call wants to go through.
    Probe(Probe),
    /// The probe was answered.
    Answered(InvocationId),
    /// The probe failed too.
    Failed(InvocationId),
    /// The probe was not made after all, or says nothing.
    Dropped(InvocationId),
    /// The action is not the same any more.
    Reset,
}

impl Circuit {
    /// Whether a call may be made.
    pub fn passage(&self, now: Timestamp) -> Passage {
        match &self.open {
            None => Passage::Free,
            Some(open) if open.may_probe(now) => Passage::AsProbe,
            Some(_) => Passage::Barred,
        }
    }

    /// Whether this call is the one that goes through now.
    pub fn is_probed_by(&self, by: InvocationId) -> bool {
        self.open.as_ref().is_some_and(|open| open.is_probed_by(by))
    }

    /// The circuit after a change; `None` if it does not apply, and then nothing may be stored.
    pub fn after(&self, change: &Change, now: Timestamp) -> Option<Self> {
        let open = match (change, &self.open) {
            (Change::Open { known, reason }, None) if *known == self.generation => Some(Open {
                reason: reason.clone(),
                opened_at: now,
                retry_at: later(now, limits::CIRCUIT_OPEN),
                probe: None,
            }),
            (Change::Probe(probe), Some(open)) if open.may_probe(now) => Some(Open {
                probe: Some(probe.clone()),
                ..open.clone()
            }),
            (Change::Answered(by), Some(open)) if open.is_probed_by(*by) => None,
            (Change::Failed(by), Some(open)) if open.is_probed_by(*by) => Some(Open {
                retry_at: later(now, limits::CIRCUIT_OPEN),
                probe: None,
                ..open.clone()
            }),
            (Change::Dropped(by), Some(open)) if open.is_probed_by(*by) => Some(Open {
                probe: None,
                ..open.clone()
            }),
            (Change::Reset, Some(_)) => None,
            _ => return None,
        };
        Some(Self {
            generation: self.generation + 1,
            open,
        })
    }

    /// As its owner sees it.
    pub fn view(&self, now: Timestamp) -> CircuitView {
        let open = self.open.as_ref();
        CircuitView {
            state: match open {
                None => CircuitState::Closed,
                Some(open) if open.is_due(now) => CircuitState::HalfOpen,
                Some(_) => CircuitState::Open,
            },
            reason: open.map(|open| open.reason.clone()),
            opened_at: open.map(|open| open.opened_at),
            retry_at: open.map(|open| open.retry_at),
        }
    }
}

/// The most that a probe can be waited for.
const LONGEST_PROBE: SignedDuration = SignedDuration::from_secs(
    *limits::TIMEOUT_SECONDS.end() as i64 + limits::CIRCUIT_PROBE_GRACE.as_secs(),
);

impl Open {
    fn is_due(&self, now: Timestamp) -> bool {
        is_over(self.retry_at, now, limits::CIRCUIT_OPEN)
    }

    fn may_probe(&self, now: Timestamp) -> bool {
        let over = |probe: &Probe| is_over(probe.until, now, LONGEST_PROBE);
        self.is_due(now) && self.probe.as_ref().is_none_or(over)
    }

    fn is_probed_by(&self, by: InvocationId) -> bool {
        self.probe.as_ref().is_some_and(|probe| probe.by == by)
    }
}

impl Probe {
    /// One that begins at `now`. It is waited for longer than its call can take, so that a second is
    /// let through only if nobody is left to say what became of the first.
    pub fn new(by: InvocationId, now: Timestamp, timeout_seconds: u32) -> Self {
        let call = SignedDuration::from_secs(i64::from(timeout_seconds));
        let until = later(later(now, call), limits::CIRCUIT_PROBE_GRACE);
        Self { by, until }
    }
}

/// Whether a moment that was set at most `most` ahead is past. One that is further ahead was set
/// before the clock was put back, and would otherwise be waited for that long.
fn is_over(at: Timestamp, now: Timestamp, most: SignedDuration) -> bool {
    at <= now || at.duration_since(now) > most
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// One node's part in the circuit of one action: what it knows of what is stored, and the calls that
/// it has made since that last changed.
#[derive(Debug, Clone, Default)]
pub struct Breaker {
    known: Circuit,
    window: Window,
}

impl Breaker {
    /// Takes in what was read, if it is newer than what is known. Says whether it is.
    pub fn learn(&mut self, stored: &Circuit) -> bool {
        let is_news = stored.generation > self.known.generation;
        if is_news {
            self.known = stored.clone();
            self.window = Window::default();
        }
        is_news
    }

    /// What is known of what is stored.
    pub fn known(&self) -> &Circuit {
        &self.known
    }

    /// Counts a call that was made. Says what is to be stored, if anything is.
    pub fn heard(&mut self, sign: Sign, now: Timestamp) -> Option<Change> {
        if self.known.open.is_some() {
            return None; // Only the probe decides.
        }
        let reason = self.window.count(sign, now)?;
        Some(Change::Open {
            known: self.known.generation,
            reason,
        })
    }

    /// Whether nothing would be lost with it, but what is stored.
    pub fn is_idle(&mut self, now: Timestamp) -> bool {
        self.window.is_empty(now)
    }
}
