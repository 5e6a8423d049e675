//! Values that are words: reasons, names, places, descriptions.

use super::evidence::{has_digit, says_any, tokens};
use super::find::Said;
use super::parameter::Parameter;
use super::words::words;

/// Names of parameters whose value is whatever the customer wrote.
const MESSAGES: &[&str] = &[
    "description",
    "message",
    "issue",
    "problem",
    "details",
    "question",
    "feedback",
    "comment",
    "summary",
    "complaint",
    "note",
    "notes",
    "body",
    "content",
];
const REASONS: &[&str] = &["reason", "cause", "why"];
const PLACES: &[&str] = &[
    "city",
    "location",
    "place",
    "destination",
    "origin",
    "town",
    "country",
];

/// The words for a parameter that takes any: marked by what stands before them, or asked for.
pub(super) fn free_text<'a>(parameter: &Parameter<'_>, said: Said<'a>) -> Option<&'a str> {
    let text = said.text;
    if parameter.is_named_one_of(REASONS)
        && let Some(reason) = after_any(text, &["because ", "reason is ", "reason: ", "since "])
    {
        return Some(sentence(reason));
    }
    if parameter.is_named_one_of(&["name"])
        && let Some(name) = after_any(text, &["my name is ", "name is ", "name's ", "i'm called "])
    {
        return Some(clause(name));
    }
    if parameter.is_named_one_of(PLACES)
        && let Some(place) = place(parameter, text)
    {
        return Some(place);
    }
    let spoken = parameter.spoken();
    if let Some(value) = after_any(text, &[&format!("{spoken} is "), &format!("{spoken}: ")]) {
        return Some(clause(value));
    }
    if said.asked {
        let value = without_lead_in(text);
        let evasive = value.ends_with('?')
            || says_any(value, &["dunno"])
            || value.to_lowercase().contains("don't know");
        // With several asked for at once, a bare line could be any of them.
        if evasive || value.is_empty() {
            return None;
        }
        return if said.only {
            Some(value)
        } else {
            said.rest.then(|| wordy_part(value)).flatten()
        };
    }
    if said.opening && parameter.required && parameter.is_named_one_of(MESSAGES) {
        let text = text.trim();
        return (words(text).len() >= 4).then_some(text);
    }
    None
}

/// The one part of "ORD-1, $5, it arrived broken" that is made of words.
fn wordy_part(text: &str) -> Option<&str> {
    let mut parts = text
        .split([',', ';', '\n'])
        .map(str::trim)
        .filter(|part| !has_digit(part) && !part.contains('@') && words(part).len() >= 2);
    match (parts.next(), parts.next()) {
        (Some(part), None) => Some(without_lead_in(part)),
        _ => None,
    }
}

/// What follows the first of the given beginnings, found whatever the case.
fn after_any<'a>(text: &'a str, beginnings: &[&str]) -> Option<&'a str> {
    beginnings.iter().find_map(|beginning| {
        let at = text.char_indices().map(|(at, _)| at).find(|at| {
            text.get(*at..at + beginning.len())
                .is_some_and(|piece| piece.eq_ignore_ascii_case(beginning))
                && !text[..*at].ends_with(char::is_alphanumeric)
        })?;
        Some(text[at + beginning.len()..].trim()).filter(|rest| !rest.is_empty())
    })
}

/// Up to the first mark that ends a sentence: not the one in "ada@example.com" or "$4.50".
fn sentence(text: &str) -> &str {
    let end = text
        .char_indices()
        .find(|(at, c)| match c {
            '\n' => true,
            '.' | '!' | '?' => !text[at + 1..].starts_with(|next: char| !next.is_whitespace()),
            _ => false,
        })
        .map_or(text.len(), |(at, _)| at);
    text[..end].trim_end_matches(['.', '!', '?']).trim()
}

fn clause(text: &str) -> &str {
    let text = sentence(text);
    let end = [", ", " and ", " but ", "; "]
        .iter()
        .filter_map(|mark| text.find(mark))
        .min()
        .unwrap_or(text.len());
    text[..end].trim()
}

/// Capitalised words behind the preposition that fits the name.
fn place<'a>(parameter: &Parameter<'_>, text: &'a str) -> Option<&'a str> {
    let before: &[&str] = match parameter.name {
        name if name.contains("origin") => &["from"],
        name if name.contains("destination") => &["to"],
        _ => &["in", "at", "near", "to", "from"],
    };
    let tokens = tokens(text);
    tokens.iter().enumerate().find_map(|(index, token)| {
        if !before.contains(&token.text.to_lowercase().as_str()) {
            return None;
        }
        let run: Vec<_> = tokens[index + 1..]
            .iter()
            .take_while(|token| token.text.starts_with(char::is_uppercase))
            .collect();
        let (first, last) = (run.first()?, run.last()?);
        Some(&text[first.start..last.end()])
    })
}

/// "It's X", "Sure, X", "because X" → "X".
pub(super) fn without_lead_in(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let before = text;
        for lead in [
            "it's ",
            "it is ",
            "its ",
            "that's ",
            "that is ",
            "that would be ",
            "sure, ",
            "sure. ",
            "yes, ",
            "ok, ",
            "okay, ",
            "because ",
            "the reason is ",
            "my name is ",
            "i'm ",
            "well, ",
            "please ",
            "here it is: ",
            "of course, ",
            "just ",
        ] {
            if text
                .get(..lead.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(lead))
            {
                text = text[lead.len()..].trim_start();
            }
        }
        if text == before {
            return text.trim_end_matches(['.', '!', ' ']);
        }
    }
}
