//! Values for a parameter in something the customer said. Nothing is ever made up: what is returned
//! stands in the text, or is one of the owner's own words for it.

use deskhand_domain::grounding::is_placeholder;
use jiff::civil::Date;
use serde_json::{Number as JsonNumber, Value};

use super::codes::{anchored, code, like, matching};
use super::dates::{dates, time_expression};
use super::evidence::{Number, Token, has_digit, numbers, says_any, tokens};
use super::free_text::{free_text, without_lead_in};
use super::parameter::{Kind, Parameter};
use super::words::{is_stop, stem, words};

const YES: &[&str] = &[
    "yes", "yeah", "yep", "sure", "please", "ok", "okay", "correct", "true", "y",
];
const NO: &[&str] = &["no", "nope", "not", "don't", "dont", "false", "n"];
/// A message, and how it is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) text: &'a str,
    /// It answers a question for this very parameter.
    pub(super) asked: bool,
    /// The question was for this parameter alone.
    pub(super) only: bool,
    /// It brought the action up, and says more than that.
    pub(super) opening: bool,
    /// Of all that was asked for, this parameter alone takes free words.
    pub(super) rest: bool,
    pub(super) today: Option<Date>,
}

/// The values for the parameter in the text, in the order said. More than one only for identifiers,
/// dates and lists.
pub(super) fn find(parameter: &Parameter<'_>, said: Said<'_>) -> Vec<Value> {
    let text = said.text;
    let found = match &parameter.kind {
        Kind::OneOf(options) => one_of(options, text, said.asked).into_iter().collect(),
        Kind::Bool => yes_or_no(text, said.asked).into_iter().collect(),
        Kind::Number { whole, money } => number(parameter, said, *whole, *money)
            .into_iter()
            .collect(),
        Kind::Email => strings(emails(text)),
        Kind::Url => strings(urls(text)),
        Kind::Date => strings(dates(text, said.today).iter().map(ToString::to_string)),
        Kind::Phone => strings(phone(text).map(str::to_owned)),
        Kind::Pattern(regex) => strings(matching(parameter, said, |token| {
            regex
                .find(token)
                .is_some_and(|found| found.as_str() == token)
                || anchored(parameter) && regex.is_match(token)
        })),
        Kind::Like(shapes) => strings(like(parameter, shapes, said)),
        Kind::Code => strings(code(parameter, said)),
        Kind::When => strings(when(said).map(str::to_owned)),
        Kind::List => list(parameter, said).into_iter().collect(),
        Kind::Text => strings(free_text(parameter, said).map(str::to_owned)),
        Kind::Other => Vec::new(),
    };
    found
        .into_iter()
        .filter(|value| fits(parameter.schema, value))
        .collect()
}

fn strings(found: impl IntoIterator<Item = String>) -> Vec<Value> {
    found.into_iter().map(Value::String).collect()
}

/// The simple bounds of a schema; the rest is checked where calls are dispatched.
fn fits(schema: &Value, value: &Value) -> bool {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    match value {
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            bound("minimum").is_none_or(|least| number >= least)
                && bound("maximum").is_none_or(|most| number <= most)
                && bound("exclusiveMinimum").is_none_or(|least| number > least)
        }
        Value::String(text) => {
            let length = text.chars().count() as f64;
            !is_placeholder(text)
                && bound("minLength").is_none_or(|least| length >= least)
                && bound("maxLength").is_none_or(|most| length <= most)
        }
        _ => true,
    }
}

/// The option that is said; none where several are.
fn one_of(options: &[Value], text: &str, asked: bool) -> Option<Value> {
    let said: Vec<String> = words(text).iter().map(|word| stem(word)).collect();
    let mut found: Vec<(&Value, usize)> = Vec::new();
    for option in options {
        let spoken = match option {
            Value::String(text) => text.replace(['_', '-'], " "),
            Value::Number(number) => number.to_string(),
            _ => continue,
        };
        let wanted: Vec<String> = words(&spoken).iter().map(|word| stem(word)).collect();
        let short = wanted.iter().all(|word| word.len() < 2 || is_stop(word));
        if !wanted.is_empty()
            && (asked || !short)
            && said.windows(wanted.len()).any(|window| window == wanted)
        {
            found.push((option, wanted.len()));
        }
    }
    let longest = found.iter().map(|(_, length)| *length).max()?;
    let mut longest = found.iter().filter(|(_, length)| *length == longest);
    match (longest.next(), longest.next()) {
        (Some((option, _)), None) => Some((*option).clone()),
        _ => None,
    }
}

