//! Moments as bounds on ids. An id is made for the moment of its row's `created_at`, so a range of
//! time is a range of every index that ends in the id; the slack covers a clock read twice. What
//! these bounds let through, a comparison with `created_at` itself then decides.

use std::fmt::Display;

use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{ConversationId, InvocationId};
use jiff::{SignedDuration, Timestamp};

/// How far an id's own time may stand from its row's `created_at`.
const SLACK: SignedDuration = SignedDuration::from_mins(1);

/// An id that a row is found by in the order of its moment.
pub(crate) trait Dated: Display {
    /// The first id of a moment.
    fn first(at: Timestamp) -> Self;
}

impl Dated for InvocationId {
    fn first(at: Timestamp) -> Self {
        Self::new(at, &Zeros)
    }
}

impl Dated for ConversationId {
    fn first(at: Timestamp) -> Self {
        Self::new(at, &Zeros)
    }
}

/// No row of this moment or later has a lesser id.
pub(crate) fn first_id_before<Id: Dated>(at: Timestamp) -> String {
    Id::first(at.saturating_sub(SLACK).unwrap_or(at)).to_string()
}

/// Every row from before this moment has a lesser id.
pub(crate) fn first_id_after<Id: Dated>(at: Timestamp) -> String {
    Id::first(at.saturating_add(SLACK).unwrap_or(at)).to_string()
}

#[derive(Debug)]
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}
