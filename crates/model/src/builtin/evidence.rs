//! What a customer's words hold, read without regard to any parameter. Numbers, dates and examples
//! are read by the rules of [`deskhand_domain::grounding`], so that what is found here is also
//! accepted where calls are dispatched.

use deskhand_domain::grounding::{examples_in, numbers};
use serde_json::Value;

use super::dates::{bytes, time_spans};
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
    // Marks that belong to the letter before them stay, whatever script they are of.
    let around = |c: char| match c {
        '+' | '$' | '%' => false,
        '¡' | '¿' | '«' | '»' | '\u{2010}'..='\u{205e}' | '\u{3000}'..='\u{303f}' => true,
        c => c.is_ascii() && !c.is_ascii_alphanumeric(),
    };
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

/// The examples that stand in the schema itself or in its description ("e.g., ORD-12345 or ORD-6")
/// and have a look of their own.
pub(super) fn examples(schema: &Value) -> Vec<String> {
    let description = schema.get("description").and_then(Value::as_str);
    schema
        .get("examples")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .chain(schema.get("example"))
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .chain(description.map(examples_in).unwrap_or_default())
        .filter(|example| has_digit(example) || example.contains('@'))
        .collect()
}

/// A number as said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    pub(super) value: f64,
    /// In bytes, half open.
    pub(super) start: usize,
    pub(super) end: usize,
    /// With a currency, or with cents.
    pub(super) money: bool,
    /// A word that is often no number ("the blue one").
    pub(super) vague: bool,
}

/// The numbers of a text. Digits inside ids, dates and times are none.
pub(super) fn numbers(text: &str) -> Vec<Number> {
    let times = time_spans(text);
    numbers::find(text)
        .into_iter()
        .filter_map(|number| {
            let (start, end) = bytes(text, number.span);
            let said = &text[start..end];
            // "twenty-one" may be a time of day too, but "at twenty-one" is none but that.
            let in_time = times
                .iter()
                .any(|(from, to)| start < *to && *from < end && to - from > end - start);
            if in_time || is_part(&text[..start], &text[end..]) {
                return None;
            }
            Some(Number {
                value: number.values.first()?.to_string().parse().ok()?,
                start,
                end,
                money: number.currency.is_some() || has_digit(said) && said.contains('.'),
                vague: said.eq_ignore_ascii_case("one"),
            })
        })
        .collect()
}

/// What stands around makes it a part of something longer, such as "ORD-5" or "5-B".
fn is_part(before: &str, after: &str) -> bool {
    let joined = |c: char| c.is_alphanumeric() || "-_/@.".contains(c);
    let mut after = after.chars();
    before.ends_with(joined)
        || after.next().is_some_and(|c| {
            c.is_alphanumeric() || joined(c) && after.next().is_some_and(char::is_alphanumeric)
        })
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
        assert_eq!(values("May 5 or 5 May"), [0.0; 0]);
        assert_eq!(values("a dozen, or twenty-one"), [12.0, 21.0]);
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
