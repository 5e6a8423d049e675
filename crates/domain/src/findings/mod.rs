//! Findings: what an owner should know of an action's definition before an agent uses it.
//!
//! [`review`] looks at the words a model chooses by, the parameters it has to fill, and the settings
//! that decide what goes wrong safely. It is advice: a finding of severity `warning` or `info` never
//! refuses a save. What does refuse one is reported too, as `error`, so that one answer says all.

mod call;
mod description;
mod language;
mod name;
mod overlap;
mod parameters;
mod when;
mod words;

#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::action::{ActionDefinition, FieldError};
use crate::text_enum::text_enum;

pub use overlap::{OVERLAP, likeness};

text_enum! {
    /// How much a finding matters.
    Severity {
        /// It refuses a save.
        Error = "error",
        /// Customers will notice it sooner or later.
        Warning = "warning",
        /// Worth a thought.
        Info = "info",
    }
}

text_enum! {
    /// What was found. Each has a page under `docs/errors/`.
    FindingCode {
        /// A field that cannot be accepted.
        InvalidField = "invalid_field",
        /// Another action has this name.
        NameTaken = "name_taken",
        /// The address policy refuses the URL.
        UrlRefused = "url_refused",
        /// The host does not resolve now.
        DoesNotResolve = "does_not_resolve",
        /// The description does not say what the action does.
        DescriptionVague = "description_vague",
        /// The description does not say when to use the action.
        DescriptionNoWhen = "description_no_when",
        /// The description is too close to another action's.
        DescriptionOverlap = "description_overlap",
        /// A required parameter has no description.
        ParameterNoDescription = "parameter_no_description",
        /// A parameter that takes an id shows no example of one.
        ParameterNoExample = "parameter_no_example",
        /// `required` names a property that is not declared.
        RequiredUndeclared = "required_undeclared",
        /// A parameter has a name that some model providers refuse.
        ParameterNameRefused = "parameter_name_refused",
        /// The name reads like a change, and nobody is asked before it is made.
        WriteWithoutConfirmation = "write_without_confirmation",
        /// The name reads like a look-up, and the effect is `write`.
        ReadMarkedWrite = "read_marked_write",
        /// The name reads like a change, and the effect is `read`.
        WriteMarkedRead = "write_marked_read",
        /// A header that looks like a credential is kept in the clear.
        SecretInPlainHeader = "secret_in_plain_header",
        /// The URL carries what looks like a credential.
        SecretInUrl = "secret_in_url",
        /// The customer may wait long.
        TimeoutLong = "timeout_long",
        /// Customers do wait long.
        SlowAction = "slow_action",
    }
}

/// One thing found, with its mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Stable code.
    pub code: FindingCode,
    /// The field it is about, with dots and indices for nested ones: `headers.0.value`.
    pub field: String,
    /// What was found, as a sentence.
    pub message: String,
    /// What to do about it, as a sentence. Where it has text to copy, that stands in quotes.
    pub suggestion: String,
}

/// What the caller, who has a compiler for schemas and a way to look names up, has found out.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// Fields that cannot be accepted, all of them.
    pub invalid: Vec<FieldError>,
    /// What is known of the URL.
    pub url: UrlObserved,
    /// Of the action's latest calls, what 95 % took no longer than, in milliseconds.
    pub p95_ms: Option<u64>,
}

/// What is known of a webhook URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UrlObserved {
    /// Nothing stands against it.
    #[default]
    Fine,
    /// The host does not resolve now.
    DoesNotResolve,
    /// The address policy refuses it.
    Refused {
        /// The code of the rule.
        rule: &'static str,
        /// What is wrong and how to mend it.
        message: &'static str,
    },
}

/// Reviews a definition next to the other actions of its workspace. Fields listed in
/// `observed.invalid` are reported as that and not judged further. What matters most comes first; then
/// the order is roughly that of the fields in the contract.
pub fn review(
    definition: &ActionDefinition,
    others: &[&ActionDefinition],
    observed: &Observed,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = observed.invalid.iter().map(invalid_field).collect();
    let sound = |field: &str| {
        !observed
            .invalid
            .iter()
            .any(|error| top_field(&error.field) == field)
    };
    if sound("name") {
        findings.extend(name::findings(definition, others));
    }
    if sound("description") {
        findings.extend(description::findings(definition));
        findings.extend(overlap::findings(definition, others));
    }
    if sound("webhook_url") {
        findings.extend(call::url(definition, observed.url));
        findings.extend(call::slow(observed.p95_ms));
    }
    if sound("parameters") {
        findings.extend(parameters::findings(&definition.parameters));
    }
    if sound("timeout_seconds") {
        findings.extend(call::timeout(definition));
    }
    if sound("headers") {
        findings.extend(call::headers(definition));
    }
    // Stable: within one severity, what belongs to one field stays together.
    findings.sort_by_key(|finding| finding.severity as u8);
    findings
}

/// The first part of a dotted field.
pub fn top_field(field: &str) -> &str {
    field.split_once('.').map_or(field, |(top, _)| top)
}

impl Finding {
    fn new(
        severity: Severity,
        code: FindingCode,
        field: impl Into<String>,
        message: impl Into<String>,
        suggestion: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            code,
            field: field.into(),
            message: message.into(),
            suggestion: suggestion.into(),
        }
    }
}

fn invalid_field(error: &FieldError) -> Finding {
    let suggestion = match top_field(&error.field) {
        "name" => {
            "Use lower-case letters, digits and underscores, beginning with a letter, such as \"check_order_status\"."
        }
        "display_name" => {
            "Give a short name for people, at most 80 characters, such as \"Check order status\"."
        }
        "description" => {
            "Say in at most 1,024 characters what the action does, when to use it and what it needs."
        }
        "webhook_url" => {
            "Give the full address of your endpoint, such as \"https://api.example.com/deskhand/orders\"."
        }
        "parameters" => {
            "Give a JSON Schema (2020-12) whose root is {\"type\": \"object\", \"properties\": {…}}."
        }
        "headers" => {
            "Give each header as {\"name\", \"value\"}, or as {\"name\", \"secret\"} where the value is a credential."
        }
        "timeout_seconds" => "Give whole seconds from 1 to 120, or leave it out for 30.",
        "effect" => "Give \"read\" for a look-up or \"write\" for a change.",
        "confirmation" => "Give \"always\" or \"never\".",
        "result_fields" => "Give JSON Pointers into the result, such as [\"/status\"], or null.",
        "examples" => {
            "Give up to 20 things a customer might say, such as [\"Where is my order?\"]."
        }
        "enabled" | "idempotent" | "requires_verified_contact" | "long_running" => {
            "Give true or false."
        }
        _ => "Correct the field, or leave it out.",
    };
    let message = error.message.trim_end_matches('.');
    let separator = if error.field.is_empty() { "" } else { " " };
    Finding::new(
        Severity::Error,
        FindingCode::InvalidField,
        error.field.as_str(),
        format!("{}{separator}{message}.", error.field),
        suggestion,
    )
}
