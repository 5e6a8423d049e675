//! A call that may leave.

use serde_json::{Map, Number, Value};

use super::Wish;
use super::spelling::Spelling;
use crate::action::{Action, Effect};
use crate::grounding::{Provenance, ProvenanceSource};
use crate::id::ActionId;
use crate::invocation::Invocation;
use crate::wording;

/// A call that has passed every check that can be made without a database: its parameters fit the
/// schema, and the customer, the contact, a result or the owner vouches for each value.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedCall {
    action_id: ActionId,
    action_version: u32,
    action: String,
    display_name: String,
    parameters: Map<String, Value>,
    provenance: Vec<Provenance>,
    canonical: String,
    /// Whether it was judged to change something; one that is read back is not judged.
    changes: bool,
}

impl CheckedCall {
    pub(super) fn new(
        action: &Action,
        parameters: Map<String, Value>,
        provenance: Vec<Provenance>,
    ) -> Self {
        Self {
            action_id: action.id,
            action_version: action.version,
            action: action.definition.name.clone(),
            display_name: action.definition.display_name.clone(),
            canonical: canonical(&Value::Object(parameters.clone())),
            parameters,
            provenance,
            changes: action.definition.effect == Effect::Write,
        }
    }

    /// One that was checked before it was recorded as this invocation.
    pub fn of_recorded(invocation: &Invocation, display_name: String) -> Self {
        Self {
            action_id: invocation.action_id,
            action_version: invocation.action_version,
            action: invocation.action.clone(),
            display_name,
            canonical: canonical(&Value::Object(invocation.parameters.clone())),
            parameters: invocation.parameters.clone(),
            provenance: invocation.provenance.clone(),
            changes: false,
        }
    }

    /// What is to be run.
    pub fn action_id(&self) -> ActionId {
        self.action_id
    }

    /// Which version of it.
    pub fn action_version(&self) -> u32 {
        self.action_version
    }

    /// Its name.
    pub fn action(&self) -> &str {
        &self.action
    }

    /// Its display name.
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// Exactly what is sent as `parameters`.
    pub fn parameters(&self) -> &Map<String, Value> {
        &self.parameters
    }

    /// Where each value came from.
    pub fn provenance(&self) -> &[Provenance] {
        &self.provenance
    }

    /// The parameters as JSON with sorted keys and no spaces, each number in one spelling: equal for equal
    /// calls.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Whether both would send the same to the same action.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.action_id == other.action_id && self.canonical == other.canonical
    }

    /// Whether this would do once more what another call of the same answer does: change something, for the
    /// [same wish](Wish::is_for_the_same_as).
    pub fn repeats(&self, other: &Self) -> bool {
        self.changes
            && self.action_id == other.action_id
            && self.wish().is_for_the_same_as(other.wish())
    }

    fn wish(&self) -> Wish<'_> {
        Wish {
            parameters: &self.parameters,
            provenance: &self.provenance,
        }
    }

    /// Whether this tries again what an earlier call of the same action wanted: the parameters that
    /// both give are the same but for spelling, and one gives no more than the other adds to.
    pub fn is_another_try_of(&self, earlier: &Self) -> bool {
        let within = |small: &Map<String, Value>, large: &Map<String, Value>| {
            small.iter().all(|(name, value)| {
                large
                    .get(name)
                    .is_some_and(|other| Spelling::of(other).is_same_as(&Spelling::of(value)))
            })
        };
        let (now, then) = (&self.parameters, &earlier.parameters);
        self.action_id == earlier.action_id
            && (within(then, now) || (!now.is_empty() && within(now, then)))
    }

    /// The values that tell this call from another of the same action, for a sentence to the
    /// customer: only what came out of the conversation, a few and not long.
    pub fn in_short(&self) -> String {
        in_short(&self.parameters, &self.provenance)
    }

    #[cfg(test)]
    pub(crate) fn for_test(action: &Action, parameters: Map<String, Value>) -> Self {
        Self::new(action, parameters, Vec::new())
    }
}

/// The values that tell a call with these parameters from another of the same action: only what came
/// out of the conversation, a few and not long.
pub fn in_short(parameters: &Map<String, Value>, provenance: &[Provenance]) -> String {
    let parameters = Value::Object(parameters.clone());
    let values: Vec<String> = provenance
        .iter()
        .filter(|one| {
            !matches!(
                one.source,
                ProvenanceSource::Contact | ProvenanceSource::Schema
            )
        })
        .filter_map(|one| parameters.pointer(&one.path))
        .map(wording::plain)
        .filter(|text| !text.is_empty() && text.chars().count() <= IN_SHORT_CHARS)
        .take(IN_SHORT_VALUES)
        .collect();
    values.join(", ")
}

