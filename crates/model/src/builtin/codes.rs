//! Values that point to a thing of the customer's: numbers and codes, known by a pattern, by the look
//! of an example, or by what stands before them.

use deskhand_domain::grounding::normal::fold;
use serde_json::Value;

use super::evidence::{Token, has_digit, tokens};
use super::find::Said;
use super::parameter::Parameter;
use super::shape::Shape;

/// Between the name of a value and the value.
const LINKS: &[&str] = &[
    "is", "are", "was", "should", "will", "be", "number", "no", "code", "id", "to", "for", "of",
    "the", "my", "as", "ref", "nr",
];

pub(super) fn anchored(parameter: &Parameter<'_>) -> bool {
    parameter
        .schema
        .get("pattern")
        .and_then(Value::as_str)
        .is_some_and(|pattern| pattern.starts_with('^') || pattern.ends_with('$'))
}

/// Tokens and short runs of tokens that are accepted, in the spellings a customer may have meant.
pub(super) fn matching(
    parameter: &Parameter<'_>,
    said: Said<'_>,
    accepts: impl Fn(&str) -> bool,
) -> Vec<String> {
    let tokens = tokens(said.text);
    let named = after_name(parameter, said.text);
    let mut found: Vec<String> = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let hit = (1..=4.min(tokens.len() - index)).rev().find_map(|length| {
            let run = &tokens[index..index + length];
            let value = &said.text[run[0].start..run[length - 1].end()];
            // A word without digits is only taken where it is asked for or named.
            let telling = has_digit(value)
                || said.asked && tokens.len() <= 4
                || named.is_some_and(|named| named.start == run[0].start);
            let words: Vec<&str> = run.iter().map(|token| token.text).collect();
            let spellings = [value.to_owned(), words.concat(), words.join("-")];
            telling
                .then(|| {
                    spellings
                        .iter()
                        .flat_map(|text| [text.clone(), text.to_uppercase(), text.to_lowercase()])
                        .find(|text| accepts(text))
                })
                .flatten()
                .map(|value| (value, length))
        });
        match hit {
            Some((value, length)) => {
                if !found.contains(&value) {
                    found.push(value);
                }
                index += length;
            }
            None => index += 1,
        }
    }
    found
}

pub(super) fn like(parameter: &Parameter<'_>, shapes: &[Shape], said: Said<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for shape in shapes {
        // Digits alone could be anything: something must point to them.
        if shape.only_digits && !said.asked && after_name(parameter, said.text).is_none() {
            continue;
        }
        for value in shape.find(said.text) {
            if !found.iter().any(|known| fold(known) == fold(&value)) {
                found.push(value);
            }
        }
    }
    if found.is_empty() {
        found = code(parameter, said);
    }
    if found.is_empty() {
        found.extend(bare_digits(shapes, said.text));
    }
    found
}

/// "Any news on 12345?" where the example is "ORD-12345": as many digits, and a word that points to
/// them. Sent as said; the prefix is not made up.
fn bare_digits(shapes: &[Shape], text: &str) -> Option<String> {
    const POINTERS: &[&str] = &[
        "on",
        "about",
        "for",
        "of",
        "with",
        "regarding",
        "track",
        "check",
        "where",
        "where's",
        "order",
        "number",
    ];
    let tokens = tokens(text);
    tokens.iter().enumerate().find_map(|(index, token)| {
        let before = |back: usize| {
            let token = tokens.get(index.checked_sub(back)?)?;
            Some(token.text.to_lowercase().replace('’', "'"))
        };
        let pointer = match before(1).as_deref() {
            Some("is" | "has" | "did") => before(2),
            other => other.map(str::to_owned),
        };
        let pointed = pointer.is_none_or(|word| POINTERS.contains(&word.as_str()));
        let looks = token.text.chars().all(|c| c.is_ascii_digit())
            && shapes
                .iter()
                .any(|shape| shape.digits >= 4 && token.text.len().abs_diff(shape.digits) <= 1);
        (looks && pointed).then(|| token.text.to_owned())
    })
}

/// A token with a digit that is named ("order number is 12345") or asked for.
pub(super) fn code(parameter: &Parameter<'_>, said: Said<'_>) -> Vec<String> {
    if let Some(token) = after_name(parameter, said.text).filter(|token| has_digit(token.text)) {
        return vec![token.text.to_owned()];
    }
    if !said.asked {
        return Vec::new();
    }
    let all = tokens(said.text);
    let coded = all
        .iter()
        .find(|token| has_digit(token.text) && !token.text.contains('@'));
    let lone = match all.as_slice() {
        [one] if one.text.len() >= 4 && one.text.chars().all(|c| !c.is_lowercase()) => Some(one),
        _ => None,
    };
    coded
        .or(lone)
        .map(|token| token.text.trim_start_matches('+').to_owned())
        .into_iter()
        .collect()
}

/// The token that follows the parameter's name: "order number is X", "order #X", "SKU: X".
fn after_name<'a>(parameter: &Parameter<'_>, text: &'a str) -> Option<Token<'a>> {
    let tokens = tokens(text);
    let lower: Vec<String> = tokens
        .iter()
        .map(|token| token.text.to_lowercase())
        .collect();
    for name in [parameter.spoken(), parameter.noun()] {
        let name: Vec<&str> = name.split(' ').collect();
        for start in 0..lower.len() {
            let end = start + name.len();
            if end > lower.len() || !lower[start..end].iter().eq(name.iter()) {
                continue;
            }
            let links = lower[end..]
                .iter()
                .take_while(|word| LINKS.contains(&word.as_str()))
                .count();
            if links <= 3
                && let Some(token) = tokens.get(end + links)
            {
                return Some(*token);
            }
        }
    }
    None
}
