//! Moments as people and programs write them.

use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;

/// What a moment looks like, to be read after a field's name.
const MEND: &str = "must be a time such as 2026-03-25T10:00:00Z";
/// Well-formed, and beyond what can be counted: the last that every zone can tell.
const TOO_FAR: &str =
    "is further away than any time that can be kept; the last is 9999-12-30T22:00:00Z";

/// Reads a moment: RFC 3339, date, time and offset.
///
/// # Errors
/// What it must be, to be read after a field's name.
pub fn parse(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(|_| {
        let is_moment =
            Pieces::parse(text).is_ok_and(|it| it.time().is_some() && it.offset().is_some());
        if is_moment { TOO_FAR } else { MEND }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_moment_is_said() {
        assert!(parse("2026-03-25T10:00:00Z").is_ok());
        assert!(parse("2026-03-25T10:00:00+01:00").is_ok());
        assert!(parse("9999-12-30T21:59:59Z").is_ok());
        for far in ["9999-12-31T23:59:59Z", "9999-12-31T00:00:00+00:00"] {
            assert_eq!(parse(far), Err(TOO_FAR), "{far}");
        }
        for wrong in [
            "",
            "yesterday",
            "2026-03-25",
            "2026-13-25T10:00:00Z",
            "10:00",
            "2026-03-25T10:00:00",
        ] {
            assert_eq!(parse(wrong), Err(MEND), "{wrong}");
        }
    }
}
