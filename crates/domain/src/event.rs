//! What other systems are told: events, the endpoints they go to, and their deliveries.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::clock::Entropy;
use crate::id::{DeliveryId, EndpointId, EventId, WorkspaceId};
use crate::invocation::InvocationStatus;
use crate::limits::{EVENT_ATTEMPT_LATEST, EVENT_WAITS};
use crate::text_enum::text_enum;

text_enum! {
    /// What an event is about.
    EventType {
        /// A conversation has begun.
        ConversationStarted = "conversation.started",
        /// Somebody has said something in a conversation.
        ConversationMessage = "conversation.message",
        /// An invocation has succeeded.
        InvocationSucceeded = "invocation.succeeded",
        /// The owner's system has said no to one.
        InvocationDeclined = "invocation.declined",
        /// One did not happen.
        InvocationFailed = "invocation.failed",
        /// Whether one has happened is not known.
        InvocationUnknown = "invocation.unknown",
        /// One goes on in the owner's system.
        InvocationAccepted = "invocation.accepted",
        /// One that went on there is done.
        InvocationCompleted = "invocation.completed",
        /// Nobody has reported in time what became of one.
        InvocationExpired = "invocation.expired",
        /// Another event endpoint gets no more events, because it failed.
        EndpointDisabled = "endpoint.disabled",
        /// A customer is to be answered by a person.
        HandoffRequested = "handoff.requested",
        /// A trial, made by hand.
        EndpointTest = "endpoint.test",
    }
}

impl EventType {
    /// The event of an invocation that has come to stand so; `None` where nobody is told.
    pub const fn of(status: InvocationStatus) -> Option<Self> {
        match status {
            InvocationStatus::Succeeded => Some(Self::InvocationSucceeded),
            InvocationStatus::Declined => Some(Self::InvocationDeclined),
            InvocationStatus::Failed => Some(Self::InvocationFailed),
            InvocationStatus::Unknown => Some(Self::InvocationUnknown),
            InvocationStatus::Accepted => Some(Self::InvocationAccepted),
            InvocationStatus::Completed => Some(Self::InvocationCompleted),
            InvocationStatus::Expired => Some(Self::InvocationExpired),
            InvocationStatus::AwaitingConfirmation
            | InvocationStatus::Intended
            | InvocationStatus::Sending
            | InvocationStatus::Cancelled => None,
        }
    }
}

/// Where a workspace's events go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventEndpoint {
    /// Identifies it.
    pub id: EndpointId,
    /// The tenant. Left out of answers: a client only ever sees its own.
    #[serde(skip_serializing)]
    pub workspace_id: WorkspaceId,
    /// Where events are posted.
    pub url: String,
    /// The types that are wanted; null for all.
    pub types: Option<Vec<EventType>>,
    /// What it is for, in the owner's words.
    pub description: String,
    /// Whether it gets events.
    pub enabled: bool,
    /// Why it was taken out of service, if the server did that. Null again once it is enabled.
    pub disabled: Option<Disabled>,
    /// When it was made.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub updated_at: Timestamp,
}

impl EventEndpoint {
    /// Whether it is to get events of this type.
    pub fn wants(types: Option<&[EventType]>, kind: EventType) -> bool {
        types.is_none_or(|types| types.contains(&kind))
    }
}

/// Why the server took an endpoint out of service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Disabled {
    /// The rule.
    pub reason: DisabledReason,
    /// What exactly happened, in a sentence.
    pub detail: String,
    /// When.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub at: Timestamp,
}

text_enum! {
    /// The rules by which the server takes an endpoint out of service.
    DisabledReason {
        /// It answered 410: nobody is there any more.
        Gone = "gone",
        /// Nothing has reached it for five days.
        Failing = "failing",
    }
}

