//! Actions: make, read, change, remove, their versions and secrets, and a test run.

use deskhand_domain::action::{Action, ActionDefinition, ActionHeader, FieldError};
use deskhand_domain::contact::Contact;
use deskhand_domain::id::{ActionId, WorkspaceId};
use deskhand_domain::secret::Secret;
use deskhand_store::{ActionSecrets, Listed, Page, StoredSigningSecret};
use deskhand_webhook::{SaveCheck, SigningSecret, header_allowed, header_value_allowed};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::input::{fields_of, overlay, parse};
use crate::{InvocationView, Result, Service, ServiceError};

const FIELDS: &[&str] = &[
    "name",
    "display_name",
    "description",
    "webhook_url",
    "parameters",
    "enabled",
    "timeout_seconds",
    "headers",
    "effect",
    "idempotent",
    "confirmation",
    "requires_verified_contact",
    "long_running",
    "result_fields",
    "examples",
    "mock_response",
];
const REQUIRED: &[&str] = &[
    "name",
    "display_name",
    "description",
    "webhook_url",
    "parameters",
];

/// Longest time an old signing secret may be kept alive.
const OVERLAP_MAX_SECONDS: u32 = 30 * 24 * 3600;

/// Something about a saved action that its owner should look at. Never refuses the save.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Warning {
    /// Stable code.
    pub code: &'static str,
    /// The field it is about.
    pub field: &'static str,
    /// What, and the mend.
    pub message: String,
}

/// A saved action.
#[derive(Debug)]
pub struct Saved {
    /// As stored.
    pub action: Action,
    /// What to look at.
    pub warnings: Vec<Warning>,
}

/// A new action with its signing secret, which is shown this once.
#[derive(Debug)]
pub struct SavedWithSecret {
    /// The action.
    pub saved: Saved,
    /// `whsec_…`.
    pub signing_secret: Secret,
}

/// What a test run is given.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TestRun {
    /// The parameters, as the model would give them.
    #[serde(default)]
    pub parameters: Map<String, Value>,
    /// The contact to fill `x-source` properties from.
    #[serde(default)]
    pub contact: Contact,
}

/// A header as a client gives it.
#[derive(Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeaderInput {
    /// Any case; it is stored in lower case.
    name: String,
    /// The value, where it is no secret.
    #[serde(default)]
    value: Option<String>,
    /// The value, where it is one: stored encrypted and never shown again.
    #[serde(default)]
    secret: Option<String>,
    /// Handed back from an answer; says nothing new.
    #[serde(default, rename = "has_secret")]
    _has_secret: Option<bool>,
}

impl Service {
    /// Makes an action from the fields given.
    pub async fn create_action(
        &self,
        workspace: WorkspaceId,
        given: Map<String, Value>,
    ) -> Result<SavedWithSecret> {
        let (definition, header_secrets) = read(None, given)?;
        let warnings = self.check(&definition).await?;
        let now = self.now();
        let action = Action {
            id: ActionId::new(now, self.entropy()),
            workspace_id: workspace,
            version: 1,
            definition,
            created_at: now,
            updated_at: now,
        };
        let signing_secret = self.new_signing_secret();
        let secrets = ActionSecrets {
            headers: header_secrets,
            signing: vec![StoredSigningSecret {
                secret: signing_secret.clone(),
                expires_at: None,
            }],
        };
        self.store().insert_action(&action, &secrets).await?;
        Ok(SavedWithSecret {
            saved: Saved { action, warnings },
            signing_secret,
        })
    }

    /// Makes a new version with the fields given changed.
    pub async fn update_action(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        given: Map<String, Value>,
    ) -> Result<Saved> {
        let mut action = self.store().action(workspace, id).await?;
        let (definition, header_secrets) = read(Some(&action.definition), given)?;
        let warnings = self.check(&definition).await?;
        if definition != action.definition || !header_secrets.is_empty() {
            action.definition = definition;
            action.version += 1;
            action.updated_at = self.now();
            self.store().update_action(&action, &header_secrets).await?;
        }
        Ok(Saved { action, warnings })
    }

    /// One action.
    pub async fn action(&self, workspace: WorkspaceId, id: ActionId) -> Result<Action> {
        Ok(self.store().action(workspace, id).await?)
    }

    /// Lists actions, newest first.
    pub async fn actions(
        &self,
        workspace: WorkspaceId,
        page: Page<ActionId>,
    ) -> Result<Listed<Action>> {
        Ok(self.store().actions(workspace, page).await?)
    }

    /// Lists an action's versions, newest first.
    pub async fn action_versions(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        page: Page<u32>,
    ) -> Result<Listed<Action>> {
        self.store().action(workspace, id).await?;
        Ok(self.store().action_versions(workspace, id, page).await?)
    }

    /// Removes an action, unless an invocation of it is open. What it did stays readable.
    pub async fn delete_action(&self, workspace: WorkspaceId, id: ActionId) -> Result<()> {
        Ok(self.store().delete_action(workspace, id).await?)
    }

