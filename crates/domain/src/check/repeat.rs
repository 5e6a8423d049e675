//! Whether one call asks again for what another has not come to the end of yet.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::spelling::Spelling;
use crate::grounding::{Provenance, ProvenanceSource};

/// What a call sends, and who vouches for it.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The parameters.
    pub parameters: &'a Map<String, Value>,
    /// Where each of their leaves came from.
    pub provenance: &'a [Provenance],
}

/// What one value is compared by.
struct Part<'a> {
    value: Spelling,
    vouched: Option<&'a Provenance>,
}

impl Wish<'_> {
    /// Whether both, of one action, want the same thing: every value that both give is the same but for case,
    /// spaces, punctuation and the spelling of numbers (or is the same field of the contact, whose value may have
    /// changed), one gives nothing that the other does not, and they share something that the customer said or
    /// that an earlier result holds. Items of arrays and values of enumerations are told apart.
    ///
    /// A model that is asked twice for one refund writes `ord-4` for `ORD-4`, or leaves out a reason: while it is
    /// open whether the first went through, that must not become a second refund.
    pub fn is_for_the_same_as(self, other: Wish<'_>) -> bool {
        let (own, others) = (self.parts(), other.parts());
        let (fewer, more) = if own.len() <= others.len() {
            (&own, &others)
        } else {
            (&others, &own)
        };
        let agree = fewer
            .iter()
            .all(|(path, part)| more.get(path).is_some_and(|other| part.is_same_as(other)));
        agree && fewer.values().any(Part::tells_apart)
    }

    fn parts(&self) -> BTreeMap<String, Part<'_>> {
        let mut parts = BTreeMap::new();
        self.descend("", self.parameters, &mut parts);
        parts
    }

    fn descend<'a>(
        &'a self,
        at: &str,
        members: &Map<String, Value>,
        parts: &mut BTreeMap<String, Part<'a>>,
    ) {
        for (name, value) in members {
            let path = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            match value {
                Value::Object(members) => self.descend(&path, members, parts),
                // Next to nothing: an optional value that is given as none.
                Value::Null => {}
                Value::String(text) if text.trim().is_empty() => {}
                _ => {
                    let vouched = self.provenance.iter().find(|one| {
                        let rest = one.path.strip_prefix(&path);
                        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                    });
                    let value = Spelling::of(value);
                    parts.insert(path, Part { value, vouched });
                }
            }
        }
    }
}

impl Part<'_> {
    fn is_same_as(&self, other: &Part<'_>) -> bool {
        self.value.is_same_as(&other.value) || self.is_field_of_contact(other)
    }

    /// Whether both were filled in from one field of the contact.
    fn is_field_of_contact(&self, other: &Part<'_>) -> bool {
        let field = |part: &Part<'_>| {
            part.vouched
                .filter(|one| one.source == ProvenanceSource::Contact)
                .and_then(|one| one.reference.clone())
        };
        field(self).is_some_and(|own| Some(own) == field(other))
    }

    fn tells_apart(&self) -> bool {
        self.vouched.is_some_and(|one| {
            matches!(
                one.source,
                ProvenanceSource::Message | ProvenanceSource::Result
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn by(path: &str, source: ProvenanceSource, reference: Option<&str>) -> Provenance {
        Provenance {
            path: path.to_owned(),
            source,
            reference: reference.map(str::to_owned),
            pointer: None,
            span: None,
            text: None,
        }
    }

    /// `order` and `items` were said, `email` is the contact's, the rest is the owner's or the model's.
    fn same(one: &Value, other: &Value) -> bool {
        let provenance = [
            by("/order", ProvenanceSource::Message, Some("msg_1")),
            by("/items/0", ProvenanceSource::Result, Some("inv_1")),
            by("/email", ProvenanceSource::Contact, Some("contact.email")),
            by("/reason", ProvenanceSource::Derived, None),
            by("/kind", ProvenanceSource::Schema, None),
        ];
        let wish = |of: &Value| of.as_object().unwrap().clone();
        let (one, other) = (wish(one), wish(other));
        let of = |parameters| Wish {
            parameters,
            provenance: &provenance,
        };
        let forth = of(&one).is_for_the_same_as(of(&other));
        assert_eq!(forth, of(&other).is_for_the_same_as(of(&one)));
        forth
    }

    #[test]
    fn spelling_and_what_is_left_out_make_no_other_wish() {
        for (one, other, is_same) in [
            (json!({"order": "ORD-4"}), json!({"order": "ord-4"}), true),
            (json!({"order": "ORD-4"}), json!({"order": " ORD4 "}), true),
            (json!({"order": "ORD-4"}), json!({"order": "ORD-5"}), false),
            (
                json!({"order": "ORD-4"}),
                json!({"order": "ORD-4", "reason": "it broke"}),
                true,
            ),
            (
                json!({"order": "ORD-4", "reason": "it broke"}),
                json!({"order": "ORD-4", "reason": "It broke."}),
                true,
            ),
            (
                json!({"order": "ORD-4", "reason": null}),
                json!({"order": "ORD-4", "reason": ""}),
                true,
            ),
            (
                json!({"order": "ORD-4", "email": "a@b.example"}),
                json!({"order": "ORD-4", "email": "c@d.example"}),
                true,
            ),
            (
                json!({"order": "ORD-4", "kind": "full"}),
                json!({"order": "ORD-4", "kind": "half"}),
                false,
            ),
            (
                json!({"order": "ORD-4", "reason": "x"}),
                json!({"order": "ORD-4", "kind": "full"}),
                false,
            ),
            // Nothing in them is the customer's: one may well want both.
            (json!({"kind": "full"}), json!({"kind": "full"}), false),
            (json!({}), json!({"order": "ORD-4"}), false),
            // Amounts.
            (json!({"order": "1.5"}), json!({"order": "15"}), false),
            (json!({"order": "-5"}), json!({"order": "5"}), false),
            (json!({"order": 50}), json!({"order": 50.0}), true),
            (json!({"order": -5}), json!({"order": 5}), false),
            (json!({"order": 12.5}), json!({"order": 125}), false),
            (json!({"order": "A1-23"}), json!({"order": "A12-3"}), false),
            (json!({"order": "A1-23"}), json!({"order": "a1 23"}), true),
            // Items.
            (json!({"items": ["A-1"]}), json!({"items": ["a1"]}), true),
            (
                json!({"items": ["A-1"]}),
                json!({"items": ["A-1", "A-2"]}),
                false,
            ),
            (
                json!({"items": ["1", "23"]}),
                json!({"items": ["12", "3"]}),
                false,
            ),
        ] {
            assert_eq!(same(&one, &other), is_same, "{one} and {other}");
        }
    }

    proptest! {
        /// Other case, spaces around, and one parameter more never make another wish; another id always does.
        #[test]
        fn one_order_is_one_wish(id in "[A-Z]{1,4}-[0-9]{1,6}", other in "[A-Z]{1,4}-[0-9]{1,6}", why in "\\PC{0,20}") {
            let first = json!({"order": id, "reason": why});
            let again = json!({"order": format!(" {} ", id.to_lowercase())});
            prop_assert!(same(&first, &again));
            prop_assert_eq!(same(&first, &json!({"order": other})), id == other);
        }
    }
}
