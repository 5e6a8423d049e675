//! Walks the parameters of a call and judges every leaf.

use serde_json::{Map, Value};

use super::evidence::{Evidence, escape};
use super::normal::carries_digit_or_at;
use super::placeholder::is_placeholder;
use super::rules::{Demand, Place, Rules, same};
use super::trace::{self, Finding, Trace};
use super::{Provenance, ProvenanceSource};
use crate::text_enum::text_enum;

text_enum! {
    /// Why a value is not sent.
    RefusedReason {
        /// The customer never gave it, and neither the contact nor a result holds it.
        NotSaid = "not_said",
        /// It stands for "no value", and the parameter is required.
        Placeholder = "placeholder",
        /// It is a date or time, and no time expression in the conversation means it.
        TimeNotSaid = "time_not_said",
        /// The server fills this parameter, and with something else.
        ServerFilled = "server_filled",
    }
}

/// A value that is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// JSON Pointer into `parameters`.
    pub path: String,
    /// The value, as text.
    pub value: String,
    /// Why.
    pub reason: RefusedReason,
}

/// The judgement on one set of parameters. A call may be sent if nothing is refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grounding {
    /// Every leaf that may be sent, with where it came from.
    pub accepted: Vec<Provenance>,
    /// Every leaf that may not, and every invented object key.
    pub refused: Vec<Refused>,
}

/// Judges every leaf of the parameters: each ends up in `accepted` or in `refused`, once. A key
/// that the schema does not declare is judged as a value too, if it carries a digit or `@`; if it is
/// refused, what it holds is not looked at.
pub fn ground(
    rules: &Rules,
    parameters: &Map<String, Value>,
    evidence: &Evidence<'_>,
) -> Grounding {
    let mut judge = Judge {
        evidence,
        out: Grounding::default(),
        in_vain: 0,
    };
    judge.object(&rules.root(), parameters, "");
    judge.out
}

struct Judge<'e, 'a> {
    evidence: &'e Evidence<'a>,
    out: Grounding,
    /// Values that nothing was found for.
    in_vain: usize,
}

/// Most values of one call that are looked for in vain, each in everything that was said. Nothing vouches for those
/// after them: a call with so many is made up.
const MOST_IN_VAIN: usize = 64;

impl Judge<'_, '_> {
    fn object(&mut self, place: &Place<'_>, map: &Map<String, Value>, path: &str) {
        for (key, value) in map {
            let path = format!("{path}/{}", escape(key));
            let (child, declared) = place.property(key);
            if !declared && carries_digit_or_at(key) && child.demand() != Some(Demand::Free) {
                let trace = self.look(|evidence| trace::string(key, evidence, true));
                if !matches!(trace, Trace::Found(_)) {
                    self.refuse(path, key.clone(), RefusedReason::NotSaid);
                    continue;
                }
            }
            self.value(&child, value, path);
        }
    }

    fn value(&mut self, place: &Place<'_>, value: &Value, path: String) {
        if place.source().is_none() && place.exempts(value) {
            self.exempt(value, path);
            return;
        }
        match value {
            Value::Object(map) => self.object(place, map, &path),
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.value(&place.item(i), item, format!("{path}/{i}"));
                }
            }
            leaf => self.leaf(place, leaf, path),
        }
    }

    /// The owner's own words, leaf by leaf.
    fn exempt(&mut self, value: &Value, path: String) {
        match value {
            Value::Object(map) => {
                for (key, item) in map {
                    self.exempt(item, format!("{path}/{}", escape(key)));
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.exempt(item, format!("{path}/{i}"));
                }
            }
            _ => self.accept(Finding::bare(ProvenanceSource::Schema), path),
        }
    }

    fn leaf(&mut self, place: &Place<'_>, value: &Value, path: String) {
        if let Some(source) = place.source() {
            // The server's own to fill: nothing but the contact's value is ever right here.
            if self
                .evidence
                .contact
                .source(source)
                .is_some_and(|own| same(&own, value))
            {
                let finding = Finding {
                    reference: Some(source.to_owned()),
                    ..Finding::bare(ProvenanceSource::Contact)
                };
                self.accept(finding, path);
            } else {
                self.refuse(path, shown(value), RefusedReason::ServerFilled);
            }
            return;
        }
        let demand = place.demand();
        let (trace, needed) = match value {
            Value::String(text) => {
                if place.required() && is_placeholder(text) {
                    self.refuse(path, text.clone(), RefusedReason::Placeholder);
                    return;
                }
                let needed = match demand {
                    Some(Demand::Verbatim) => true,
                    Some(Demand::Free) => false,
                    None => carries_digit_or_at(text) || place.shaped(),
                };
                let derived = demand != Some(Demand::Verbatim);
                let trace = self.look(|evidence| trace::string(text, evidence, derived));
                (trace, needed)
            }
            Value::Number(number) => (
                self.look(|evidence| trace::number(number, evidence)),
                demand != Some(Demand::Free),
            ),
            _ => {
                self.accept(Finding::bare(ProvenanceSource::Schema), path);
                return;
            }
        };
        match trace {
            Trace::Found(finding) => self.accept(finding, path),
            Trace::Nothing { .. } if !needed => {
                self.accept(Finding::bare(ProvenanceSource::Derived), path);
            }
            Trace::Nothing { time } => {
                let reason = if time {
                    RefusedReason::TimeNotSaid
                } else {
                    RefusedReason::NotSaid
                };
                self.refuse(path, shown(value), reason);
            }
        }
    }

    fn look(&mut self, in_all: impl FnOnce(&Evidence<'_>) -> Trace) -> Trace {
        if self.in_vain >= MOST_IN_VAIN {
            return Trace::Nothing { time: false };
        }
        let trace = in_all(self.evidence);
        self.in_vain += usize::from(matches!(trace, Trace::Nothing { .. }));
        trace
    }

    fn accept(&mut self, finding: Finding, path: String) {
        self.out.accepted.push(finding.at(path));
    }

    fn refuse(&mut self, path: String, value: String, reason: RefusedReason) {
        self.out.refused.push(Refused {
            path,
            value,
            reason,
        });
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