/// Most values named where a call is told from another.
const IN_SHORT_VALUES: usize = 3;
/// Longest of them.
const IN_SHORT_CHARS: usize = 60;

/// JSON with sorted keys, no spaces, and each number in one spelling: 50, 50.0 and 5e1 are one value (JSON
/// Schema 2020-12, core, section 4.2.2).
pub fn canonical(value: &Value) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort_unstable();
                out.push('{');
                for (i, key) in keys.into_iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    out.push_str(&Value::String(key.clone()).to_string());
                    out.push(':');
                    write(&map[key.as_str()], out);
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write(item, out);
                }
                out.push(']');
            }
            Value::Number(number) => match as_whole(number) {
                Some(whole) => out.push_str(&whole.to_string()),
                None => out.push_str(&number.to_string()),
            },
            leaf => out.push_str(&leaf.to_string()),
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// A number that is written with a fraction or an exponent and has none, if every whole number of its size
/// can be told from the next.
fn as_whole(number: &Number) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
    let float = number.as_f64().filter(|_| number.is_f64())?;
    (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i64)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::clock::Entropy;
    use crate::id::WorkspaceId;

    #[derive(Debug)]
    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(1);
        }
    }

    fn call(parameters: &Value) -> CheckedCall {
        let definition = json!({
            "name": "cancel", "display_name": "Cancel", "description": "Cancels an order.",
            "webhook_url": "https://api.example.com/", "parameters": {"type": "object"},
        });
        let action = Action {
            id: ActionId::new(Timestamp::UNIX_EPOCH, &Fixed),
            workspace_id: WorkspaceId::new(Timestamp::UNIX_EPOCH, &Fixed),
            version: 1,
            definition: serde_json::from_value(definition).unwrap(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        CheckedCall::for_test(&action, parameters.as_object().unwrap().clone())
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let read = |text: &str| call(&serde_json::from_str(text).unwrap());
        for (one, other, same) in [
            (r#"{"a":50}"#, r#"{"a":50.0}"#, true),
            (r#"{"a":50}"#, r#"{"a":5e1}"#, true),
            (r#"{"a":[-3]}"#, r#"{"a":[-3.0]}"#, true),
            (r#"{"a":0}"#, r#"{"a":-0.0}"#, true),
            (r#"{"a":50}"#, r#"{"a":50.5}"#, false),
            (r#"{"a":50}"#, r#"{"a":"50"}"#, false),
            (
                r#"{"a":9007199254740992}"#,
                r#"{"a":9007199254740993}"#,
                false,
            ),
            (r#"{"a":1e300}"#, r#"{"a":1e301}"#, false),
        ] {
            let (one, other) = (read(one), read(other));
            assert_eq!(one.is_same_as(&other), same, "{one:?} {other:?}");
        }
    }

    #[test]
    fn another_try_differs_in_spelling_or_in_what_is_added_or_left_out() {
        for (earlier, later, same) in [
            (json!({"order": "A-1"}), json!({"order": "A-1"}), true),
            (json!({"order": "A-1"}), json!({"order": "a1"}), true),
            (
                json!({"order": "A-1"}),
                json!({"order": "A-1", "email": "a@b.example"}),
                true,
            ),
            (
                json!({"order": "A-1", "email": "?"}),
                json!({"order": "A-1"}),
                true,
            ),
            (json!({}), json!({"order": "A-1"}), true),
            (json!({"order": "A-1"}), json!({"order": "A-2"}), false),
            (json!({"order": "A-12"}), json!({"order": "A1-2"}), false),
            (
                json!({"order": "A-1", "amount": 12.5}),
                json!({"order": "A-1", "amount": 125}),
                false,
            ),
            (
                json!({"order": "A-1", "amount": -5}),
                json!({"order": "A-1", "amount": 5}),
                false,
            ),
            (
                json!({"order": "A-1", "amount": 50}),
                json!({"order": "a1", "amount": 50.0}),
                true,
            ),
            (
                json!({"order": "A-1"}),
                json!({"email": "a@b.example"}),
                false,
            ),
            (json!({"order": "A-1"}), json!({}), false),
            (json!({"a": 1, "b": 2}), json!({"a": 1, "c": 3}), false),
        ] {
            assert_eq!(
                call(&later).is_another_try_of(&call(&earlier)),
                same,
                "{earlier} then {later}"
            );
        }
    }
}
