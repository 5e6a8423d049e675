//! What a customer's words hold, read without regard to any parameter. Small on purpose: the shared
//! grounding rules can take its place.

use jiff::civil::Date;
use serde_json::Value;

use super::words::words;

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

/// A token: a stretch without blanks, without the punctuation around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The tokens of a text, in order.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let around = |c: char| !c.is_alphanumeric() && !"+$€£%".contains(c);
    text.split_whitespace()
        .filter_map(|piece| {
            let piece = piece.trim_matches(around);
            let offset = piece.as_ptr() as usize - text.as_ptr() as usize;
            (!piece.is_empty()).then_some(Token {
                text: piece,
                start: offset,
            })
        })
        .collect()
}

/// Holds a digit.
pub(super) fn has_digit(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
}

/// The letters and digits alone, in lower case: two spellings of one value are equal here.
pub(super) fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The examples that stand in a description ("e.g., ORD-12345 or ORD-6") or in the schema itself.
pub(super) fn examples(schema: &Value) -> Vec<String> {
    let mut found: Vec<String> = schema
        .get("examples")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .chain(schema.get("example"))
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let description = schema
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let lower = description.to_ascii_lowercase();
    for mark in [
        "e.g.",
        "e.g ",
        "eg.",
        "for example",
        "such as",
        "example:",
        "format:",
        "like ",
    ] {
        let Some(at) = lower.find(mark) else {
            continue;
        };
        let rest = &description[at + mark.len()..];
        let rest = &rest[..rest.find([')', ']', ';', '\n']).unwrap_or(rest.len())];
        for piece in rest.split([',', ' ']) {
            let piece = piece.trim_matches(|c: char| !c.is_alphanumeric() && c != '+');
            if has_digit(piece) || piece.contains('@') {
                found.push(piece.to_owned());
            }
        }
    }
    found
}

/// A number as said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    pub(super) value: f64,
    pub(super) start: usize,
    pub(super) end: usize,
    /// With a currency sign or cents.
    pub(super) money: bool,
    /// A word that is often no number ("the blue one").
    pub(super) vague: bool,
}

/// The numbers of a text. Digits inside ids, dates and times are none.
pub(super) fn numbers(text: &str) -> Vec<Number> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let next = tokens.get(index + 1).map(|next| next.text.to_lowercase());
        let next = next.as_deref().unwrap_or_default();
        if matches!(next, "am" | "pm" | "o'clock") || month(next).is_some() {
            continue;
        }
        let lower = token.text.to_lowercase();
        let signed = lower.starts_with(['$', '€', '£']) || lower.ends_with(['€', '$', '£']);
        let digits = lower
            .trim_matches(|c: char| "$€£%+".contains(c))
            .trim_start_matches("usd")
            .trim_end_matches("usd")
            .trim_end_matches("eur");
        let spoken = [
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve",
        ];
        let (value, vague) = if let Some(value) = plain_number(digits) {
            (value, false)
        } else if let Some(value) = spoken.iter().position(|word| *word == lower) {
            (value as f64, value == 1)
        } else if lower == "dozen" {
            (12.0, false)
        } else {
            continue;
        };
        let named = matches!(
            next,
            "dollars" | "dollar" | "euros" | "euro" | "pounds" | "usd" | "eur" | "gbp"
        );
        found.push(Number {
            value,
            start: token.start,
            end: token.end(),
            money: signed || named || digits.contains('.'),
            vague,
        });
    }
    found
}

fn plain_number(text: &str) -> Option<f64> {
    if !text.starts_with(|c: char| c.is_ascii_digit())
        || !text
            .chars()
            .all(|c| c.is_ascii_digit() || c == ',' || c == '.')
        || text.len() > 15
    {
        return None;
    }
    let whole = text.split('.').next().unwrap_or_default();
    // "1,250" groups by threes; "1,5" is ambiguous and no number here.
    let mut groups = whole.split(',').skip(1);
    if !groups.all(|group| group.len() == 3) {
        return None;
    }
    text.replace(',', "").parse().ok()
}

/// The month a word names: 1 to 12.
fn month(word: &str) -> Option<i8> {
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

/// The words of a text include one of these.
pub(super) fn says_any(text: &str, any: &[&str]) -> bool {
    words(text).iter().any(|word| any.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_not_parts_of_ids_dates_or_times() {
        let values = |text: &str| numbers(text).iter().map(|n| n.value).collect::<Vec<_>>();
        assert_eq!(values("$49.90 for ORD-12345"), [49.9]);
        assert_eq!(
            values("two tickets on 2027-05-03 at 3pm, or at 4 pm"),
            [2.0]
        );
        assert_eq!(values("1,250 euros. 20."), [1250.0, 20.0]);
        assert_eq!(values("May 5 or 5 May"), [5.0]);
    }

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

    #[test]
    fn examples_stand_in_descriptions() {
        let schema = json!({"description": "Order number to look up (e.g., ORD-12345 or ORD-6)"});
        assert_eq!(examples(&schema), ["ORD-12345", "ORD-6"]);
        assert_eq!(
            examples(&json!({"description": "Like what? A reason"})),
            [""; 0]
        );
    }
}
