//! What a conversation holds that can vouch for a value.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::agreement::{agrees, example_spans, may_be_agreed_to};
use super::normal::{Normalised, fold};
use super::numbers::{self, NumberToken, Scan};
use super::token::tokens;
use super::trace::short;
use super::when::{self, Moment, Stay, When};
use crate::contact::Contact;
use crate::conversation::Speaker;
use crate::id::{InvocationId, MessageId};

/// One thing said, in the order of the conversation.
#[derive(Debug, Clone, Copy)]
pub struct Utterance<'a> {
    /// The message.
    pub id: MessageId,
    /// Who said it.
    pub speaker: Speaker,
    /// Its whole text.
    pub text: &'a str,
    /// When it was said: what "tomorrow" is counted from.
    pub at: Timestamp,
}

/// A message that counts. What is in it is looked for when first asked: most values are found in the
/// latest message, so the cost of a turn does not grow with the conversation.
#[derive(Debug)]
pub(super) struct Heard<'a> {
    pub(super) utterance: Utterance<'a>,
    /// Ranges that vouch for nothing: examples in an agent's message.
    pub(super) barred: Vec<(usize, usize)>,
    zone: TimeZone,
    chars: OnceLock<Box<[char]>>,
    text: OnceLock<Normalised>,
    scan: OnceLock<Scan>,
    worded: OnceLock<Option<Normalised>>,
    whens: OnceLock<Vec<When>>,
    stays: OnceLock<Vec<Stay>>,
    spoken: OnceLock<Spoken>,
}

/// A whole leaf of the contact or of a result.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) origin: Origin,
    pub(super) folded: String,
    pub(super) text: String,
    pub(super) number: OnceLock<Option<NumberToken>>,
    pub(super) moment: OnceLock<Option<Moment>>,
}

#[derive(Debug, Clone)]
pub(super) enum Origin {
    Contact(String),
    Result(InvocationId, String),
}

/// Everything a turn may rely on. What is in it is looked at when it is first asked for: most values
/// stand in the latest message, and a long conversation then costs no more than a short one.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The customer's latest message.
    latest: Option<Heard<'a>>,
    /// Those before it, latest first.
    earlier: OnceLock<Vec<Heard<'a>>>,
    utterances: Vec<Utterance<'a>>,
    results: Vec<(InvocationId, &'a Value)>,
    agreed: OnceLock<Vec<Heard<'a>>>,
    leaves: OnceLock<Vec<Leaf>>,
    pub(super) contact: &'a Contact,
    pub(super) zone: TimeZone,
    pub(super) zone_known: bool,
    /// The moment of the latest message.
    pub(super) now: Timestamp,
}

impl<'a> Evidence<'a> {
    /// What a conversation holds. `utterances` are in order; `results` are those of succeeded
    /// invocations only (an error text vouches for nothing), in order. Times are read in
    /// `contact.timezone`, or in UTC where that is absent or unknown.
    pub fn new(
        utterances: Vec<Utterance<'a>>,
        contact: &'a Contact,
        results: Vec<(InvocationId, &'a Value)>,
    ) -> Self {
        let zone = contact
            .timezone
            .as_deref()
            .and_then(|name| TimeZone::get(name).ok());
        let zone_known = zone.is_some();
        let zone = zone.unwrap_or(TimeZone::UTC);
        let latest = said_by_customer(&utterances).next();
        Self {
            latest: latest.map(|said| Heard::new(said, &zone)),
            earlier: OnceLock::new(),
            agreed: OnceLock::new(),
            leaves: OnceLock::new(),
            contact,
            zone,
            zone_known,
            now: utterances.last().map_or(Timestamp::UNIX_EPOCH, |u| u.at),
            utterances,
            results,
        }
    }

    /// The customer's messages, latest first, then what the agent said and the customer agreed to.
    pub(super) fn heard(&self) -> impl Iterator<Item = &Heard<'a>> {
        let earlier = || {
            let earlier = said_by_customer(&self.utterances).skip(1);
            earlier.map(|said| Heard::new(said, &self.zone)).collect()
        };
        let earlier = std::iter::once_with(move || self.earlier.get_or_init(earlier));
        let agreed = std::iter::once_with(|| self.agreed.get_or_init(|| self.agreed_to()));
        self.latest
            .iter()
            .chain(earlier.flatten())
            .chain(agreed.flatten())
    }

