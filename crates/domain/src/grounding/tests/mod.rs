//! Grounding as conversations: what was said, what the model wants to send, what becomes of it.

mod conversations;
mod numbers;
mod properties;
mod schemas;
mod times;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::*;
use crate::clock::Entropy;
use crate::contact::Contact;
use crate::conversation::Speaker;
use crate::id::{InvocationId, MessageId};

#[derive(Debug)]
struct Counter(u8);

impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

/// Tuesday, 5 May 2026, 10:00 in London (summer time).
pub(super) fn now() -> Timestamp {
    "2026-05-05T09:00:00Z".parse().unwrap()
}

/// A conversation under test. Lines are the customer's unless they begin with "agent:".
#[derive(Debug, Clone)]
pub(super) struct Talk {
    lines: Vec<String>,
    contact: Contact,
    results: Vec<Value>,
    schema: Value,
}

pub(super) fn talk(lines: &[&str]) -> Talk {
    Talk {
        lines: lines.iter().map(|&l| l.to_owned()).collect(),
        contact: Contact {
            timezone: Some("Europe/London".to_owned()),
            ..Contact::default()
        },
        results: Vec::new(),
        schema: json!({"type": "object", "properties": {"v": {}}}),
    }
}

impl Talk {
    pub(super) fn contact(mut self, contact: Contact) -> Self {
        self.contact = contact;
        self
    }

    pub(super) fn result(mut self, result: Value) -> Self {
        self.results.push(result);
        self
    }

    /// The schema of the one parameter `v`, which is required.
    pub(super) fn property(mut self, schema: Value) -> Self {
        self.schema = json!({"type": "object", "properties": {"v": schema}, "required": ["v"]});
        self
    }

    pub(super) fn schema(mut self, schema: Value) -> Self {
        self.schema = schema;
        self
    }

    pub(super) fn judge(&self, parameters: Value) -> Grounding {
        let utterances: Vec<Utterance<'_>> = self
            .lines
            .iter()
            .enumerate()
            .map(|(i, line)| {
                let (speaker, text) = match line.strip_prefix("agent:") {
                    Some(text) => (Speaker::Agent, text.trim_start()),
                    None => (Speaker::Customer, line.as_str()),
                };
                let id = MessageId::new(now(), &Counter(u8::try_from(i).unwrap()));
                Utterance {
                    id,
                    speaker,
                    text,
                    at: now(),
                }
            })
            .collect();
        let results: Vec<(InvocationId, &Value)> = self
            .results
            .iter()
            .map(|r| (InvocationId::new(now(), &Counter(1)), r))
            .collect();
        let evidence = Evidence::new(utterances, &self.contact, results);
        let Value::Object(parameters) = parameters else {
            panic!("parameters are an object");
        };
        ground(&Rules::compile(&self.schema), &parameters, &evidence)
    }

    /// How the one value `v` was accepted; a panic with the refusal where it was not.
    pub(super) fn accepts(&self, value: impl Into<Value>) -> Provenance {
        let value = value.into();
        let mut judged = self.judge(json!({"v": value}));
        assert!(
            judged.refused.is_empty(),
            "{value} after {:?}: {:?}",
            self.lines,
            judged.refused
        );
        judged.accepted.remove(0)
    }

    /// The words in a message that vouched for the value.
    pub(super) fn words(&self, value: impl Into<Value>) -> String {
        let found = self.accepts(value);
        assert_eq!(found.source, ProvenanceSource::Message, "{found:?}");
        found.text.unwrap()
    }

    pub(super) fn refuses(&self, value: impl Into<Value>) -> RefusedReason {
        let value = value.into();
        let judged = self.judge(json!({"v": value}));
        assert!(
            judged.accepted.is_empty(),
            "{value} after {:?}: {:?}",
            self.lines,
            judged.accepted
        );
        judged.refused[0].reason
    }
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}
