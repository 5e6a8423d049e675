//! A prompt as a request for chat completions.

use deskhand_domain::limits::MODEL_ANSWER_TOKENS;
use deskhand_domain::prompt::{Entry, Prompt, Tool};
use genai::adapter::AdapterKind;
use serde_json::{Value, json};

use crate::provider::messages::{acceptable, described, past_arguments};

/// System, then the conversation. The tools stand before both, where a provider's cache wants what changes
/// least.
pub(super) fn request(prompt: &Prompt, kind: AdapterKind, model: &str) -> Value {
    let mut body = json!({
        "model": model,
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    // Left to itself it cuts answers at half of what a reply may have.
    if kind == AdapterKind::Fireworks {
        body["max_tokens"] = MODEL_ANSWER_TOKENS.into();
    }
    if !prompt.tools.is_empty() {
        body["tools"] = prompt.tools.iter().map(tool).collect();
    }
    let mut messages = Vec::with_capacity(prompt.entries.len() + 1);
    if !prompt.instructions.is_empty() {
        messages.push(json!({"role": "system", "content": prompt.instructions}));
    }
    for entry in &prompt.entries {
        add(entry, &mut messages);
    }
    body["messages"] = Value::Array(messages);
    body
}

fn add(entry: &Entry, messages: &mut Vec<Value>) {
    match entry {
        Entry::Customer { text } => messages.push(json!({"role": "user", "content": text})),
        Entry::Agent { text, calls } => {
            let mut message = json!({"role": "assistant", "content": text});
            if !calls.is_empty() {
                message["tool_calls"] = calls
                    .iter()
                    .map(|call| {
                        let arguments = past_arguments(call).to_string();
                        json!({"id": call.id, "type": "function", "function":
                            {"name": acceptable(&call.name), "arguments": arguments}})
                    })
                    .collect();
            }
            messages.push(message);
        }
        // One message for each.
        Entry::Results { results } => messages.extend(results.iter().map(|result| {
            json!({"role": "tool", "tool_call_id": result.call_id, "content": result.content.to_string()})
        })),
    }
}

fn tool(tool: &Tool) -> Value {
    // Not strict: schemas are owners', and strictness takes fewer than they may write.
    json!({"type": "function", "function": {
        "name": tool.name,
        "description": described(tool),
        "parameters": tool.parameters,
        "strict": false,
    }})
}