    fn agreed_to(&self) -> Vec<Heard<'a>> {
        let mut heard = Vec::new();
        for pair in self.utterances.windows(2).rev() {
            let [said, answer] = pair else { continue };
            let asked = said.speaker != Speaker::Customer && answer.speaker == Speaker::Customer;
            if asked && agrees(answer.text) && may_be_agreed_to(said.text) {
                let mut agreed = Heard::new(*said, &self.zone);
                agreed.barred = example_spans(said.text);
                heard.push(agreed);
            }
        }
        heard
    }

    /// Contact first, then results, latest first.
    pub(super) fn leaves(&self) -> &[Leaf] {
        self.leaves.get_or_init(|| {
            let mut leaves: Vec<Leaf> = self
                .contact
                .leaves()
                .into_iter()
                .filter_map(|(path, value)| Leaf::new(Origin::Contact(path), &value))
                .collect();
            for (id, result) in self.results.iter().rev() {
                collect(*id, String::new(), result, &mut leaves);
            }
            leaves
        })
    }

    /// The customer's latest message.
    pub(super) fn answer(&self) -> Option<&Heard<'a>> {
        self.latest.as_ref()
    }
}

/// What the customer said, latest first.
fn said_by_customer<'u, 'a>(
    utterances: &'u [Utterance<'a>],
) -> impl Iterator<Item = Utterance<'a>> + 'u {
    let said = utterances.iter().rev().copied();
    said.filter(|said| said.speaker == Speaker::Customer)
}

fn collect(id: InvocationId, pointer: String, value: &Value, leaves: &mut Vec<Leaf>) {
    match value {
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                collect(id, format!("{pointer}/{i}"), item, leaves);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                collect(id, format!("{pointer}/{}", escape(key)), item, leaves);
            }
        }
        leaf => leaves.extend(Leaf::new(Origin::Result(id, pointer), leaf)),
    }
}

/// A key as a JSON Pointer token (RFC 6901 §3).
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Leaf {
    fn new(origin: Origin, value: &Value) -> Option<Self> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some(Self {
            origin,
            folded: fold(&text),
            text,
            number: OnceLock::new(),
            moment: OnceLock::new(),
        })
    }

    pub(super) fn number(&self) -> Option<&NumberToken> {
        self.number
            .get_or_init(|| {
                short(&self.text)
                    .then(|| numbers::whole(&self.text))
                    .flatten()
            })
            .as_ref()
    }
}

impl<'a> Heard<'a> {
    fn new(utterance: Utterance<'a>, zone: &TimeZone) -> Self {
        Self {
            utterance,
            barred: Vec::new(),
            zone: zone.clone(),
            chars: OnceLock::new(),
            text: OnceLock::new(),
            scan: OnceLock::new(),
            worded: OnceLock::new(),
            whens: OnceLock::new(),
            stays: OnceLock::new(),
            spoken: OnceLock::new(),
        }
    }

    /// The text without what spellings differ in.
    pub(super) fn text(&self) -> &Normalised {
        self.text
            .get_or_init(|| Normalised::new(self.utterance.text))
    }

    /// The same with number words as digits; absent where there are none.
    pub(super) fn worded(&self) -> Option<&Normalised> {
        self.worded
            .get_or_init(|| {
                let mut replacements: Vec<((usize, usize), String)> = Vec::new();
                for number in &self.scan().numbers {
                    let apart = replacements
                        .last()
                        .is_none_or(|(span, _)| span.1 <= number.span.0);
                    if let (Some(digits), true) = (&number.words_as_digits, apart) {
                        replacements.push((number.span, digits.clone()));
                    }
                }
                (!replacements.is_empty())
                    .then(|| Normalised::with_replacements(self.utterance.text, &replacements))
            })
            .as_ref()
    }

