//! A prompt in `genai`'s terms.

use std::collections::BTreeSet;

use deskhand_domain::prompt::{Entry, Prompt, Tool, ToolCall};
use genai::adapter::AdapterKind;
use genai::chat::{
    self, ChatMessage, ChatRequest, ChatRole, ContentPart, MessageContent, ToolResponse,
};
use serde_json::{Value, json};

/// Longest name of a function that providers take.
const NAME_CHARS: usize = 64;

/// System, then the conversation, then the tools. The results of one answer's calls go into one
/// message, right behind it: `genai` parts them for providers that want one for each call.
pub(super) fn request(prompt: &Prompt, kind: AdapterKind) -> ChatRequest {
    let messages = prompt.entries.iter().map(message);
    let messages = match kind {
        AdapterKind::Anthropic => alternating(messages),
        _ => messages.collect(),
    };
    let mut request = ChatRequest::new(messages);
    if !prompt.instructions.is_empty() {
        request = request.with_system(&prompt.instructions);
    }
    if !prompt.tools.is_empty() {
        request = request.with_tools(prompt.tools.iter().map(|given| tool(given, kind)));
    } else if only_remembers_calls(prompt, kind) {
        request = request.with_tools(remembered(prompt));
    }
    request
}

/// Whether the conversation holds calls while nothing is on offer any more, before an API that takes the
/// ones only with a list of tools. Such tools are named, and none may be chosen.
pub(super) fn only_remembers_calls(prompt: &Prompt, kind: AdapterKind) -> bool {
    let has_calls = |entry: &Entry| match entry {
        Entry::Agent { calls, .. } => !calls.is_empty(),
        Entry::Results { results } => !results.is_empty(),
        Entry::Customer { .. } => false,
    };
    kind == AdapterKind::Anthropic
        && prompt.tools.is_empty()
        && prompt.entries.iter().any(has_calls)
}

/// The tools that the conversation tells of, each once.
fn remembered(prompt: &Prompt) -> Vec<chat::Tool> {
    let names: BTreeSet<String> = prompt
        .entries
        .iter()
        .flat_map(|entry| match entry {
            Entry::Agent { calls, .. } => calls.iter().map(|call| acceptable(&call.name)).collect(),
            Entry::Results { results } => results
                .iter()
                .map(|result| acceptable(&result.name))
                .collect(),
            Entry::Customer { .. } => Vec::new(),
        })
        .collect();
    names
        .into_iter()
        .map(|name| {
            chat::Tool::new(name)
                .with_description("No longer on offer.")
                .with_schema(json!({"type": "object"}))
        })
        .collect()
}

/// The customer and the agent in turns, beginning with the customer and without empty messages, as
/// Anthropic's messages want it. Results are said by the customer's side there, before anything else
/// it says. A turn that was cut off leaves two messages of one side behind.
fn alternating(messages: impl Iterator<Item = ChatMessage>) -> Vec<ChatMessage> {
    let mut out: Vec<ChatMessage> = Vec::new();
    for mut message in messages {
        if message.role == ChatRole::Tool {
            message.role = ChatRole::User;
        }
        let parts: Vec<ContentPart> = message
            .content
            .into_iter()
            .filter(|part| !matches!(part, ContentPart::Text(text) if text.trim().is_empty()))
            .collect();
        if parts.is_empty() || out.is_empty() && message.role != ChatRole::User {
            continue;
        }
        match out.last_mut() {
            Some(last) if last.role == message.role => last.content.extend(parts),
            _ => out.push(ChatMessage::new(
                message.role,
                MessageContent::from_parts(parts),
            )),
        }
    }
    out
}

fn message(entry: &Entry) -> ChatMessage {
    match entry {
        Entry::Customer { text } => ChatMessage::user(text),
        Entry::Agent { text, calls } if calls.is_empty() => ChatMessage::assistant(text),
        Entry::Agent { text, calls } => {
            let mut parts = Vec::with_capacity(calls.len() + 1);
            if !text.is_empty() {
                parts.push(ContentPart::Text(text.clone()));
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
        fn_name: acceptable(&call.name),
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
pub(super) fn acceptable(name: &str) -> String {
    let name: String = name
        .chars()
        .take(NAME_CHARS)
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
                c
            } else {
                '_'
            }
        })
        .collect();
    if name.is_empty() {
        "unnamed".to_owned()
    } else {
        name
    }
}

fn tool(tool: &Tool, kind: AdapterKind) -> chat::Tool {
    let described = chat::Tool::new(tool.name.as_str())
        .with_description(described(tool))
        .with_schema(tool.parameters.clone());
    match kind {
        // Says nothing there, and servers that are like it may not know it.
        AdapterKind::Anthropic => described,
        _ => described.with_strict(false),
    }
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
