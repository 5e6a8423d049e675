//! What the calls of one action say of its endpoint, and how many of them are too many.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::invocation::{Failure, FailureCode, InvocationStatus};
use crate::limits;

/// What one call says of its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It is there and answers, whatever it answers.
    Answered,
    /// It could not be reached, did not answer in time, or broke.
    Failed(FailureCode),
}

impl Sign {
    /// What a call that stands so says; `None` where nothing can be read off it, because it never
    /// got as far as the endpoint or nobody knows how far.
    pub fn of(status: InvocationStatus, failure: Option<&Failure>) -> Option<Self> {
        let Some(failure) = failure else {
            let answered = matches!(
                status,
                InvocationStatus::Succeeded
                    | InvocationStatus::Declined
                    | InvocationStatus::Accepted
                    | InvocationStatus::Completed
            );
            return answered.then_some(Self::Answered);
        };
        match failure.code {
            FailureCode::DnsError
            | FailureCode::ConnectError
            | FailureCode::TlsError
            | FailureCode::Timeout
            | FailureCode::ConnectionLost => Some(Self::Failed(failure.code)),
            FailureCode::HttpError if failure.http_status.is_none_or(|status| status >= 500) => {
                Some(Self::Failed(failure.code))
            }
            FailureCode::HttpError
            | FailureCode::RedirectRefused
            | FailureCode::InvalidResponse
            | FailureCode::ResponseTooLarge => Some(Self::Answered),
            FailureCode::BlockedDestination
            | FailureCode::CircuitOpen
            | FailureCode::RateLimited
            | FailureCode::BudgetExhausted
            | FailureCode::NotVerified
            | FailureCode::ContactFieldMissing
            | FailureCode::ConfirmationUnavailable
            | FailureCode::Interrupted => None,
        }
    }
}

/// The calls of one action that one node has made in the last five minutes, counted in slices of a few
/// seconds: what it takes does not grow with the calls.
#[derive(Debug, Clone, Default)]
pub struct Window {
    slices: VecDeque<Slice>,
}

#[derive(Debug, Clone)]
struct Slice {
    /// In units of [`limits::CIRCUIT_SLICE`].
    at: i64,
    calls: u64,
    failed: Vec<(FailureCode, u64)>,
}

impl Window {
    /// Counts a call. Says why the circuit is to be opened, if it is.
    pub fn count(&mut self, sign: Sign, now: Timestamp) -> Option<String> {
        self.forget(now);
        let at = slice(now);
        if self.slices.back().is_none_or(|last| last.at != at) {
            self.slices.push_back(Slice {
                at,
                calls: 0,
                failed: Vec::new(),
            });
        }
        let last = self.slices.back_mut()?;
        last.calls += 1;
        let Sign::Failed(code) = sign else {
            return None; // An answer only makes it less likely.
        };
        add(&mut last.failed, code, 1);
        self.too_many()
    }

    /// Whether it holds nothing that still counts.
    pub fn is_empty(&mut self, now: Timestamp) -> bool {
        self.forget(now);
        self.slices.is_empty()
    }

    fn too_many(&self) -> Option<String> {
        let calls: u64 = self.slices.iter().map(|slice| slice.calls).sum();
        let mut failed = Vec::new();
        for (code, count) in self.slices.iter().flat_map(|slice| &slice.failed) {
            add(&mut failed, *code, *count);
        }
        let failures: u64 = failed.iter().map(|(_, count)| count).sum();
        let opens = calls >= limits::CIRCUIT_CALLS
            && failures * 100 >= calls * limits::CIRCUIT_FAILURE_PERCENT;
        let (mostly, _) = failed.iter().max_by_key(|(_, count)| *count)?;
        opens.then(|| format!("{failures} of the last {calls} calls failed, mostly {mostly}"))
    }

    /// What is too old, or from before the clock was put back, is forgotten.
    fn forget(&mut self, now: Timestamp) {
        let now = slice(now);
        let oldest = now - WINDOW_MS / SLICE_MS;
        self.slices
            .retain(|slice| slice.at > oldest && slice.at <= now);
    }
}

const WINDOW_MS: i64 = limits::CIRCUIT_WINDOW.as_secs() * 1000;
const SLICE_MS: i64 = limits::CIRCUIT_SLICE.as_secs() * 1000;

fn slice(at: Timestamp) -> i64 {
    at.as_millisecond().div_euclid(SLICE_MS)
}

fn add(to: &mut Vec<(FailureCode, u64)>, code: FailureCode, count: u64) {
    match to.iter_mut().find(|(known, _)| *known == code) {
        Some((_, sum)) => *sum += count,
        None => to.push((code, count)),
    }
}