    /// The numbers in it.
    pub(super) fn scan(&self) -> &Scan {
        self.scan
            .get_or_init(|| numbers::scan(&tokens(self.utterance.text)))
    }

    /// The time expressions in it.
    pub(super) fn whens(&self) -> &[When] {
        self.whens
            .get_or_init(|| when::scan(&tokens(self.utterance.text), self.utterance.at, &self.zone))
    }

    /// The lengths of time in it that run from a day said elsewhere.
    pub(super) fn stays(&self) -> &[Stay] {
        self.stays
            .get_or_init(|| when::stays(&tokens(self.utterance.text)))
    }

    /// The words of a range of characters.
    pub(super) fn words(&self, span: (usize, usize)) -> String {
        let chars = self.chars();
        let end = span.1.min(chars.len());
        chars[span.0.min(end)..end].iter().collect()
    }

    /// Its characters.
    pub(super) fn chars(&self) -> &[char] {
        self.chars
            .get_or_init(|| self.utterance.text.chars().collect())
    }

    pub(super) fn bars(&self, span: (usize, usize)) -> bool {
        self.barred.iter().any(|&b| overlap(b, span))
    }

    /// Where an address is spelt out: "ada at example dot com".
    pub(super) fn spoken_address(&self, address: &str) -> Option<(usize, usize)> {
        self.spoken
            .get_or_init(|| Spoken::new(self.utterance.text))
            .find(address)
    }
}

pub(super) fn overlap(a: (usize, usize), b: (usize, usize)) -> bool {
    a.0 < b.1 && b.0 < a.1
}

/// A message with "at" and "dot" read as marks and no spaces: "ada@example.com".
#[derive(Debug)]
struct Spoken {
    text: String,
    /// Offset in `text` and characters in the message, of every piece, and whether it is a mark
    /// spoken as a word.
    pieces: Vec<(usize, (usize, usize), bool)>,
}

impl Spoken {
    fn new(message: &str) -> Self {
        let mut text = String::new();
        let mut pieces = Vec::new();
        for token in tokens(message) {
            use super::token::Kind;
            let before = text.len();
            match &token.kind {
                Kind::Word(word) => match word.as_str() {
                    "at" => text.push('@'),
                    "dot" => text.push('.'),
                    "underscore" => text.push('_'),
                    "dash" | "hyphen" => text.push('-'),
                    other => text.push_str(other),
                },
                Kind::Digits(digits) => text.push_str(digits),
                Kind::Mark(c @ ('@' | '.' | '_' | '-' | '+')) => text.push(*c),
                _ => continue,
            }
            let spoken =
                token.word().is_some() && !text[before..].starts_with(char::is_alphanumeric);
            pieces.push((before, (token.start, token.end), spoken));
        }
        Self { text, pieces }
    }

    fn find(&self, address: &str) -> Option<(usize, usize)> {
        let needle: String = tokens(address)
            .iter()
            .filter_map(|t| match &t.kind {
                super::token::Kind::Word(text) | super::token::Kind::Digits(text) => {
                    Some(text.clone())
                }
                super::token::Kind::Mark(c) => Some(c.to_string()),
                super::token::Kind::Thousandths(_) => None,
            })
            .collect();
        let piece = |offset: usize| self.pieces.binary_search_by_key(&offset, |p| p.0).ok();
        for (at, _) in self.text.match_indices(&needle) {
            let end = at + needle.len();
            let last = if end == self.text.len() {
                Some(self.pieces.len())
            } else {
                piece(end)
            };
            if let (Some(first), Some(last)) = (piece(at), last)
                && last > first
                && !self.said_mark(first.checked_sub(1))
                && !self.said_mark(Some(last))
            {
                return Some((self.pieces[first].1.0, self.pieces[last - 1].1.1));
            }
        }
        None
    }

    /// Whether this piece is a "dot" or the like, so that an address goes on there. An "at" may
    /// stand before one: "reach me at ada at example dot com".
    fn said_mark(&self, piece: Option<usize>) -> bool {
        piece
            .and_then(|i| self.pieces.get(i))
            .is_some_and(|&(at, _, spoken)| spoken && !self.text[at..].starts_with('@'))
    }
}
