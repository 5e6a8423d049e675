//! Answers to calls that are not made.

use deskhand_domain::action::{ActionDefinition, Effect};
use deskhand_domain::invocation::Outcome;
use deskhand_webhook::{Nature, accepted, interpret};
use serde_json::{Value, json};

/// The warning of an invocation that a mock response was to answer where the action has none.
const NO_MOCK_RESPONSE: &str = "no_mock_response";

/// What the action's mock response means: what it would mean if the endpoint had answered 200 with it.
pub fn outcome(definition: &ActionDefinition) -> Outcome {
    let nature = Nature::of(definition.effect == Effect::Read, definition.idempotent);
    let judge = |response: &Value| {
        let body = response.to_string();
        let outcome = interpret(200, None, body.as_bytes(), nature);
        match definition.long_running {
            true => accepted(200, body.as_bytes(), outcome),
            false => outcome,
        }
    };
    definition.mock_response.as_ref().map_or_else(
        || {
            let mut outcome = judge(&json!({"success": true, "result": null}));
            outcome.warnings.push(NO_MOCK_RESPONSE.to_owned());
            outcome
        },
        judge,
    )
}

#[cfg(test)]
mod tests {
    use deskhand_domain::invocation::{FailureCode, InvocationStatus};

    use super::*;

    fn answered(mock_response: Value) -> Outcome {
        let definition = json!({
            "name": "a", "display_name": "A", "description": "A.",
            "webhook_url": "https://api.example.com/", "parameters": {"type": "object"},
            "mock_response": mock_response,
        });
        outcome(&serde_json::from_value(definition).unwrap())
    }

    #[test]
    fn it_is_judged_as_an_answer_would_be() {
        let shipped = answered(json!({"success": true, "result": {"status": "shipped"}}));
        assert_eq!(shipped.result, Some(json!({"status": "shipped"})));
        let refused = answered(json!({"success": false, "error": "Order not found"}));
        assert_eq!(refused.status, InvocationStatus::Declined);
        assert_eq!(refused.error.as_deref(), Some("Order not found"));
        let text = answered(json!("shipped"));
        assert_eq!(text.status, InvocationStatus::Unknown);
        assert_eq!(text.failure.unwrap().code, FailureCode::InvalidResponse);
    }

    #[test]
    fn without_one_it_succeeds_and_says_so() {
        let outcome = answered(Value::Null);
        assert_eq!(outcome.status, InvocationStatus::Succeeded);
        assert_eq!(outcome.warnings, [NO_MOCK_RESPONSE]);
    }
}
