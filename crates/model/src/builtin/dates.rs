//! Dates and times in a customer's words.

use jiff::civil::Date;

use super::evidence::{Token, tokens};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Words that times are made of.
const TIME_WORDS: &[&str] = &[
    "today",
    "tomorrow",
    "tonight",
    "yesterday",
    "next",
    "this",
    "coming",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "week",
    "weekend",
    "month",
    "morning",
    "afternoon",
    "evening",
    "night",
    "noon",
    "midnight",
    "am",
    "pm",
    "o'clock",
    "at",
    "on",
    "the",
    "of",
    "in",
];

/// Words of the above that cannot stand at either end of a time.
const JOINTS: &[&str] = &["at", "on", "the", "of", "in", "this", "next", "coming"];

/// The month a word names: 1 to 12.
pub(super) fn month(word: &str) -> Option<i8> {
    let word = word
        .trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    if word.len() < 3 {
        return None;
    }
    MONTHS
        .iter()
        .position(|name| {
            *name == word || (word.len() <= 4 && name.starts_with(word.trim_end_matches('.')))
        })
        .and_then(|index| i8::try_from(index + 1).ok())
}

/// The name of a month.
pub(super) fn month_name(month: i8) -> &'static str {
    usize::try_from(month - 1)
        .ok()
        .and_then(|index| MONTHS.get(index))
        .copied()
        .unwrap_or("january")
}

/// The dates of a text that are complete ("2027-05-03", "May 3, 2027", "3rd of May 2027"); those
/// without a year only where today is known, as the next such day.
pub(super) fn dates(text: &str, today: Option<Date>) -> Vec<Date> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if let Some(date) = token
            .text
            .get(..10)
            .and_then(|text| text.parse::<Date>().ok())
        {
            found.push(date);
            continue;
        }
        let Some(month) = month(token.text) else {
            continue;
        };
        let at = |i: Option<usize>| i.and_then(|i| tokens.get(i)).map(|token| token.text);
        let before = match at(index.checked_sub(1)) {
            Some("of") => at(index.checked_sub(2)),
            other => other,
        };
        let (day, year) = match before.and_then(day) {
            Some(day) => (day, at(Some(index + 1))),
            None => match at(Some(index + 1)).and_then(day) {
                Some(day) => (day, at(Some(index + 2))),
                None => continue,
            },
        };
        let year = year.and_then(|year| {
            (year.len() == 4)
                .then(|| year.parse::<i16>().ok())
                .flatten()
        });
        let date = match (year, today) {
            (Some(year), _) => Date::new(year, month, day).ok(),
            (None, Some(today)) => [today.year(), today.year() + 1]
                .into_iter()
                .filter_map(|year| Date::new(year, month, day).ok())
                .find(|date| *date >= today),
            (None, None) => None,
        };
        found.extend(date);
    }
    found
}

fn day(word: &str) -> Option<i8> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = &word[digits.len()..];
    let day = digits.parse().ok()?;
    (matches!(ending, "" | "st" | "nd" | "rd" | "th") && (1..=31).contains(&day)).then_some(day)
}

/// The longest stretch of a text that speaks of a time: "next Tuesday at 3 pm".
pub(super) fn time_expression(text: &str) -> Option<&str> {
    let tokens = tokens(text);
    let is_time = |token: &Token<'_>| {
        let word = token.text.to_lowercase();
        TIME_WORDS.contains(&word.as_str()) || month(&word).is_some() || clock_or_day(&word)
    };
    let is_joint = |token: &Token<'_>| JOINTS.contains(&token.text.to_lowercase().as_str());
    let mut best: Option<(usize, usize, usize)> = None;
    let mut index = 0;
    while index < tokens.len() {
        let length = tokens[index..]
            .iter()
            .take_while(|token| is_time(token))
            .count();
        if length == 0 {
            index += 1;
            continue;
        }
        let mut run = &tokens[index..index + length];
        index += length;
        while run.first().is_some_and(|token| {
            is_joint(token)
                && !matches!(
                    token.text.to_lowercase().as_str(),
                    "next" | "this" | "coming"
                )
        }) {
            run = &run[1..];
        }
        while run.last().is_some_and(is_joint) {
            run = &run[..run.len() - 1];
        }
        // A number alone is not a time.
        let telling = run
            .iter()
            .any(|token| token.text.parse::<f64>().is_err() && !is_joint(token));
        if let (true, [first, ..], [.., last]) = (telling, run, run)
            && best.is_none_or(|(longest, ..)| run.len() > longest)
        {
            best = Some((run.len(), first.start, last.end()));
        }
    }
    best.map(|(_, start, end)| &text[start..end])
}

/// "14:30", "3pm", "25th", "2027", "2027-05-03", "5/6".
fn clock_or_day(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = &word[digits.len()..];
    !digits.is_empty()
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || ":-/.".contains(c))
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && matches!(ending, "" | "am" | "pm" | "st" | "nd" | "rd" | "th" | "h")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_dates_are_read() {
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
        }
        assert_eq!(read("May 3", None), [""; 0]);
        assert_eq!(read("May 3rd", today), ["2027-05-03"]);
        assert_eq!(read("Dec 24", today), ["2026-12-24"]);
        assert_eq!(read("31 February 2027", today), [""; 0]);
    }

    #[test]
    fn a_time_is_taken_as_it_was_said() {
        for (text, time) in [
            (
                "Book me in for next Tuesday at 3pm please",
                Some("next Tuesday at 3pm"),
            ),
            ("Can I come on the 5th of May?", Some("5th of May")),
            ("tomorrow", Some("tomorrow")),
            ("I have 2 dogs", None),
        ] {
            assert_eq!(time_expression(text), time, "{text}");
        }
    }
}
