//! What a model is given and what it gives back, in no provider's format.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything a model sees for one answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prompt {
    /// The agent's instructions and the standing rules.
    pub instructions: String,
    /// The conversation, oldest first. It never parts a call from its result.
    pub entries: Vec<Entry>,
    /// The actions on offer.
    pub tools: Vec<Arc<Tool>>,
}

/// One piece of a conversation as a model sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Entry {
    /// The customer said it.
    Customer {
        /// Their words.
        text: String,
    },
    /// The model said it, asked for calls, or both.
    Agent {
        /// Its words; may be empty when it asks for calls.
        text: String,
        /// The calls it asks for.
        #[serde(default)]
        calls: Vec<ToolCall>,
    },
    /// What came of the calls just before, one for each.
    Results {
        /// In the order of the calls.
        results: Vec<ToolResult>,
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

/// What came of a call, as told to the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolResult {
    /// The call's id.
    pub call_id: String,
    /// The name the model called.
    pub name: String,
    /// A JSON object: its shape is the one of `turn`.
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
