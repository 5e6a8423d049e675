//! Time and randomness are parameters: whoever needs them is handed one of these.

use std::fmt::Debug;

use jiff::Timestamp;

/// What time it is. Only the binary has a real one; tests set theirs.
pub trait Clock: Send + Sync + Debug {
    /// The present moment, to the millisecond.
    fn now(&self) -> Timestamp;
}

/// Where random bytes come from. The binary's are the operating system's; tests seed theirs.
pub trait Entropy: Send + Sync + Debug {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}
