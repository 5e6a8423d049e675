//! Whether two values are spellings of one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use unicode_normalization::char::is_combining_mark;

use super::canonical;
use crate::grounding::decimal_digit;
use crate::grounding::normal::fold;

/// A value without what spellings differ in.
#[derive(Debug)]
pub(super) enum Spelling {
    /// Words, an identifier or a number.
    Text(Text),
    /// Something that is spelled in one way only.
    Exact(String),
    Items(Vec<Self>),
    Fields(BTreeMap<String, Self>),
}

/// A text without case, spaces and punctuation, and what of its punctuation makes another value.
#[derive(Debug)]
pub(super) struct Text {
    folded: String,
    /// What stands between two digits ("1.5") or before the first ("-5").
    marks: String,
    /// How many digits follow on each other ("A1-23": 1, then 2), together where nothing but punctuation and spaces
    /// is between them.
    digits: Vec<Vec<usize>>,
    /// Behind how many letters and digits something else stands ("A1-23": 2).
    cuts: BTreeSet<usize>,
}

impl Spelling {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::of_text(text.trim()),
            Value::Number(_) => Self::of_text(&canonical(value)),
            Value::Array(items) => Self::Items(items.iter().map(Self::of).collect()),
            Value::Object(members) => Self::Fields(
                members
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::of(value)))
                    .collect(),
            ),
            Value::Bool(_) | Value::Null => Self::Exact(value.to_string()),
        }
    }

    fn of_text(text: &str) -> Self {
        let folded = fold(text);
        if folded.is_empty() {
            return Self::Exact(text.to_owned());
        }
        let chars: Vec<char> = text.chars().collect();
        Self::Text(Text {
            folded,
            marks: marks(&chars),
            digits: digits(&chars),
            cuts: cuts(&chars),
        })
    }

    /// Whether both are one value: the same but for case, spaces and punctuation. One may part letters and digits
    /// where the other does not; where each does so in a place of its own, or both part their digits in other places,
    /// they are two: "A1-23" is "a 1-23" and "A123", but neither "A12-3" nor "A-123".
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one.is_same_as(other),
            (Self::Exact(one), Self::Exact(other)) => one == other,
            (Self::Items(one), Self::Items(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(one, other)| one.is_same_as(other))
            }
            (Self::Fields(one), Self::Fields(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(name, value)| {
                        other.get(name).is_some_and(|other| value.is_same_as(other))
                    })
            }
            _ => false,
        }
    }
}

impl Text {
    fn is_same_as(&self, other: &Self) -> bool {
        self.folded == other.folded
            && self.marks == other.marks
            && self.digits.len() == other.digits.len()
            && self
                .digits
                .iter()
                .zip(&other.digits)
                .all(|(one, other)| one == other || one.len() == 1 || other.len() == 1)
            && (self.cuts.is_subset(&other.cuts) || other.cuts.is_subset(&self.cuts))
    }
}

fn is_digit(c: char) -> bool {
    decimal_digit(c).is_some()
}

fn marks(chars: &[char]) -> String {
    let digit_at = |at: usize| chars.get(at).copied().is_some_and(is_digit);
    let mut marks = String::new();
    for (at, c) in chars.iter().enumerate() {
        let between = at > 0 && digit_at(at - 1) && digit_at(at + 1);
        let before_all = at == 0 && digit_at(1);
        match c {
            '.' | ',' | ':' | '/' if between => marks.push(*c),
            // The decimal mark of Arabic numbers.
            '\u{66B}' if between => marks.push('.'),
            '-' | '\u{2212}' if before_all => marks.push('-'),
            _ => {}
        }
    }
    marks
}

fn digits(chars: &[char]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    // What the character before was.
    let (mut in_group, mut in_run) = (false, false);
    for c in chars {
        if is_digit(*c) {
            match groups.last_mut() {
                Some(group) if in_group => match group.last_mut() {
                    Some(run) if in_run => *run += 1,
                    _ => group.push(1),
                },
                _ => groups.push(vec![1]),
            }
            (in_group, in_run) = (true, true);
        } else {
            in_run = false;
            in_group &= !c.is_alphanumeric();
        }
    }
    groups
}

fn cuts(chars: &[char]) -> BTreeSet<usize> {
    let mut cuts = BTreeSet::new();
    let mut behind = 0;
    for c in chars {
        if c.is_alphanumeric() {
            behind += 1;
        } else if behind > 0 && !is_combining_mark(*c) {
            cuts.insert(behind);
        }
    }
    // What stands at the end parts nothing.
    cuts.remove(&behind);
    cuts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn same(one: &Value, other: &Value) -> bool {
        let (one, other) = (Spelling::of(one), Spelling::of(other));
        let forth = one.is_same_as(&other);
        assert_eq!(forth, other.is_same_as(&one));
        forth
    }

    #[test]
    fn case_spaces_and_punctuation_make_no_other_value() {
        for (one, other) in [
            (json!("ORD-4"), json!("ord 4")),
            (json!("A1-23"), json!("a 1 23")),
            (json!("It broke."), json!("it broke")),
            (json!("e-mail"), json!("email")),
            (json!("Caf\u{e9} 4"), json!("cafe\u{301}-4!")),
            (json!("A1-23"), json!("A123")),
            (json!("+49 30 1234567"), json!("+49301234567")),
            (json!("٤٢"), json!("42")),
            (json!("١٫٥"), json!("1.5")),
            (json!("−5"), json!("-5")),
            (json!(50), json!("50")),
            (json!(12.5), json!("12.5")),
            (
                json!(["A-1", {"size": "XL"}]),
                json!(["a1", {"size": "xl"}]),
            ),
            (json!("?!"), json!(" ?! ")),
        ] {
            assert!(same(&one, &other), "{one} and {other}");
        }
    }

    #[test]
    fn other_values_are_told_apart() {
        for (one, other) in [
            (json!("A1-23"), json!("A12-3")),
            (json!("A-12"), json!("A1-2")),
            (json!("A1-23"), json!("A-123")),
            (json!("1-12"), json!("11-2")),
            (json!("2024-1-15"), json!("2024-11-5")),
            (json!("10 1"), json!("1 01")),
            (json!("1_12"), json!("11_2")),
            (json!("1#12"), json!("11#2")),
            (json!("1.23"), json!("12.3")),
            (json!("1.5"), json!("15")),
            (json!("1.5"), json!("1,5")),
            (json!("١٫٥"), json!("١٥")),
            (json!(12.5), json!(125)),
            (json!(-5), json!(5)),
            (json!("A1B23"), json!("A12B3")),
            (json!(["1", "23"]), json!(["12", "3"])),
            (json!({"a": 1}), json!({"b": 1})),
            (json!(true), json!(false)),
            (json!("?"), json!("!")),
        ] {
            assert!(!same(&one, &other), "{one} and {other}");
        }
    }

    proptest! {
        /// Two identifiers of one form are one value only if they are one.
        #[test]
        fn two_of_one_form_are_the_same_only_if_they_are(
            one in "[A-C][0-9]{1,2}-[0-9]{1,2}",
            other in "[A-C][0-9]{1,2}-[0-9]{1,2}",
        ) {
            prop_assert_eq!(same(&json!(one), &json!(other)), one == other);
            prop_assert!(same(&json!(one), &json!(one.to_lowercase().replace('-', " "))));
            prop_assert!(same(&json!(one), &json!(one.replace('-', ""))));
        }
    }
}