fn yes_or_no(text: &str, asked: bool) -> Option<Value> {
    if !asked {
        return None;
    }
    match (says_any(text, YES), says_any(text, NO)) {
        (_, true) => Some(Value::Bool(false)),
        (true, false) => Some(Value::Bool(true)),
        (false, false) => None,
    }
}

fn number(parameter: &Parameter<'_>, said: Said<'_>, whole: bool, money: bool) -> Option<Value> {
    let mut candidates: Vec<Number> = numbers(said.text)
        .into_iter()
        .filter(|number| !whole || number.value.fract() == 0.0)
        .filter(|number| said.asked || !number.vague)
        .collect();
    // Where some are marked as money, the mark decides.
    if candidates.iter().any(|number| number.money) {
        candidates.retain(|number| number.money == money);
    }
    // "How many people" is a name for it too.
    let noun = format!(
        "{} {}",
        parameter.spoken(),
        parameter.description().unwrap_or_default()
    );
    let names: Vec<String> = words(&noun)
        .into_iter()
        .filter(|word| !is_stop(word))
        .map(|word| stem(&word))
        .collect();
    let near = tokens(said.text)
        .iter()
        .filter(|token| names.contains(&stem(&token.text.to_lowercase())))
        .flat_map(|token| {
            candidates
                .iter()
                .map(move |number| (gap(token, number), number))
        })
        .filter(|(gap, _)| *gap <= 24)
        .min_by_key(|(gap, _)| *gap)
        .map(|(_, number)| number);
    let chosen = near.or_else(|| {
        let alone = candidates.len() == 1 || said.asked;
        (alone && (said.asked || money || parameter.required))
            .then(|| candidates.first())
            .flatten()
    })?;
    if whole {
        // Exact: no larger number is read out of a text.
        Some(Value::from(chosen.value as i64))
    } else if chosen.value.fract() == 0.0 {
        Some(Value::from(chosen.value as i64))
    } else {
        JsonNumber::from_f64(chosen.value).map(Value::Number)
    }
}

fn gap(token: &Token<'_>, number: &Number) -> usize {
    if token.start >= number.end {
        token.start - number.end
    } else {
        number.start.saturating_sub(token.end())
    }
}

fn emails(text: &str) -> Vec<String> {
    tokens(text)
        .into_iter()
        .map(|token| token.text)
        .filter(|token| {
            token.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && !domain.contains('@')
                    && domain.split('.').count() > 1
                    && domain.split('.').all(|label| !label.is_empty())
            })
        })
        .map(str::to_owned)
        .collect()
}

fn urls(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|piece| piece.trim_matches(['<', '>', '(', ')', ',', '.', ';', '!', '?', '"']))
        .filter(|piece| piece.starts_with("https://") || piece.starts_with("http://"))
        .map(str::to_owned)
        .take(1)
        .collect()
}

fn phone(text: &str) -> Option<&str> {
    let allowed = |c: char| c.is_ascii_digit() || " +-().".contains(c);
    text.split(|c: char| !allowed(c))
        .map(|piece| piece.trim_matches([' ', '-', '.']))
        .find(|piece| (7..=15).contains(&piece.chars().filter(char::is_ascii_digit).count()))
}

fn when(said: Said<'_>) -> Option<&str> {
    time_expression(said.text).or_else(|| {
        let text = without_lead_in(said.text);
        (said.asked && has_digit(text) && text.len() <= 60).then_some(text)
    })
}

fn list(parameter: &Parameter<'_>, said: Said<'_>) -> Option<Value> {
    let items = parameter.schema.get("items")?;
    let item = Parameter::new(parameter.name, items, parameter.required);
    let found = match &item.kind {
        Kind::OneOf(options) => options
            .iter()
            .filter(|option| one_of(std::slice::from_ref(option), said.text, said.asked).is_some())
            .cloned()
            .collect(),
        Kind::Text if said.asked && said.only => strings(
            without_lead_in(said.text)
                .split([',', ';', '\n'])
                .flat_map(|piece| piece.split(" and "))
                .map(|piece| piece.trim().to_owned())
                .filter(|piece| !piece.is_empty()),
        ),
        Kind::Text | Kind::Other | Kind::List | Kind::Bool => Vec::new(),
        _ => find(&item, said),
    };
    (!found.is_empty()).then_some(Value::Array(found))
}
