//! Reviewing a definition that may be unfinished: it is read as far as it can be, and all that is
//! wrong with it or could be better comes out as findings. Needs no database.

use deskhand_domain::action::{ActionDefinition, ActionHeader, FieldError};
use deskhand_domain::findings::{self, Finding, Observed, UrlObserved, top_field};
use deskhand_webhook::{Client, EgressPolicy, SaveCheck, header_allowed, header_value_allowed};
use serde_json::{Map, Value, json};

use crate::definition::{FIELDS, REQUIRED, read_headers};
use crate::input::{READ_ONLY, parse};
use crate::{Result, ServiceError};

/// A definition as far as it could be read. What is missing or cannot be read stands at a default,
/// and is remembered as invalid.
#[derive(Debug)]
pub struct Draft {
    definition: ActionDefinition,
    pub(crate) invalid: Vec<FieldError>,
    /// Of the action's latest calls, what 95 % took no longer than.
    pub(crate) p95_ms: Option<u64>,
}

/// How far a URL is checked.
#[derive(Debug, Clone, Copy)]
pub enum UrlCheck<'a> {
    /// Its text only. Nothing leaves this machine.
    Text(&'a EgressPolicy),
    /// The name is looked up too, for 2 seconds at most.
    Resolve(&'a Client),
}

impl Draft {
    /// Reads the fields given, each on its own. `kept` are the headers that have a stored secret.
    pub fn read(fields: Map<String, Value>, kept: &[ActionHeader]) -> Self {
        let mut draft = Self {
            definition: blank(),
            invalid: Vec::new(),
            p95_ms: None,
        };
        let mut given = Vec::new();
        for (name, value) in fields {
            if value.is_null() || READ_ONLY.contains(&name.as_str()) {
                continue;
            }
            if let Err(error) = draft.take(&name, value, kept) {
                draft.refuse(&name, error);
            }
            given.push(name);
        }
        for name in REQUIRED {
            if !given.iter().any(|given| given == name) {
                draft.invalid.push(FieldError::new(*name, "is required"));
            }
        }
        draft
    }

    /// The definition, with defaults where a field is missing or invalid.
    pub fn definition(&self) -> &ActionDefinition {
        &self.definition
    }

    /// All findings, next to the definitions of the other actions it would stand beside.
    pub async fn review(&self, others: &[&ActionDefinition], url: UrlCheck<'_>) -> Vec<Finding> {
        let unread = |field: &str| {
            self.invalid
                .iter()
                .any(|error| top_field(&error.field) == field)
        };
        let mut invalid = self.invalid.clone();
        // What was not read stands at a default, about which there is nothing to say.
        invalid.extend(
            invalid_fields(&self.definition)
                .into_iter()
                .filter(|error| !unread(top_field(&error.field))),
        );
        let url = if unread("webhook_url") {
            UrlObserved::Fine
        } else {
            url.observe(&self.definition.webhook_url).await
        };
        findings::review(
            &self.definition,
            others,
            &Observed {
                invalid,
                url,
                p95_ms: self.p95_ms,
            },
        )
    }

    fn take(&mut self, name: &str, value: Value, kept: &[ActionHeader]) -> Result<()> {
        if !FIELDS.contains(&name) {
            return Err(ServiceError::field(
                name,
                format!("is not a field here; the fields are {}", FIELDS.join(", ")),
            ));
        }
        let value = if name == "headers" {
            read_headers(value, kept, &mut Vec::new())?
        } else {
            value
        };
        let mut fields = crate::input::fields_of(&self.definition)?;
        fields.insert(name.to_owned(), value);
        self.definition = parse(fields)?;
        Ok(())
    }

    fn refuse(&mut self, name: &str, error: ServiceError) {
        match error {
            ServiceError::Invalid(errors) => {
                self.invalid.extend(errors.into_iter().map(|error| {
                    // Whatever the parser calls it, it is about this field.
                    if top_field(&error.field) == name || error.field == name {
                        error
                    } else {
                        FieldError::new(name, error.message)
                    }
                }));
            }
            other => self.invalid.push(FieldError::new(name, other.to_string())),
        }
    }
}

impl UrlCheck<'_> {
    /// What is to be known of a URL in this way.
    pub(crate) async fn observe(self, url: &str) -> UrlObserved {
        let policy = match self {
            Self::Text(policy) => policy,
            Self::Resolve(client) => client.policy(),
        };
        let refused = |refusal: deskhand_webhook::Refusal| UrlObserved::Refused {
            rule: refusal.rule.code(),
            message: refusal.message,
        };
        let target = match policy.check_url(url) {
            Ok(target) => target,
            Err(refusal) => return refused(refusal),
        };
        let Self::Resolve(client) = self else {
            return UrlObserved::Fine;
        };
        match client.check_at_save(&target).await {
            SaveCheck::Fine => UrlObserved::Fine,
            SaveCheck::DoesNotResolve => UrlObserved::DoesNotResolve,
            SaveCheck::Refused(refusal) => refused(refusal),
        }
    }
}

/// The fields that cannot be accepted, but for the URL.
pub(crate) fn invalid_fields(definition: &ActionDefinition) -> Vec<FieldError> {
    let mut errors = definition.check();
    if !errors
        .iter()
        .any(|error| error.field.starts_with("parameters"))
    {
        errors.extend(crate::schema::check(&definition.parameters));
    }
    for (i, header) in definition.headers.iter().enumerate() {
        if let Err(error) = header_allowed(&header.name) {
            errors.push(FieldError::new(
                format!("headers.{i}.name"),
                error.to_string(),
            ));
        }
        if let Some(value) = &header.value
            && let Err(error) = header_value_allowed(value)
        {
            errors.push(FieldError::new(
                format!("headers.{i}.value"),
                error.to_string(),
            ));
        }
    }
    errors
}

fn blank() -> ActionDefinition {
    parse(json!({
        "name": "", "display_name": "", "description": "", "webhook_url": "",
        "parameters": {"type": "object"},
    }))
    .expect("every field has its type")
}
