//! An action: something an agent can do in its owner's systems.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ActionId, WorkspaceId};
use crate::text_enum::text_enum;
use crate::{handoff, limits, parameters};

/// One field of an input that cannot be accepted, and the mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// The field, with dots and indices for nested ones: `headers.0.name`.
    pub field: String,
    /// What is wrong and what would be right, to be read after the field's name.
    pub message: String,
}

impl FieldError {
    /// An error for one field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

text_enum! {
    /// What running the action does to the owner's system.
    Effect {
        /// It only looks things up: an uncertain outcome is harmless.
        Read = "read",
        /// It changes something.
        Write = "write",
    }
}

text_enum! {
    /// Whether the customer must agree to the exact parameters first.
    Confirmation {
        /// No.
        Never = "never",
        /// Yes, each time.
        Always = "always",
    }
}

/// The current version of one action as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Action {
    /// Identifies it, across versions.
    pub id: ActionId,
    /// The tenant. Left out of answers: a client only ever sees its own.
    #[serde(skip_serializing)]
    pub workspace_id: WorkspaceId,
    /// 1 when made; one more with every change.
    pub version: u32,
    /// What it is.
    #[serde(flatten)]
    pub definition: ActionDefinition,
    /// When it was made.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
    /// When this version was made.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub updated_at: Timestamp,
}

/// Text that is not empty, without control characters but for line ends and tabs.
#[cfg(feature = "schema")]
const TEXT: &str =
    r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b-\x1f\x7f-\x9f]*$";

/// The part of an action that its owner writes. Secrets are not in it, only the fact that there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActionDefinition {
    /// `^[a-z][a-z0-9_]{0,63}$`, unique in the workspace.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = "^[a-z][a-z0-9_]{0,63}$"))
    )]
    pub name: String,
    /// At most 80 characters.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = TEXT), length(max = limits::DISPLAY_NAME_CHARS)))]
    pub display_name: String,
    /// What it does and when to use it; at most 1,024 characters.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = TEXT), length(max = limits::DESCRIPTION_CHARS)))]
    pub description: String,
    /// Where calls go: `https` only.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[Hh][Tt][Tt][Pp][Ss]://[^/?#\s]"), length(max = limits::URL_OCTETS)))]
    pub webhook_url: String,
    /// JSON Schema 2020-12 with root `type: object`.
    #[cfg_attr(feature = "schema", schemars(
            with = "serde_json::Map<String, Value>",
            extend("properties" = {"type": {"const": "object"}}, "required" = ["type"])
        ))]
    pub parameters: Value,
    /// Off: not offered to the model.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Bounds the whole call; 1 to 120.
    #[serde(default = "timeout_default")]
    #[cfg_attr(feature = "schema", schemars(range(min = *limits::TIMEOUT_SECONDS.start(), max = *limits::TIMEOUT_SECONDS.end())))]
    pub timeout_seconds: u32,
    /// Headers of the owner's own.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = limits::ACTION_HEADERS)))]
    pub headers: Vec<ActionHeader>,
    /// What running it does.
    #[serde(default = "effect_default")]
    pub effect: Effect,
    /// The endpoint handles the same `Idempotency-Key` twice safely.
    #[serde(default)]
    pub idempotent: bool,
    /// Whether the customer must agree first.
    #[serde(default = "confirmation_default")]
    pub confirmation: Confirmation,
    /// Refuse to run for a contact whose identity is only asserted.
    #[serde(default)]
    pub requires_verified_contact: bool,
    /// The endpoint may finish later and report back.
    #[serde(default)]
    pub long_running: bool,
    /// JSON Pointers (RFC 6901) into the result that the model may see; null means all of it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(inner(regex(pattern = "^(/([^~/]|~[01])*)*$")), length(max = limits::RESULT_FIELDS)))]
    pub result_fields: Option<Vec<String>>,
    /// Things a customer might say that should trigger it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(
            inner(regex(pattern = TEXT), length(max = limits::EXAMPLE_CHARS)),
            length(max = limits::EXAMPLES)
        ))]
    pub examples: Vec<String>,
    /// What the endpoint would answer, for tests.
    #[serde(default)]
    pub mock_response: Option<Value>,
}

/// A header of the owner's own. Its value is either shown (`value`) or kept apart, encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActionHeader {
    /// Lower case.
    pub name: String,
    /// The value, where it is no secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether a secret value is stored for it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub has_secret: bool,
}

