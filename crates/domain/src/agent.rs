//! An agent: a persona with instructions, a model, and what it says when it cannot help.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::action::FieldError;
use crate::id::{AgentId, WorkspaceId};
use crate::{limits, wording};

/// What names of models look like. Whether there is one of that name, only the server can say.
#[cfg(feature = "schema")]
const MODEL_NAME: &str =
    r"^\s*([Bb][Uu][Ii][Ll][Tt][Ii][Nn]|[0-9A-Za-z_]+\s*::\s*[^\s\x00-\x1f][^\x00-\x1f]*)\s*$";

/// One agent as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Agent {
    /// Identifies it.
    pub id: AgentId,
    /// The tenant. Left out of answers: a client only ever sees its own.
    #[serde(skip_serializing)]
    pub workspace_id: WorkspaceId,
    /// What it is and says.
    #[serde(flatten)]
    pub definition: AgentDefinition,
    /// When it was made.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub updated_at: Timestamp,
}

/// The part of an agent that its owner writes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentDefinition {
    /// 1 to 80 characters.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"\S"), length(max = limits::DISPLAY_NAME_CHARS)))]
    pub name: String,
    /// At most 20,000 characters.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::INSTRUCTIONS_CHARS)))]
    pub instructions: String,
    /// `builtin` or `<provider>::<model>`; null means the server's own setting.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = MODEL_NAME)))]
    pub model: Option<String>,
    /// Tried when `model` fails.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = MODEL_NAME)))]
    pub fallback_model: Option<String>,
    /// What the customer hears when no model answers; null means the server's own words.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"\S"), length(max = limits::FALLBACK_MESSAGE_CHARS)))]
    pub fallback_message: Option<String>,
    /// Where else the customer can turn: an address, a number, a page.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"\S"), length(max = limits::FALLBACK_CONTACT_CHARS)))]
    pub fallback_contact: Option<String>,
    /// Tokens that its models may read and write on one day (UTC), at least 1; null means no bound.
    /// When they are used up no model is asked until the next day.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub daily_token_budget: Option<u64>,
    /// Whether it may hand a conversation over to a person, who then answers in its place.
    #[serde(default)]
    pub handoff: bool,
}

impl AgentDefinition {
    /// What is wrong with it, field by field. Empty: it may be saved. Whether a model exists is for
    /// the caller to say.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut bound = |field: &str, text: &str, max: usize| {
            let chars = text.chars().count();
            if chars > max {
                errors.push(FieldError::new(
                    field,
                    format!("is {chars} characters long; at most {max}"),
                ));
            }
        };
        bound("name", &self.name, limits::DISPLAY_NAME_CHARS);
        bound(
            "instructions",
            &self.instructions,
            limits::INSTRUCTIONS_CHARS,
        );
        bound(
            "fallback_message",
            self.fallback_message.as_deref().unwrap_or_default(),
            limits::FALLBACK_MESSAGE_CHARS,
        );
        bound(
            "fallback_contact",
            self.fallback_contact.as_deref().unwrap_or_default(),
            limits::FALLBACK_CONTACT_CHARS,
        );
        if self.name.trim().is_empty() {
            errors.push(FieldError::new("name", "is empty; give the agent a name"));
        }
        if self.daily_token_budget == Some(0) {
            errors.push(FieldError::new(
                "daily_token_budget",
                "is 0; give a whole number from 1, or null for no bound",
            ));
        }
        for (field, text) in [
            ("fallback_message", &self.fallback_message),
            ("fallback_contact", &self.fallback_contact),
        ] {
            if text.as_deref().is_some_and(|text| text.trim().is_empty()) {
                errors.push(FieldError::new(field, "is empty; leave it out or use null"));
            }
        }
        errors
    }

    /// What the customer hears when the turn cannot be finished.
    pub fn apology(&self) -> String {
        match (&self.fallback_message, self.fallback_contact.as_deref()) {
            (Some(message), _) => message.clone(),
            (None, Some(contact)) => format!(
                "{} You can also contact {contact}.",
                wording::FALLBACK_MESSAGE
            ),
            (None, None) => wording::FALLBACK_MESSAGE.to_owned(),
        }
    }
}
