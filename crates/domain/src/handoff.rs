//! Handing a conversation to a person: the tool by which a model asks for it, and what is kept of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::limits;
use crate::prompt::Tool;

/// The tool's name, which no action may have.
pub const TOOL: &str = "hand_over_to_person";

/// What stands as the reason where a model gives none.
const NO_REASON: &str = "The customer would like to talk to a person.";

/// A person is to answer in a conversation; until they hand it back no model is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Handoff {
    /// Why, in the model's words; for the owner's people, and empty for visitors.
    pub reason: String,
    /// Since when.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub requested_at: Timestamp,
}

/// The tool as a model sees it.
pub fn tool() -> Tool {
    Tool {
        name: TOOL.to_owned(),
        display_name: "Hand over to a person".to_owned(),
        description: "Hand this conversation over to a person from the team. Use when the customer \
                      asks for a person, or when you cannot help them and a person could. From then \
                      on the person answers, and you do not. The customer is told."
            .to_owned(),
        parameters: json!({
            "type": "object",
            "properties": {
                "reason": {
                    "type": "string",
                    "description": "What the customer needs, in a sentence or two for the person \
                                    who takes over"
                }
            },
            "required": ["reason"]
        }),
        examples: Vec::new(),
    }
}

/// The reason in the arguments of a call, as the model wrote them. It goes to the owner's people only,
/// so what is wrong with it is no reason to keep the customer waiting.
pub fn reason_in(arguments: &str) -> String {
    let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
    let given = arguments
        .get("reason")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let reason: String = given
        .trim()
        .chars()
        .take(limits::HANDOFF_REASON_CHARS)
        .collect();
    if reason.is_empty() {
        NO_REASON.to_owned()
    } else {
        reason
    }
}

/// What the model is told of its call, when it is asked again after the person has handed back.
pub(crate) fn told() -> Value {
    json!({"status": "handed_over", "message": "A person has been asked to take over."})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_what_is_given_and_never_nothing() {
        assert_eq!(reason_in(r#"{"reason": " A refund. "}"#), "A refund.");
        for none in [
            "",
            "{}",
            "[]",
            "{",
            r#"{"reason": " "}"#,
            r#"{"reason": 1}"#,
        ] {
            assert_eq!(reason_in(none), NO_REASON);
        }
        let long = json!({"reason": "é".repeat(5_000)}).to_string();
        assert_eq!(
            reason_in(&long).chars().count(),
            limits::HANDOFF_REASON_CHARS
        );
    }
}
