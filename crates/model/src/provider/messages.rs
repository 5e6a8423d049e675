//! A prompt in `genai`'s terms.

use std::borrow::Cow;

use deskhand_domain::prompt::{Entry, Prompt, Tool, ToolCall};
use genai::chat::{self, ChatMessage, ChatRequest, ContentPart, MessageContent, ToolResponse};
use serde_json::{Value, json};

/// Longest name of a function that providers take.
const NAME_CHARS: usize = 64;

/// System, then the conversation, then the tools. The results of one answer's calls go into one
/// message, right behind it: `genai` parts them for providers that want one for each call.
pub(super) fn request(prompt: &Prompt<'_>) -> ChatRequest {
    let mut request = ChatRequest::new(prompt.entries.iter().map(message).collect());
    if !prompt.instructions.is_empty() {
        request = request.with_system(&prompt.instructions);
    }
    if !prompt.tools.is_empty() {
        request = request.with_tools(prompt.tools.iter().map(|given| tool(given)));
    }
    request
}

fn message(entry: &Entry<'_>) -> ChatMessage {
    match entry {
        Entry::Customer { text } => ChatMessage::user(&**text),
        Entry::Agent { text, calls } if calls.is_empty() => ChatMessage::assistant(&**text),
        Entry::Agent { text, calls } => {
            let mut parts = Vec::with_capacity(calls.len() + 1);
            if !text.is_empty() {
                parts.push(ContentPart::Text(text.to_string()));
            }
            parts.extend(calls.iter().map(|call| ContentPart::ToolCall(past(call))));
            ChatMessage::assistant(MessageContent::from_parts(parts))
        }
        Entry::Results { results } => ChatMessage::tool(MessageContent::from_tool_responses(
            results
                .iter()
                .map(|result| {
                    ToolResponse::new(&result.call_id, result.content.to_string())
                        .with_fn_name(acceptable(&result.name))
                })
                .collect(),
        )),
    }
}

/// A call made earlier. Providers refuse a whole request over a name or arguments that are not
/// well-formed, so a model's slips are shown back to it in a form that is.
fn past(call: &ToolCall) -> chat::ToolCall {
    chat::ToolCall {
        call_id: call.id.clone(),
        fn_name: acceptable(&call.name).into_owned(),
        fn_arguments: past_arguments(call),
        thought_signatures: None,
    }
}

/// An object, whatever the model wrote.
pub(super) fn past_arguments(call: &ToolCall) -> Value {
    serde_json::from_str::<Value>(&call.arguments)
        .ok()
        .filter(Value::is_object)
        .unwrap_or_else(|| json!({"not_a_json_object": call.arguments}))
}

/// A name of a function that every provider takes.
pub(super) fn acceptable(name: &str) -> Cow<'_, str> {
    let is_taken = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    match name.len() {
        0 => Cow::Borrowed("unnamed"),
        1..=NAME_CHARS if name.chars().all(is_taken) => Cow::Borrowed(name),
        _ => {
            let chars = name.chars().take(NAME_CHARS);
            chars.map(|c| if is_taken(c) { c } else { '_' }).collect()
        }
    }
}

fn tool(tool: &Tool) -> chat::Tool {
    chat::Tool::new(tool.name.as_str())
        .with_description(described(tool))
        .with_schema(tool.parameters.clone())
        .with_strict(false)
}

/// What a tool is for, with what a customer might say.
pub(super) fn described(tool: &Tool) -> String {
    let mut description = tool.description.clone();
    if !tool.examples.is_empty() {
        description.push_str("\nA customer might say:");
        for example in &tool.examples {
            description.push_str("\n- ");
            description.push_str(example);
        }
    }
    description
}
