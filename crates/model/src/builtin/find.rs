//! Values for a parameter in something the customer said. Nothing is ever made up: what is returned
//! stands in the text, or is one of the owner's own words for it.

use jiff::civil::Date;
use serde_json::{Number as JsonNumber, Value};

use super::dates::{dates, time_expression};
use super::evidence::{Number, Token, bare, has_digit, numbers, says_any, tokens};
use super::free_text::{free_text, without_lead_in};
use super::parameter::{Kind, Parameter};
use super::shape::Shape;
use super::words::{is_stop, stem, words};

const YES: &[&str] = &[
    "yes", "yeah", "yep", "sure", "please", "ok", "okay", "correct", "true", "y",
];
const NO: &[&str] = &["no", "nope", "not", "don't", "dont", "false", "n"];
/// Between the name of a value and the value.
const LINKS: &[&str] = &[
    "is", "are", "was", "should", "will", "be", "number", "no", "code", "id", "to", "for", "of",
    "the", "my", "as", "ref", "nr",
];

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

/// The values for the parameter in the text, in the order said. More than one only for identifiers
/// and lists.
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
        Kind::Date => strings(
            dates(text, said.today)
                .iter()
                .map(ToString::to_string)
                .take(1),
        ),
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
            !text.trim().is_empty()
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
    let noun = parameter.spoken();
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

fn anchored(parameter: &Parameter<'_>) -> bool {
    parameter
        .schema
        .get("pattern")
        .and_then(Value::as_str)
        .is_some_and(|pattern| pattern.starts_with('^') || pattern.ends_with('$'))
}

/// Tokens and short runs of tokens that are accepted, in the spellings a customer may have meant.
fn matching(
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

fn like(parameter: &Parameter<'_>, shapes: &[Shape], said: Said<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for shape in shapes {
        // Digits alone could be anything: something must point to them.
        if shape.only_digits && !said.asked && after_name(parameter, said.text).is_none() {
            continue;
        }
        for value in shape.find(said.text) {
            if !found.iter().any(|known| bare(known) == bare(&value)) {
                found.push(value);
            }
        }
    }
    if found.is_empty() {
        found = code(parameter, said);
    }
    found
}

/// A token with a digit that is named ("order number is 12345") or asked for.
fn code(parameter: &Parameter<'_>, said: Said<'_>) -> Vec<String> {
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
