//! What a model is given and what it gives back, in no provider's format.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::InvocationId;

/// Everything a model sees for one answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prompt<'a> {
    /// The agent's instructions and the standing rules.
    pub instructions: String,
    /// The conversation, oldest first. It never parts a call from its result.
    pub entries: Vec<Entry<'a>>,
    /// The actions on offer.
    pub tools: Vec<Arc<Tool>>,
}

impl Prompt<'_> {
    /// The same, holding every word itself, to be kept.
    pub fn into_owned(self) -> Prompt<'static> {
        let entries = self.entries.into_iter().map(Entry::into_owned);
        Prompt {
            instructions: self.instructions,
            entries: entries.collect(),
            tools: self.tools,
        }
    }
}

impl Entry<'_> {
    fn into_owned(self) -> Entry<'static> {
        match self {
            Self::Customer { text } => Entry::Customer {
                text: text.into_owned().into(),
            },
            Self::Agent { text, calls } => Entry::Agent {
                text: text.into_owned().into(),
                calls: calls.into_owned().into(),
            },
            Self::Results { results } => Entry::Results {
                results: results.into_owned().into(),
            },
        }
    }
}

/// One piece of a conversation as a model sees it. It is looked at where it is kept: a long conversation is
/// not copied for every question.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry<'a> {
    /// The customer said it.
    Customer {
        /// Their words.
        text: Cow<'a, str>,
    },
    /// The model said it, asked for calls, or both.
    Agent {
        /// Its words; may be empty when it asks for calls.
        text: Cow<'a, str>,
        /// The calls it asks for.
        calls: Cow<'a, [ToolCall]>,
    },
    /// What came of the calls just before, one for each.
    Results {
        /// In the order of the calls.
        results: Cow<'a, [ToolResult]>,
    },
}

/// An action as a model sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// The action's name.
    pub name: String,
    /// Its display name.
    pub display_name: String,
    /// When to use it.
    pub description: String,
    /// Its parameters without what the server fills in by itself.
    pub parameters: Value,
    /// Things a customer might say that should trigger it.
    pub examples: Vec<String>,
}

/// A call a model asks for, exactly as it wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Unique within the conversation.
    pub id: String,
    /// The action's name, if the model got it right.
    pub name: String,
    /// Meant to be a JSON object.
    pub arguments: String,
}

/// What came of one call that a model asked for, as it is told it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolResult {
    /// The model's id of the call.
    pub call_id: String,
    /// The name the model called.
    pub name: String,
    /// The invocation behind it; null where nothing was to be sent.
    pub invocation_id: Option<InvocationId>,
    /// A serialised [`crate::report::Report`].
    pub content: Value,
}

/// A model's answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// What it says.
    pub text: String,
    /// The calls it asks for. None: it is done.
    pub calls: Vec<ToolCall>,
    /// What it cost, where the provider says so.
    pub usage: Option<Usage>,
}

/// Tokens, as the provider counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Usage {
    /// Read.
    pub input_tokens: u64,
    /// Written.
    pub output_tokens: u64,
}