impl ActionDefinition {
    /// Whether it may be tried again when it is not known what became of it.
    pub fn is_repeatable(&self) -> bool {
        self.idempotent || self.effect == Effect::Read
    }

    /// What is wrong with it, field by field. Empty: it may be saved, as far as can be said without
    /// compiling the schema and judging the URL, which is for the caller to do.
    pub fn check(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if !is_action_name(&self.name) {
            errors.push(FieldError::new(
                "name",
                "must be 1 to 64 lower-case letters, digits and underscores, beginning with a letter, such as check_order_status",
            ));
        }
        if self.name == handoff::TOOL {
            errors.push(FieldError::new(
                "name",
                "is the name of what hands a conversation over to a person; choose another",
            ));
        }
        text(
            &mut errors,
            "display_name",
            &self.display_name,
            limits::DISPLAY_NAME_CHARS,
        );
        text(
            &mut errors,
            "description",
            &self.description,
            limits::DESCRIPTION_CHARS,
        );
        if !limits::TIMEOUT_SECONDS.contains(&self.timeout_seconds) {
            errors.push(FieldError::new("timeout_seconds", "must be from 1 to 120"));
        }
        self.check_headers(&mut errors);
        self.check_result_fields(&mut errors);
        if self.examples.len() > limits::EXAMPLES {
            errors.push(FieldError::new(
                "examples",
                format!("has more than {} entries", limits::EXAMPLES),
            ));
        }
        for (i, example) in self.examples.iter().enumerate() {
            text(
                &mut errors,
                &format!("examples.{i}"),
                example,
                limits::EXAMPLE_CHARS,
            );
        }
        errors.extend(parameters::check(&self.parameters));
        errors
    }

    fn check_headers(&self, errors: &mut Vec<FieldError>) {
        if self.headers.len() > limits::ACTION_HEADERS {
            errors.push(FieldError::new(
                "headers",
                format!("has more than {} entries", limits::ACTION_HEADERS),
            ));
        }
        for (i, header) in self.headers.iter().enumerate() {
            if header.value.is_some() == header.has_secret {
                errors.push(FieldError::new(
                    format!("headers.{i}"),
                    "needs either a value or a secret",
                ));
            }
            if self.headers[..i]
                .iter()
                .any(|other| other.name.eq_ignore_ascii_case(&header.name))
            {
                errors.push(FieldError::new(
                    format!("headers.{i}.name"),
                    "is there twice",
                ));
            }
        }
    }

    fn check_result_fields(&self, errors: &mut Vec<FieldError>) {
        let Some(fields) = &self.result_fields else {
            return;
        };
        if fields.len() > limits::RESULT_FIELDS {
            errors.push(FieldError::new(
                "result_fields",
                format!("has more than {} entries", limits::RESULT_FIELDS),
            ));
        }
        for (i, pointer) in fields.iter().enumerate() {
            if !is_json_pointer(pointer) {
                errors.push(FieldError::new(
                    format!("result_fields.{i}"),
                    "must be a JSON Pointer (RFC 6901) such as /order/status",
                ));
            }
        }
    }
}

fn text(errors: &mut Vec<FieldError>, field: &str, value: &str, max_chars: usize) {
    let chars = value.chars().count();
    if value.trim().is_empty() {
        errors.push(FieldError::new(field, "must not be empty"));
    } else if chars > max_chars {
        errors.push(FieldError::new(
            field,
            format!("is {chars} characters long; at most {max_chars}"),
        ));
    } else if value
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        errors.push(FieldError::new(field, "must not hold control characters"));
    }
}

/// Whether the text can be an action's name.
pub fn is_action_name(text: &str) -> bool {
    text.len() <= limits::ACTION_NAME_CHARS
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether the text is a JSON Pointer (RFC 6901 §3).
fn is_json_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/'))
        && text
            .split('~')
            .skip(1)
            .all(|after| after.starts_with('0') || after.starts_with('1'))
}

fn yes() -> bool {
    true
}

fn is_false(value: &bool) -> bool {
    !*value
}

fn timeout_default() -> u32 {
    limits::TIMEOUT_SECONDS_DEFAULT
}

fn effect_default() -> Effect {
    Effect::Write
}

fn confirmation_default() -> Confirmation {
    Confirmation::Never
}
