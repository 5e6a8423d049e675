//! Actions: make, read, change, remove, their versions and secrets, and a test run.

use deskhand_domain::action::{Action, ActionDefinition, FieldError};
use deskhand_domain::contact::Contact;
use deskhand_domain::findings::{self, Finding, Observed, Severity, UrlObserved};
use deskhand_domain::id::{ActionId, WorkspaceId};
use deskhand_domain::report::ProblemKind;
use deskhand_domain::secret::Secret;
use deskhand_store::{ActionSecrets, Listed, Page, StoreError, StoredSigningSecret};
use deskhand_webhook::SigningSecret;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::definition::read;
use crate::review::{Draft, UrlCheck, invalid_fields};
use crate::{ActionView, InvocationView, Result, Service, ServiceError};

/// Most other actions that one is compared with: more than any model is offered.
const COMPARED: usize = 500;

/// How far back an action's calls say how slow it is.
const LATELY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Longest time an old signing secret may be kept alive.
const OVERLAP_MAX_SECONDS: u32 = 30 * 24 * 3600;

/// A saved action.
#[derive(Debug)]
pub struct Saved {
    /// As stored.
    pub view: ActionView,
    /// What its owner should look at. None refuses the save.
    pub warnings: Vec<Finding>,
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
    #[serde(default, deserialize_with = "crate::object::only")]
    pub contact: Contact,
}

impl Service {
    /// Makes an action from the fields given.
    pub async fn create_action(
        &self,
        workspace: WorkspaceId,
        given: Map<String, Value>,
    ) -> Result<SavedWithSecret> {
        let (definition, header_secrets) = read(None, given)?;
        let warnings = self.check(workspace, None, &definition).await?;
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
            saved: Saved {
                view: self.seen(action).await?,
                warnings,
            },
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
        let warnings = self.check(workspace, Some(&action), &definition).await?;
        if definition != action.definition || !header_secrets.is_empty() {
            action.definition = definition;
            action.version += 1;
            action.updated_at = self.now();
            self.store().update_action(&action, &header_secrets).await?;
        }
        Ok(Saved {
            view: self.seen(action).await?,
            warnings,
        })
    }

    /// One action as its owner sees it.
    pub async fn action_view(&self, workspace: WorkspaceId, id: ActionId) -> Result<ActionView> {
        self.seen(self.store().action(workspace, id).await?).await
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
    ) -> Result<Listed<ActionView>> {
        self.all_seen(self.store().actions(workspace, page).await?)
            .await
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
        let now = self.now();
        let old_until = overlap_end(now, overlap_seconds)?;
        let secret = self.new_signing_secret();
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
                                // The other texts are fit for whoever gave the parameters.
                                match problem.problem {
                                    ProblemKind::Missing => "is required".to_owned(),
                                    ProblemKind::NotGiven | ProblemKind::Invalid => problem.message,
                                },
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

    /// Reviews a definition without saving it, complete or not. `id` names the action that it is
    /// about, if there is one yet: it is not compared with itself, and its secret headers count.
    /// What cannot be accepted is a finding, never an error.
    pub async fn check_action(
        &self,
        workspace: WorkspaceId,
        given: Map<String, Value>,
    ) -> Result<Vec<Finding>> {
        let mut unknown_id = None;
        let stored = match given.get("id").filter(|id| !id.is_null()) {
            None => None,
            Some(id) => {
                let stored = self.action_by_text(workspace, id).await?;
                if stored.is_none() {
                    unknown_id = Some(FieldError::new("id", "is not the id of an action here"));
                }
                stored
            }
        };
        let kept = stored
            .as_ref()
            .map_or(&[][..], |action| &action.definition.headers);
        let mut draft = Draft::read(given, kept);
        draft.invalid.extend(unknown_id);
        draft.p95_ms = self.lately(workspace, stored.as_ref()).await?;
        let others = self
            .other_definitions(workspace, stored.as_ref().map(|action| action.id))
            .await?;
        let others: Vec<&ActionDefinition> = others.iter().collect();
        Ok(draft
            .review(&others, UrlCheck::Resolve(self.webhook()))
            .await)
    }

    /// What 95 % of an action's latest calls took no longer than, in milliseconds.
    async fn lately(&self, workspace: WorkspaceId, stored: Option<&Action>) -> Result<Option<u64>> {
        let Some(action) = stored else {
            return Ok(None);
        };
        let since = self.now().checked_sub(LATELY).unwrap_or(Timestamp::MIN);
        let name = &action.definition.name;
        Ok(self.store().latest_p95(workspace, name, since).await?)
    }

    pub(crate) async fn action_by_text(
        &self,
        workspace: WorkspaceId,
        id: &Value,
    ) -> Result<Option<Action>> {
        let Some(id) = id.as_str().and_then(|text| text.parse().ok()) else {
            return Ok(None);
        };
        match self.store().action(workspace, id).await {
            Ok(action) => Ok(Some(action)),
            Err(StoreError::NotFound) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    /// The definitions of the workspace's other actions, newest first.
    async fn other_definitions(
        &self,
        workspace: WorkspaceId,
        except: Option<ActionId>,
    ) -> Result<Vec<ActionDefinition>> {
        let mut page = Page {
            limit: 100,
            before: None,
        };
        let mut others = Vec::new();
        loop {
            let listed = self.store().actions(workspace, page.clone()).await?;
            page.before = listed.rows.last().map(|action| action.id);
            others.extend(
                listed
                    .rows
                    .into_iter()
                    .filter(|action| Some(action.id) != except)
                    .map(|action| action.definition),
            );
            if !listed.more || others.len() >= COMPARED {
                return Ok(others);
            }
        }
    }

    /// What refuses a save is an error; what is returned only advises.
    async fn check(
        &self,
        workspace: WorkspaceId,
        stored: Option<&Action>,
        definition: &ActionDefinition,
    ) -> Result<Vec<Finding>> {
        let mut errors = invalid_fields(definition);
        // Nobody waits for DNS to be told of a typing error.
        let by = if errors.is_empty() {
            UrlCheck::Resolve(self.webhook())
        } else {
            UrlCheck::Text(self.webhook().policy())
        };
        let url = by.observe(&definition.webhook_url).await;
        if let UrlObserved::Refused { rule, message } = url {
            errors.push(FieldError::new(
                "webhook_url",
                format!("is refused by rule {rule}: {message}"),
            ));
        }
        if !errors.is_empty() {
            return Err(ServiceError::Invalid(errors));
        }
        let id = stored.map(|action| action.id);
        let others = self.other_definitions(workspace, id).await?;
        let others: Vec<&ActionDefinition> = others.iter().collect();
        let observed = Observed {
            invalid: Vec::new(),
            url,
            p95_ms: self.lately(workspace, stored).await?,
        };
        let mut findings = findings::review(definition, &others, &observed);
        // A name that is taken is the database's to refuse, which alone can be sure.
        findings.retain(|finding| finding.severity != Severity::Error);
        Ok(findings)
    }
}

/// Until when an old signing secret is kept alive.
pub(crate) fn overlap_end(now: Timestamp, overlap_seconds: u32) -> Result<Timestamp> {
    if overlap_seconds > OVERLAP_MAX_SECONDS {
        return Err(ServiceError::field(
            "overlap_seconds",
            format!("must be at most {OVERLAP_MAX_SECONDS} (30 days)"),
        ));
    }
    let overlap = SignedDuration::from_secs(i64::from(overlap_seconds));
    Ok(now.checked_add(overlap).unwrap_or(now))
}
