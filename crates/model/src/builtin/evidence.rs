//! What a customer's words hold, read without regard to any parameter. Small on purpose: the shared
//! grounding rules can take its place.

use serde_json::Value;

use super::dates::month;
use super::words::words;

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
    fn examples_stand_in_descriptions() {
        let schema = json!({"description": "Order number to look up (e.g., ORD-12345 or ORD-6)"});
        assert_eq!(examples(&schema), ["ORD-12345", "ORD-6"]);
        assert_eq!(
            examples(&json!({"description": "Like what? A reason"})),
            [""; 0]
        );
    }
}
