//! Dates and times in a customer's words, read by the domain's parser.

use deskhand_domain::grounding::when::{self, When};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

/// Any two days that share neither year, month, day nor weekday.
const SOME_DAYS: [&str; 2] = ["2001-01-01", "2030-06-15"];

/// The days that a text names, as far as they are certain. Where today is not known, only those
/// that are complete.
pub(super) fn dates(text: &str, today: Option<Date>) -> Vec<Date> {
    let Some(today) = today else {
        let [first, second] = SOME_DAYS.map(|day| day.parse().ok());
        if first.is_none() || second.is_none() {
            return Vec::new();
        }
        // What is the same whatever the day is complete.
        let then = dates(text, second);
        let mut complete = dates(text, first);
        complete.retain(|date| then.contains(date));
        return complete;
    };
    whens(text, today)
        .iter()
        .filter(|when| !when.open && when.days.is_none())
        // "next Friday" and "5/6/2026" may be two days each: which is asked, not guessed. Of a day
        // without a year the next one is meant.
        .filter_map(|when| {
            let coming = when.dates.iter().filter(|date| **date >= today);
            let likely: Vec<Date> = coming.copied().collect();
            match (when.dates.as_slice(), likely.as_slice()) {
                ([one], _) | (_, [one]) => Some(*one),
                _ => None,
            }
        })
        .collect()
}

/// The longest stretch of a text that speaks of a time: "next Tuesday at 3 pm".
pub(super) fn time_expression(text: &str) -> Option<&str> {
    time_spans(text)
        .into_iter()
        .max_by_key(|(start, end)| end - start)
        .map(|(start, end)| &text[start..end])
}

/// The text with its times left out: "a haircut next Friday" is about a haircut.
pub(super) fn without_times(text: &str) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut from = 0;
    for (start, end) in time_spans(text) {
        rest.push_str(text.get(from..start).unwrap_or_default());
        from = end;
    }
    rest.push_str(text.get(from..).unwrap_or_default());
    rest
}

/// Where a text speaks of times: ranges of bytes. A number alone is not a time.
pub(super) fn time_spans(text: &str) -> Vec<(usize, usize)> {
    let Ok(today) = SOME_DAYS[0].parse() else {
        return Vec::new();
    };
    whens(text, today)
        .iter()
        .map(|when| bytes(text, when.span))
        .filter(|(start, end)| text[*start..*end].parse::<f64>().is_err())
        .collect()
}

fn whens(text: &str, today: Date) -> Vec<When> {
    let noon = Offset::UTC
        .to_timestamp(today.at(12, 0, 0, 0))
        .unwrap_or(Timestamp::UNIX_EPOCH);
    when::find(text, noon, &TimeZone::UTC)
}

/// A range of characters as one of bytes.
pub(super) fn bytes(text: &str, span: (usize, usize)) -> (usize, usize) {
    let offset = |at: usize| {
        text.char_indices()
            .nth(at)
            .map_or(text.len(), |(offset, _)| offset)
    };
    (offset(span.0), offset(span.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_far_as_they_are_certain() {
        // A Monday.
        let today = Some("2026-11-23".parse().unwrap());
        let read = |text: &str, today| {
            dates(text, today)
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        for text in [
            "2027-05-03",
            "May 3, 2027",
            "3 May 2027",
            "the 3rd of May 2027",
        ] {
            assert_eq!(read(text, None), ["2027-05-03"], "{text}");
            assert_eq!(read(text, today), ["2027-05-03"], "{text}");
        }
        for text in ["May 3", "tomorrow", "next Friday", "5/6/2027", "in May"] {
            assert_eq!(read(text, None), [""; 0], "{text}");
        }
        for (text, date) in [
            ("May 3rd", "2027-05-03"),
            ("Dec 24", "2026-12-24"),
            ("tomorrow at 3", "2026-11-24"),
            ("today, please", "2026-11-23"),
            ("on Friday", "2026-11-27"),
            ("in two days", "2026-11-25"),
            ("25/12/2026", "2026-12-25"),
        ] {
            assert_eq!(read(text, today), [date], "{text}");
        }
        for text in [
            "31 February 2027",
            "5/6/2027",
            "next Friday",
            "next week",
            "in May",
        ] {
            assert_eq!(read(text, today), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_time_is_taken_as_it_was_said() {
        for (text, time) in [
            (
                "Book me in for next Tuesday at 3pm please",
                Some("next Tuesday at 3pm"),
            ),
            ("Can I come on the 5th of May?", Some("the 5th of May")),
            ("tomorrow", Some("tomorrow")),
            ("I have 2 dogs", None),
        ] {
            assert_eq!(time_expression(text), time, "{text}");
        }
    }
}
