//! Moments as bounds on ids. An id is made for the moment of its row's `created_at`, so a range of
//! time is a range of every index that ends in the id; the slack covers a clock read twice. What
//! these bounds let through, a comparison with `created_at` itself then decides.

use deskhand_domain::clock::Entropy;
use deskhand_domain::id::InvocationId;
use jiff::{SignedDuration, Timestamp};

/// How far an id's own time may stand from its row's `created_at`.
const SLACK: SignedDuration = SignedDuration::from_mins(1);

/// No row of this moment or later has a lesser id.
pub(super) fn first_id_before(at: Timestamp) -> String {
    first_id(at.saturating_sub(SLACK).unwrap_or(at))
}

/// Every row from before this moment has a lesser id.
pub(super) fn first_id_after(at: Timestamp) -> String {
    first_id(at.saturating_add(SLACK).unwrap_or(at))
}

fn first_id(at: Timestamp) -> String {
    InvocationId::new(at, &Zeros).to_string()
}

#[derive(Debug)]
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}
