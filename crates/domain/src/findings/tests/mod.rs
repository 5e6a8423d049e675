//! Tables of what is found and what is not, trade by trade.

mod definitions;
mod descriptions;
mod names;
mod overlaps;
mod properties;

use serde_json::{Value, json};

use super::*;

/// The documentation page's action.
fn check_order_status() -> Value {
    json!({
        "name": "check_order_status",
        "display_name": "Check order status",
        "description": "Check the status of a customer's order. Use when the customer asks about their order status, delivery tracking, or where their package is. Requires the order number.",
        "webhook_url": "https://api.example.com/deskhand/orders",
        "parameters": {
            "type": "object",
            "properties": {
                "customer_email": {"type": "string", "description": "Customer's email address"},
                "order_number": {"type": "string", "description": "Order number to look up (e.g., ORD-12345)"}
            },
            "required": ["order_number"]
        }
    })
}

/// It with these fields changed.
fn with(changes: Value) -> ActionDefinition {
    let mut action = check_order_status();
    for (field, value) in changes.as_object().unwrap() {
        action[field] = value.clone();
    }
    serde_json::from_value(action).unwrap()
}

fn named(name: &str, description: &str) -> ActionDefinition {
    with(json!({"name": name, "display_name": name.replace('_', " "), "description": description}))
}

fn found(definition: &ActionDefinition) -> Vec<Finding> {
    review(definition, &[], &Observed::default())
}

/// Severity, code and field of each finding.
fn brief(findings: &[Finding]) -> Vec<(&'static str, &'static str, &str)> {
    findings
        .iter()
        .map(|f| (f.severity.as_str(), f.code.as_str(), f.field.as_str()))
        .collect()
}
