//! Failed sign-ins, counted by account and by client, in the memory of this process.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deskhand_domain::limits;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{Result, ServiceError};

/// Accounts and clients that are counted at most. Past it those with one failure are forgotten.
const COUNTED: usize = 20_000;

/// The counts.
#[derive(Default)]
pub(crate) struct SignInLimit(Mutex<HashMap<Key, VecDeque<Timestamp>>>);

/// One try, counted as failed until it is known to be otherwise.
pub(crate) struct Attempt {
    keys: [Key; 2],
    at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// A hash, for the texts that are tried are anybody's, and of any length.
    Email([u8; 32]),
    Address(IpAddr),
}

impl Key {
    fn most(self) -> usize {
        match self {
            Self::Email(_) => limits::SIGN_IN_FAILURES_PER_EMAIL,
            Self::Address(_) => limits::SIGN_IN_FAILURES_PER_ADDRESS,
        }
    }
}

impl SignInLimit {
    /// Counts a try, or says when the next may be made.
    pub(crate) fn begin(&self, email: &str, address: IpAddr, now: Timestamp) -> Result<Attempt> {
        let keys = [
            Key::Email(Sha256::digest(email.as_bytes()).into()),
            Key::Address(block(address)),
        ];
        let mut counts = self.counts();
        let wait = keys
            .iter()
            .filter_map(|key| {
                let failures = counts.get_mut(key)?;
                forget(failures, now);
                let first = *failures.front()?;
                (failures.len() >= key.most()).then(|| window_left(first, now))
            })
            .max();
        if let Some(retry_after) = wait {
            return Err(ServiceError::TooManyAttempts { retry_after });
        }
        if counts.len() >= COUNTED {
            make_room(&mut counts, now);
        }
        for key in keys {
            counts.entry(key).or_default().push_back(now);
        }
        Ok(Attempt { keys, at: now })
    }

    /// The password was right: what failed before for this account was its owner.
    pub(crate) fn succeeded(&self, attempt: &Attempt) {
        self.take_back(attempt);
        self.counts().remove(&attempt.keys[0]);
    }

    /// It was not compared at all.
    pub(crate) fn take_back(&self, attempt: &Attempt) {
        let mut counts = self.counts();
        for key in attempt.keys {
            let Some(failures) = counts.get_mut(&key) else {
                continue;
            };
            if let Some(place) = failures.iter().rposition(|at| *at == attempt.at) {
                failures.remove(place);
            }
            if failures.is_empty() {
                counts.remove(&key);
            }
        }
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Key, VecDeque<Timestamp>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever has one address of IPv6 commonly has all of a /64.
fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

fn window_left(first: Timestamp, now: Timestamp) -> Duration {
    let passed = Duration::try_from(now.duration_since(first)).unwrap_or_default();
    limits::SIGN_IN_WINDOW.saturating_sub(passed)
}

/// Failures of long ago count no more.
fn forget(failures: &mut VecDeque<Timestamp>, now: Timestamp) {
    while failures
        .front()
        .is_some_and(|first| window_left(*first, now).is_zero())
    {
        failures.pop_front();
    }
}

fn make_room(counts: &mut HashMap<Key, VecDeque<Timestamp>>, now: Timestamp) {
    counts.retain(|_, failures| {
        forget(failures, now);
        !failures.is_empty()
    });
    if counts.len() >= COUNTED {
        counts.retain(|_, failures| failures.len() > 1);
    }
    if counts.len() >= COUNTED {
        counts.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn address(n: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, n])
    }

    fn wait(result: Result<Attempt>) -> Option<u64> {
        match result {
            Ok(_) => None,
            Err(ServiceError::TooManyAttempts { retry_after }) => Some(retry_after.as_secs()),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn ten_for_one_account_from_anywhere() {
        let limit = SignInLimit::default();
        for n in 0..10 {
            assert_eq!(wait(limit.begin("a@x", address(n), at(i64::from(n)))), None);
        }
        assert_eq!(wait(limit.begin("a@x", address(99), at(10))), Some(890));
        assert_eq!(wait(limit.begin("b@x", address(99), at(10))), None);
        assert_eq!(wait(limit.begin("a@x", address(99), at(900))), None);
        assert_eq!(wait(limit.begin("a@x", address(99), at(900))), Some(1));
    }

    #[test]
    fn thirty_from_one_client_whatever_the_account() {
        let limit = SignInLimit::default();
        for n in 0..30 {
            assert_eq!(
                wait(limit.begin(&format!("{n}@x"), address(1), at(n))),
                None
            );
        }
        assert_eq!(wait(limit.begin("new@x", address(1), at(30))), Some(870));
        assert_eq!(wait(limit.begin("new@x", address(2), at(30))), None);
    }

    #[test]
    fn a_right_password_clears_its_account_but_not_the_client() {
        let limit = SignInLimit::default();
        for n in 0..29 {
            limit.begin(&format!("{n}@x"), address(1), at(n)).unwrap();
        }
        let right = limit.begin("0@x", address(1), at(29)).unwrap();
        limit.succeeded(&right);
        limit.begin("0@x", address(1), at(30)).unwrap();
        assert!(wait(limit.begin("0@x", address(1), at(31))).is_some());
        for n in 2..11 {
            limit.begin("0@x", address(n), at(31)).unwrap();
        }
        assert!(wait(limit.begin("0@x", address(20), at(31))).is_some());
    }

    #[test]
    fn one_block_of_ipv6_is_one_client() {
        let limit = SignInLimit::default();
        for n in 0..30u16 {
            let one = Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, n).into();
            limit.begin(&format!("{n}@x"), one, at(0)).unwrap();
        }
        let same = Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 9, 9, 9, 9).into();
        assert!(wait(limit.begin("x@x", same, at(0))).is_some());
        let other = Ipv6Addr::new(0x2001, 0xdb8, 0, 2, 0, 0, 0, 1).into();
        assert!(wait(limit.begin("x@x", other, at(0))).is_none());
        let mapped: IpAddr = "::ffff:203.0.113.7".parse().unwrap();
        assert_eq!(block(mapped), address(7));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let limit = SignInLimit::default();
        for n in 0..=COUNTED {
            let [a, b] = u16::try_from(n % 60_000).unwrap().to_be_bytes();
            let client = IpAddr::from([10, u8::from(n >= 60_000), a, b]);
            limit.begin(&format!("{n}@x"), client, at(0)).unwrap();
        }
        assert!(limit.counts().len() <= COUNTED + 2);
    }
}
