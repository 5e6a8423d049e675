//! Prompts, and models behind the fake server.

use std::borrow::Cow;
use std::sync::Arc;

use deskhand_domain::prompt::{Answer, Entry, Prompt, Tool, ToolCall, ToolResult};
use deskhand_model::{Model, ModelError, Models, ModelsConfig, NoDeltas};
use deskhand_testkit::ModelServer;
use serde_json::{Value, json};

pub(crate) fn model_at(url: &str, name: &str, key: Option<&str>) -> Arc<dyn Model> {
    Models::new(ModelsConfig {
        default: name.to_owned(),
        url: Some(url.to_owned()),
        api_key: key.map(str::to_owned),
    })
    .unwrap()
    .get_default()
    .unwrap()
}

/// The formats that are tested on the wire.
pub(crate) const PROVIDERS: [&str; 2] = ["openai", "anthropic"];

pub(crate) fn model_of(provider: &str, server: &ModelServer) -> Arc<dyn Model> {
    model_at(&server.url(), &format!("{provider}::scripted"), None)
}

pub(crate) fn model(server: &ModelServer) -> Arc<dyn Model> {
    model_of("openai", server)
}

/// Asks a model of that provider once, without a look at the pieces.
pub(crate) async fn ask_of(provider: &str, server: &ModelServer) -> Result<Answer, ModelError> {
    model_of(provider, server)
        .answer(&prompt(), &mut NoDeltas)
        .await
}

/// A stream of Anthropic's messages. Every event is named as its data says.
pub(crate) fn events(all: &[Value]) -> String {
    let event = |data: &Value| {
        let name = data["type"].as_str().unwrap_or_default();
        format!("event: {name}\ndata: {data}\n\n")
    };
    all.iter().map(event).collect()
}

pub(crate) fn customer(text: &str) -> Entry<'static> {
    Entry::Customer {
        text: text.to_owned().into(),
    }
}

pub(crate) fn tool() -> Tool {
    Tool {
        name: "check_order_status".to_owned(),
        display_name: "Check order status".to_owned(),
        description: "Check the status of a customer's order.".to_owned(),
        parameters: json!({
            "type": "object",
            "properties": {"order_number": {"type": "string"}},
            "required": ["order_number"],
            "additionalProperties": false
        }),
        examples: vec!["Where's my order?".to_owned()],
    }
}

pub(crate) fn prompt() -> Prompt<'static> {
    Prompt {
        instructions: "You work for a small shop.".to_owned(),
        entries: vec![customer("Where's my order? It's ORD-12345")],
        tools: vec![Arc::new(tool())],
    }
}

/// A conversation with two calls behind it, one of them ill-formed.
pub(crate) fn long_prompt() -> Prompt<'static> {
    let mut prompt = prompt();
    let call = |id: &str, name: &str, arguments: &str| ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    };
    let result = |id: &str, name: &str| ToolResult {
        call_id: id.to_owned(),
        name: name.to_owned(),
        invocation_id: None,
        content: json!({"status": "failed", "message": "No."}),
    };
    prompt.entries.extend([
        Entry::Agent {
            text: "Let me look.".into(),
            calls: Cow::Owned(vec![
                call("a", "check_order_status", r#"{"order_number":"ORD-12345"}"#),
                call("b", "check order!", r#"{"order_number":"#),
            ]),
        },
        Entry::Results {
            results: Cow::Owned(vec![
                result("a", "check_order_status"),
                result("b", "check order!"),
            ]),
        },
        Entry::Agent {
            text: "I couldn't find it.".into(),
            calls: Cow::default(),
        },
        customer("Try again"),
    ]);
    prompt
}

pub(crate) fn is_retry(outcome: &Result<Answer, ModelError>) -> bool {
    matches!(outcome, Err(ModelError::Retry { .. }))
}
