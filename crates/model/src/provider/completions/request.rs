//! A prompt as a request for chat completions.

use std::borrow::Cow;

use deskhand_domain::limits::MODEL_ANSWER_TOKENS;
use deskhand_domain::prompt::{Entry, Prompt, Tool, ToolCall};
use genai::adapter::AdapterKind;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::ModelError;
use crate::provider::manner::{Manner, Thinking};
use crate::provider::messages::{acceptable, described, past_arguments};

/// The body. The tools stand before the conversation, where a provider's cache wants what changes least.
#[derive(Serialize)]
struct Request<'a> {
    model: &'a str,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Typed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Offered<'a>>,
    #[serde(serialize_with = "messages")]
    messages: &'a Prompt<'a>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Typed {
    r#type: &'static str,
}

#[derive(Serialize)]
struct Offered<'a> {
    r#type: &'static str,
    function: Described<'a>,
}

#[derive(Serialize)]
struct Described<'a> {
    name: &'a str,
    description: String,
    parameters: &'a Value,
    strict: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
    content: Cow<'a, str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Past<'a>>,
}

/// A call that was made.
#[derive(Serialize)]
struct Past<'a> {
    id: &'a str,
    r#type: &'static str,
    function: PastFunction<'a>,
}

#[derive(Serialize)]
struct PastFunction<'a> {
    name: Cow<'a, str>,
    arguments: String,
}

/// System, then the conversation.
pub(super) fn body(
    prompt: &Prompt<'_>,
    kind: AdapterKind,
    model: &str,
    manner: Manner,
) -> Result<Vec<u8>, ModelError> {
    let request = Request {
        model,
        stream: true,
        stream_options: manner.counts.then_some(StreamOptions {
            include_usage: true,
        }),
        // Left to itself it cuts answers at half of what a reply may have.
        max_tokens: (kind == AdapterKind::Fireworks).then_some(MODEL_ANSWER_TOKENS),
        reasoning_effort: (manner.thinking == Thinking::NoEffort).then_some("none"),
        thinking: (manner.thinking == Thinking::Disabled).then_some(Typed { r#type: "disabled" }),
        tools: prompt.tools.iter().map(|given| tool(given)).collect(),
        messages: prompt,
    };
    serde_json::to_vec(&request)
        .map_err(|error| ModelError::give_up(format!("the request cannot be written: {error}")))
}

fn messages<S: Serializer>(prompt: &Prompt<'_>, out: S) -> Result<S::Ok, S::Error> {
    let mut list = out.serialize_seq(None)?;
    if !prompt.instructions.is_empty() {
        list.serialize_element(&Message::of("system", &*prompt.instructions))?;
    }
    // What is not written yet: one side may go on where it left off, as after a turn that was cut off. The
    // templates of some models want the two sides to take turns.
    let mut last: Option<Message<'_>> = None;
    for entry in &prompt.entries {
        let next = match entry {
            Entry::Customer { text } => Message::of("user", &**text),
            Entry::Agent { text, calls } => Message {
                tool_calls: calls.iter().map(past).collect(),
                ..Message::of("assistant", &**text)
            },
            // One message for each.
            Entry::Results { results } => {
                write(&mut list, last.take())?;
                for result in results.iter() {
                    let content = serde_json::to_string(&result.content)
                        .map_err(serde::ser::Error::custom)?;
                    list.serialize_element(&Message {
                        tool_call_id: Some(&result.call_id),
                        ..Message::of("tool", content)
                    })?;
                }
                continue;
            }
        };
        match &mut last {
            Some(last) if last.goes_on_in(&next) => last.add(next),
            _ => write(&mut list, last.replace(next))?,
        }
    }
    write(&mut list, last)?;
    list.end()
}

fn write<L: SerializeSeq>(list: &mut L, message: Option<Message<'_>>) -> Result<(), L::Error> {
    message.map_or(Ok(()), |message| list.serialize_element(&message))
}

impl<'a> Message<'a> {
    fn of(role: &'static str, content: impl Into<Cow<'a, str>>) -> Self {
        Self {
            role,
            tool_call_id: None,
            content: content.into(),
            tool_calls: Vec::new(),
        }
    }

    /// Whether the same side says the next as well. Calls are followed by their results.
    fn goes_on_in(&self, next: &Self) -> bool {
        self.role == next.role && self.tool_calls.is_empty()
    }

    fn add(&mut self, next: Self) {
        if !self.content.is_empty() && !next.content.is_empty() {
            self.content.to_mut().push_str("\n\n");
        }
        self.content.to_mut().push_str(&next.content);
        self.tool_calls = next.tool_calls;
    }
}

fn past(call: &ToolCall) -> Past<'_> {
    Past {
        id: &call.id,
        r#type: "function",
        function: PastFunction {
            name: acceptable(&call.name),
            arguments: past_arguments(call).to_string(),
        },
    }
}

fn tool(tool: &Tool) -> Offered<'_> {
    Offered {
        r#type: "function",
        function: Described {
            name: &tool.name,
            description: described(tool),
            parameters: &tool.parameters,
            // Schemas are owners', and strictness takes fewer than they may write.
            strict: false,
        },
    }
}