    /// Makes a new signing secret. The ones before it go on signing for `overlap_seconds`.
    pub async fn rotate_signing_secret(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        overlap_seconds: u32,
    ) -> Result<Secret> {
        if overlap_seconds > OVERLAP_MAX_SECONDS {
            return Err(ServiceError::field(
                "overlap_seconds",
                format!("must be at most {OVERLAP_MAX_SECONDS} (30 days)"),
            ));
        }
        let secret = self.new_signing_secret();
        let now = self.now();
        let old_until = now
            .checked_add(SignedDuration::from_secs(i64::from(overlap_seconds)))
            .unwrap_or(now);
        self.store()
            .rotate_signing_secret(workspace, id, &secret, now, old_until)
            .await?;
        Ok(secret)
    }

    /// Runs a real call with these parameters, marked as a test, and returns it with everything
    /// that was sent and received.
    pub async fn test_action(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        run: TestRun,
    ) -> Result<InvocationView> {
        let action = self.store().action(workspace, id).await?;
        let callable = self
            .inner
            .callables
            .get(&action)
            .map_err(|error| ServiceError::Invalid(vec![error]))?;
        let call = callable
            .check_given(run.parameters, &run.contact)
            .map_err(|problems| {
                ServiceError::Invalid(
                    problems
                        .into_iter()
                        .map(|problem| {
                            FieldError::new(
                                format!("parameters.{}", problem.parameter.replace('/', "."))
                                    .trim_end_matches('.'),
                                problem.message,
                            )
                        })
                        .collect(),
                )
            })?;
        let id = self
            .run_test(workspace, &callable, call, &run.contact)
            .await?;
        self.invocation(workspace, id).await
    }

    fn new_signing_secret(&self) -> Secret {
        Secret::new(SigningSecret::generate(self.entropy()).expose().as_str())
    }

    /// What refuses a save, and what only warns.
    async fn check(&self, definition: &ActionDefinition) -> Result<Vec<Warning>> {
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
        let mut warnings = Vec::new();
        match self.webhook().policy().check_url(&definition.webhook_url) {
            Err(refusal) => errors.push(refused(&refusal)),
            Ok(_) if !errors.is_empty() => {} // Nobody waits for DNS to be told of a typo.
            Ok(target) => match self.webhook().check_at_save(&target).await {
                SaveCheck::Fine => {}
                SaveCheck::Refused(refusal) => errors.push(refused(&refusal)),
                SaveCheck::DoesNotResolve => warnings.push(Warning {
                    code: "does_not_resolve",
                    field: "webhook_url",
                    message: "The host name does not resolve now. Calls will fail until it does."
                        .to_owned(),
                }),
            },
        }
        if errors.is_empty() {
            Ok(warnings)
        } else {
            Err(ServiceError::Invalid(errors))
        }
    }
}

fn refused(refusal: &deskhand_webhook::Refusal) -> FieldError {
    FieldError::new(
        "webhook_url",
        format!("is refused by rule {}: {refusal}", refusal.rule.code()),
    )
}

/// Reads a definition and the new secrets of its headers out of the fields given.
fn read(
    stored: Option<&ActionDefinition>,
    mut given: Map<String, Value>,
) -> Result<(ActionDefinition, Vec<(String, Secret)>)> {
    let mut secrets = Vec::new();
    if let Some(headers) = given
        .get_mut("headers")
        .filter(|headers| !headers.is_null())
    {
        let kept: &[ActionHeader] = stored.map_or(&[], |stored| &stored.headers);
        *headers = read_headers(headers.take(), kept, &mut secrets)?;
    }
    let stored = match stored {
        Some(stored) => fields_of(stored)?,
        None => Map::new(),
    };
    Ok((parse(overlay(stored, given, FIELDS, REQUIRED)?)?, secrets))
}

fn read_headers(
    given: Value,
    kept: &[ActionHeader],
    secrets: &mut Vec<(String, Secret)>,
) -> Result<Value> {
    let given: Vec<HeaderInput> =
        parse::<Vec<HeaderInput>>(given).map_err(|error| match error {
            ServiceError::Invalid(errors) => ServiceError::Invalid(
                errors
                    .into_iter()
                    .map(|e| {
                        FieldError::new(
                            format!("headers.{}", e.field).trim_end_matches('.'),
                            e.message,
                        )
                    })
                    .collect(),
            ),
            other => other,
        })?;
    let mut headers = Vec::with_capacity(given.len());
    for (i, header) in given.into_iter().enumerate() {
        let name = header.name.to_ascii_lowercase();
        let has_stored_secret = kept.iter().any(|old| old.name == name && old.has_secret);
        let has_secret = match (&header.value, header.secret) {
            (Some(_), Some(_)) => {
                return Err(ServiceError::field(
                    format!("headers.{i}"),
                    "has both a value and a secret; give one",
                ));
            }
            (Some(_), None) => false,
            (None, Some(secret)) => {
                header_value_allowed(&secret).map_err(|error| {
                    ServiceError::field(format!("headers.{i}.secret"), error.to_string())
                })?;
                secrets.push((name.clone(), Secret::new(secret)));
                true
            }
            (None, None) => has_stored_secret,
        };
        headers.push(ActionHeader {
            name,
            value: header.value,
            has_secret,
        });
    }
    serde_json::to_value(headers).map_err(|error| ServiceError::Internal(error.to_string()))
}
