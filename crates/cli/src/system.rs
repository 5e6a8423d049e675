//! What the operating system gives: the real clock and the real randomness, the only ones in the
//! product, and room for connections.

use deskhand_domain::clock::{Clock, Entropy};
use jiff::Timestamp;

/// The system's clock, to the millisecond.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the Clock that others take"
    )]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        // Stored times have milliseconds; a finer one would not be found equal to itself later.
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

/// The operating system's randomness.
#[derive(Debug)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the Entropy that others take"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives random bytes");
    }
}

/// Lets this process open as many files as the system allows it. Each call that waits for an endpoint
/// holds two connections, and the usual limit of 1,024 is reached by 500 slow ones.
pub(crate) fn raise_open_files() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let maximum = getrlimit(Resource::Nofile).maximum;
        let raised = Rlimit {
            current: maximum,
            maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, "the limit of open files stays as it is");
        }
    }
}
