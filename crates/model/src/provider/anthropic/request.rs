//! A prompt as a request for Anthropic's messages.

use std::borrow::Cow;
use std::collections::BTreeSet;

use deskhand_domain::limits::MODEL_ANSWER_TOKENS;
use deskhand_domain::prompt::{self, Entry, Prompt};
use genai::adapter::AdapterKind;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::ModelError;
use crate::provider::manner::Thinking;
use crate::provider::messages::{acceptable, described, past_arguments};

/// Room for an answer where the model may think whatever it is told: its thoughts count too.
const THINKING_ANSWER_TOKENS: u32 = 4 * MODEL_ANSWER_TOKENS;

/// Whether the model thinks unless it is told not to, as Claude does from its fifth generation on. Those that
/// cannot but think say so when they are told not to.
pub(super) fn thinks_unasked(model: &str) -> bool {
    let Some((_, name)) = model.split_once("claude-") else {
        return false;
    };
    let generation = name
        .split(['-', '.', '@', ':'])
        .find_map(|part| part.parse::<u64>().ok());
    generation.is_some_and(|generation| (5..1_000).contains(&generation))
}

/// The body. The tools stand before the conversation, where a provider's cache wants what changes least.
#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    stream: bool,
    /// The API wants a bound on every answer.
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Typed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Typed>,
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Typed {
    r#type: &'static str,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: Cow<'a, str>,
    description: String,
    input_schema: Cow<'a, Value>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: Role,
    #[serde(serialize_with = "content")]
    content: Vec<Block<'a>>,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Role {
    User,
    Assistant,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: &'a str,
    },
    ToolUse {
        id: &'a str,
        name: Cow<'a, str>,
        input: Value,
    },
    ToolResult {
        tool_use_id: &'a str,
        content: String,
    },
}

/// The request as it goes out.
pub(super) fn body(
    prompt: &Prompt<'_>,
    kind: AdapterKind,
    model: &str,
    thinking: Thinking,
) -> Result<Vec<u8>, ModelError> {
    let only_remembers = prompt.tools.is_empty() && prompt.entries.iter().any(has_calls);
    let request = Request {
        model,
        stream: true,
        max_tokens: match kind {
            AdapterKind::Anthropic if !thinks_unasked(model) => MODEL_ANSWER_TOKENS,
            // Or MiniMax's models, under either name.
            _ => THINKING_ANSWER_TOKENS,
        },
        thinking: match thinking {
            Thinking::Disabled => Some(Typed { r#type: "disabled" }),
            Thinking::BetweenTools => Some(Typed {
                r#type: "between_tools",
            }),
            Thinking::Unsaid | Thinking::NoEffort => None,
        },
        system: Some(prompt.instructions.as_str()).filter(|text| !text.trim().is_empty()),
        tools: if only_remembers {
            remembered(prompt)
        } else {
            prompt.tools.iter().map(|given| offered(given)).collect()
        },
        tool_choice: only_remembers.then_some(Typed { r#type: "none" }),
        messages: messages(prompt),
    };
    // Its error says where the writing failed, not what was to be written.
    serde_json::to_vec(&request)
        .map_err(|error| ModelError::give_up(format!("the request cannot be written: {error}")))
}

fn has_calls(entry: &Entry<'_>) -> bool {
    match entry {
        Entry::Agent { calls, .. } => !calls.is_empty(),
        Entry::Results { results } => !results.is_empty(),
        Entry::Customer { .. } => false,
    }
}

fn offered(tool: &prompt::Tool) -> Tool<'_> {
    Tool {
        name: Cow::Borrowed(&tool.name),
        description: described(tool),
        input_schema: Cow::Borrowed(&tool.parameters),
    }
}

/// The tools that the conversation tells of, each once. Nothing is on offer any more, but the API takes past
/// calls only with a list of tools: they are named, and none may be chosen.
fn remembered<'a>(prompt: &'a Prompt<'_>) -> Vec<Tool<'a>> {
    let names: BTreeSet<Cow<'_, str>> = prompt
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
        .map(|name| Tool {
            name,
            description: "No longer on offer.".to_owned(),
            input_schema: Cow::Owned(json!({"type": "object"})),
        })
        .collect()
}

/// The customer and the agent in turns, beginning with the customer and without empty words, as the API
/// wants it. Results are said by the customer's side, before anything else it says. A turn that was cut off
/// leaves two messages of one side behind.
fn messages<'a>(prompt: &'a Prompt<'_>) -> Vec<Message<'a>> {
    let mut out: Vec<Message<'_>> = Vec::new();
    for entry in &prompt.entries {
        let (role, blocks) = blocks(entry);
        // What the agent did before the customer said anything, its calls together with their results.
        if blocks.is_empty() || out.is_empty() && !matches!(entry, Entry::Customer { .. }) {
            continue;
        }
        match out.last_mut() {
            Some(last) if last.role == role => {
                let results = last.content.iter().take_while(|block| block.is_result());
                let at = match entry {
                    Entry::Results { .. } => results.count(),
                    _ => last.content.len(),
                };
                last.content.splice(at..at, blocks);
            }
            _ => out.push(Message {
                role,
                content: blocks,
            }),
        }
    }
    out
}

fn blocks<'a>(entry: &'a Entry<'_>) -> (Role, Vec<Block<'a>>) {
    match entry {
        Entry::Customer { text } => (Role::User, words(text).collect()),
        Entry::Agent { text, calls } => {
            let calls = calls.iter().map(|call| Block::ToolUse {
                id: &call.id,
                name: acceptable(&call.name),
                input: past_arguments(call),
            });
            (Role::Assistant, words(text).chain(calls).collect())
        }
        Entry::Results { results } => {
            let results = results.iter().map(|result| Block::ToolResult {
                tool_use_id: &result.call_id,
                content: result.content.to_string(),
            });
            (Role::User, results.collect())
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = Block<'_>> {
    (!text.trim().is_empty())
        .then_some(Block::Text { text })
        .into_iter()
}

impl Block<'_> {
    fn is_result(&self) -> bool {
        matches!(self, Self::ToolResult { .. })
    }
}

/// Words alone as they are: servers that are like Anthropic's know those best.
fn content<S: Serializer>(blocks: &[Block<'_>], out: S) -> Result<S::Ok, S::Error> {
    match blocks {
        [Block::Text { text }] => out.serialize_str(text),
        _ => blocks.serialize(out),
    }
}