text_enum! {
    /// Where a delivery stands.
    DeliveryStatus {
        /// It waits for its next attempt.
        Pending = "pending",
        /// The endpoint has taken it.
        Delivered = "delivered",
        /// It has been given up.
        Failed = "failed",
    }
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delivery {
    /// Identifies it.
    pub id: DeliveryId,
    /// The tenant. Left out of answers: a client only ever sees its own.
    #[serde(skip_serializing)]
    pub workspace_id: WorkspaceId,
    /// Where to.
    pub endpoint_id: EndpointId,
    /// The event, and the `webhook-id` of every attempt: a receiver that has seen it may ignore it.
    pub event_id: EventId,
    /// The event's type.
    pub r#type: EventType,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Requests made for it.
    pub attempts_made: u32,
    /// When the next is due; null once it has ended.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
    pub next_attempt_at: Option<Timestamp>,
    /// What the endpoint last answered, if it did.
    pub http_status: Option<u16>,
    /// Why the last attempt failed, or why there will be no other.
    pub last_error: Option<String>,
    /// When it was made.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
    /// When it ended.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
    pub finished_at: Option<Timestamp>,
}

/// When to try again after so many failed attempts; `None` if enough have been made. A time that the
/// endpoint asked for is waited for, within a bound.
pub fn next_attempt(
    attempts_made: u32,
    asked: Option<Duration>,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Option<Timestamp> {
    let place = usize::try_from(attempts_made.checked_sub(1)?).ok()?;
    let wait = jittered(*EVENT_WAITS.get(place)?, entropy);
    let wait = asked.map_or(wait, |asked| asked.min(EVENT_ATTEMPT_LATEST).max(wait));
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    Some(now.checked_add(wait).unwrap_or(Timestamp::MAX))
}

/// 80 to 120 % of a time, so that what failed together does not come back together.
fn jittered(wait: Duration, entropy: &dyn Entropy) -> Duration {
    let mut random = [0; 4];
    entropy.fill(&mut random);
    let share = f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX);
    wait.mul_f64(0.8 + 0.4 * share)
}

/// A list of types as an owner may give it: without repetitions, in the order of their declaration.
pub fn tidied(types: &[EventType]) -> Vec<EventType> {
    EventType::ALL
        .iter()
        .copied()
        .filter(|kind| types.contains(kind))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::EVENT_ATTEMPTS;

    #[derive(Debug)]
    struct Fixed([u8; 4]);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.copy_from_slice(&self.0);
        }
    }

    fn waits(random: [u8; 4], asked: Option<Duration>) -> Vec<SignedDuration> {
        (1..=EVENT_ATTEMPTS)
            .map_while(|made| next_attempt(made, asked, Timestamp::UNIX_EPOCH, &Fixed(random)))
            .map(|at| at.duration_since(Timestamp::UNIX_EPOCH))
            .collect()
    }

    #[test]
    fn ten_attempts_take_about_75_hours() {
        let waits = waits([0, 0, 0, 0x80], None);
        assert_eq!(waits.len(), 9);
        let hours = waits.iter().map(SignedDuration::as_secs_f64).sum::<f64>() / 3600.0;
        assert!((75.0..76.0).contains(&hours), "{hours}");
    }

    proptest! {
        #[test]
        fn every_wait_is_within_a_fifth_of_its_own(random in any::<[u8; 4]>()) {
            for (wait, meant) in waits(random, None).iter().zip(EVENT_WAITS) {
                let share = wait.as_secs_f64() / meant.as_secs_f64();
                prop_assert!((0.799..=1.201).contains(&share), "{share}");
            }
        }

        #[test]
        fn a_longer_wait_that_was_asked_for_is_kept(
            random in any::<[u8; 4]>(), seconds in 0_u64..10_000_000,
        ) {
            let asked = Duration::from_secs(seconds);
            for (with, without) in waits(random, Some(asked)).iter().zip(waits(random, None)) {
                let least = asked.min(EVENT_ATTEMPT_LATEST).as_secs_f64();
                prop_assert!(with.as_secs_f64() >= least.max(without.as_secs_f64()) - 0.001);
                prop_assert!(with.as_secs_f64() <= least.max(without.as_secs_f64()) + 0.001);
            }
        }
    }

    #[test]
    fn only_ends_and_acceptances_of_invocations_are_told() {
        let told = InvocationStatus::ALL
            .iter()
            .filter_map(|status| EventType::of(*status))
            .count();
        assert_eq!(told, 7);
        for status in InvocationStatus::ALL {
            if let Some(kind) = EventType::of(*status) {
                assert_eq!(kind.as_str(), format!("invocation.{status}"));
            }
        }
    }

    #[test]
    fn types_are_listed_once_in_their_order() {
        use EventType::{ConversationStarted, EndpointDisabled};
        let given = [EndpointDisabled, ConversationStarted, EndpointDisabled];
        assert_eq!(tidied(&given), [ConversationStarted, EndpointDisabled]);
    }
}
