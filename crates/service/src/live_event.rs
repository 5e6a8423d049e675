//! One event of a conversation, named and put into words.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use deskhand_domain::id::TurnId;

use crate::live::TurnEvent;

/// Names one event of a conversation: `turn_….7`, or `turn_….end` for the last of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventId {
    /// The turn.
    pub turn_id: TurnId,
    /// Its place in the turn; the last has none.
    pub place: Option<u32>,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(place) => write!(f, "{}.{place}", self.turn_id),
            None => write!(f, "{}.end", self.turn_id),
        }
    }
}

impl FromStr for EventId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (turn, place) = text.split_once('.').ok_or(())?;
        Ok(Self {
            turn_id: turn.parse().map_err(|_| ())?,
            place: match place {
                "end" => None,
                number => Some(number.parse().map_err(|_| ())?),
            },
        })
    }
}

/// One event, ready to be sent.
#[derive(Debug, Clone)]
pub struct LiveEvent {
    /// Names it.
    pub id: EventId,
    /// Its name on the wire.
    pub name: &'static str,
    /// Its data as JSON.
    pub data: Arc<str>,
}

impl LiveEvent {
    /// Whether it is the last of its turn.
    pub fn is_last(&self) -> bool {
        self.id.place.is_none()
    }

    /// Whether it is only for those who ask for the trace.
    pub fn is_trace(&self) -> bool {
        self.name.starts_with("trace.")
    }

    /// Puts an event into words.
    pub fn new(id: EventId, event: &TurnEvent) -> Self {
        Self {
            id,
            name: event.name(),
            // Strings, numbers and maps with text keys always serialise.
            data: serde_json::to_string(event).unwrap_or_default().into(),
        }
    }
}
