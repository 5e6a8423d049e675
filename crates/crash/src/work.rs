//! What customers ask for: calls of four actions, each with what the endpoint is to do with it. A
//! message spells them out, so that the model needs no memory and the endpoint no script.

use serde_json::{Value, json};

use crate::random::Random;

/// The actions, one of each nature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Changes something, and must not happen twice.
    Charge,
    /// Changes something; the endpoint knows its key again.
    Credit,
    /// Only looks.
    LookUp,
    /// Takes its time and reports back; must not happen twice.
    Refund,
}

/// What the endpoint does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Does it and says so.
    Fast,
    /// The same, after a while.
    Slow,
    /// Says no.
    Decline,
    /// Answers 500.
    Fail,
    /// Answers 503 the first time, then does it.
    Busy,
    /// Does it and answers far too late.
    Hang,
    /// Does it and breaks off in the middle of the answer.
    Cut,
    /// Does it and answers something that is not JSON.
    Garbage,
}

/// What one call asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub action: Action,
    /// What it is about; the same in all calls of one message.
    pub order: String,
    pub how: How,
}

impl Action {
    pub const ALL: [Self; 4] = [Self::Charge, Self::Credit, Self::LookUp, Self::Refund];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Charge => "charge_card",
            Self::Credit => "credit_account",
            Self::LookUp => "look_up_order",
            Self::Refund => "start_refund",
        }
    }

    /// As customers hear of it.
    pub fn display_name(self) -> String {
        self.name().replace('_', " ")
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// Whether one invocation may be sent once only.
    pub const fn is_once(self) -> bool {
        matches!(self, Self::Charge | Self::Refund)
    }

    /// As the API takes it.
    pub fn definition(self, receiver: &str) -> Value {
        let hows: Vec<&str> = How::ALL.iter().map(|(how, _)| how.name()).collect();
        json!({
            "name": self.name(),
            "display_name": self.display_name(),
            "description": format!(
                "Does {}. Use when the customer asks for it by name.", self.name()
            ),
            "webhook_url": format!("{receiver}/{}", self.name()),
            "timeout_seconds": 3,
            "effect": if self == Self::LookUp { "read" } else { "write" },
            "idempotent": matches!(self, Self::Credit | Self::LookUp),
            "long_running": self == Self::Refund,
            "parameters": {
                "type": "object",
                "properties": {
                    "order": { "type": "string", "description": "The order" },
                    "how": { "type": "string", "enum": hows, "description": "How" },
                },
                "required": ["order", "how"],
            },
        })
    }
}

impl How {
    /// With how often each is asked for. Few enough fail for the circuit breaker to stay closed.
    pub const ALL: [(Self, u64); 8] = [
        (Self::Fast, 46),
        (Self::Slow, 18),
        (Self::Decline, 8),
        (Self::Fail, 5),
        (Self::Busy, 7),
        (Self::Hang, 4),
        (Self::Cut, 7),
        (Self::Garbage, 5),
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Slow => "slow",
            Self::Decline => "decline",
            Self::Fail => "fail",
            Self::Busy => "busy",
            Self::Hang => "hang",
            Self::Cut => "cut",
            Self::Garbage => "garbage",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter().map(|(how, _)| how);
        all.find(|how| how.name() == name)
    }
}

/// What only a call that was carried out can tell: the customer has heard of a success if it is in a
/// reply.
pub fn receipt(action: Action, order: &str) -> String {
    format!("receipt({} {order})", action.name())
}

/// What to ask for about an order: one to three calls, side by side or one after the other, none twice.
pub fn rounds(random: &mut Random, order: &str) -> Vec<Vec<Call>> {
    let mut left = Action::ALL.to_vec();
    let mut rounds: Vec<Vec<Call>> = Vec::new();
    for number in 0..random.weighted(&[(1, 60), (2, 30), (3, 10)]) {
        let action = left.remove(random.below(left.len() as u64) as usize);
        let call = Call {
            action,
            order: order.to_owned(),
            how: random.weighted(&How::ALL),
        };
        match rounds.last_mut() {
            Some(round) if number > 0 && random.percent(60) => round.push(call),
            _ => rounds.push(vec![call]),
        }
    }
    rounds
}

/// The message that asks for it; `number` tells it from every other.
pub fn message(number: u64, rounds: &[Vec<Call>]) -> String {
    let rounds: Vec<String> = rounds
        .iter()
        .map(|round| {
            let calls: Vec<String> = round
                .iter()
                .map(|call| format!("{} {} {}", call.action.name(), call.order, call.how.name()))
                .collect();
            calls.join(" and ")
        })
        .collect();
    format!("Message {number}: run {}.", rounds.join(" then "))
}

/// What a message asks for.
pub fn read(message: &str) -> Option<Vec<Vec<Call>>> {
    let (_, wanted) = message.split_once(": run ")?;
    let call = |text: &str| {
        let mut words = text.split(' ');
        Some(Call {
            action: Action::named(words.next()?)?,
            order: words.next()?.to_owned(),
            how: How::named(words.next()?)?,
        })
    };
    wanted
        .trim_end_matches('.')
        .split(" then ")
        .map(|round| round.split(" and ").map(call).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_all_that_is_wanted() {
        let mut random = Random::new(3, 0);
        for number in 0..100 {
            let wanted = rounds(&mut random, &format!("ORD-{number}"));
            assert_eq!(read(&message(number, &wanted)), Some(wanted));
        }
        assert_eq!(read("Hello"), None);
    }
}
