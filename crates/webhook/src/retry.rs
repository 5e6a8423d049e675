//! How long to wait before another attempt.

use std::time::Duration;

use deskhand_domain::clock::Entropy;
use deskhand_domain::limits::{RETRY_BASE, RETRY_CAP};
use jiff::Timestamp;
use jiff::fmt::{rfc2822, strtime};

/// Full jitter: any time between nothing and a bound that doubles with each attempt made.
pub(crate) fn backoff(attempts_made: u32, entropy: &dyn Entropy) -> Duration {
    let doubled = RETRY_BASE.saturating_mul(1 << attempts_made.saturating_sub(1).min(10));
    let bound = doubled.min(RETRY_CAP);
    let mut random = [0; 4];
    entropy.fill(&mut random);
    bound.mul_f64(f64::from(u32::from_le_bytes(random)) / f64::from(u32::MAX))
}

/// What a `retry-after` asks for (RFC 9110 §10.2.3): seconds, or a moment in one of the three HTTP
/// date forms. A moment that has passed is no wait; anything else is ignored.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit are longer than anyone waits.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let then = http_date(value)?;
    let millis = then.as_millisecond().saturating_sub(now.as_millisecond());
    Some(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
}

fn http_date(value: &str) -> Option<Timestamp> {
    if let Ok(moment) = rfc2822::parse(value) {
        return Some(moment.timestamp());
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
        .iter()
        .find_map(|form| {
            let broken = strtime::parse(form, value).ok()?;
            let moment = broken.to_datetime().ok()?;
            Some(moment.in_tz("UTC").ok()?.timestamp())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn the_wait_stays_below_a_bound_that_doubles_up_to_a_cap() {
        assert_eq!(backoff(1, &Fixed(0)), Duration::ZERO);
        assert_eq!(backoff(1, &Fixed(255)), RETRY_BASE);
        assert_eq!(backoff(2, &Fixed(255)), RETRY_BASE * 2);
        assert_eq!(backoff(60, &Fixed(255)), RETRY_CAP);
    }

    #[test]
    fn every_form_of_retry_after_is_read() {
        let now: Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        let wait = Some(Duration::from_secs(7));
        assert_eq!(retry_after("7", now), wait);
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), wait);
        assert_eq!(retry_after("Sunday, 06-Nov-94 08:49:37 GMT", now), wait);
        assert_eq!(retry_after("Sun Nov  6 08:49:37 1994", now), wait);
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(
            retry_after("99999999999999999999999", now),
            Some(Duration::from_secs(u64::MAX))
        );
        for ignored in ["", "-1", "1.5", "soon"] {
            assert_eq!(retry_after(ignored, now), None, "{ignored}");
        }
    }
}
