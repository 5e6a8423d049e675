//! Event endpoints: make, read, change, remove, and their secrets.

use deskhand_domain::action::FieldError;
use deskhand_domain::event::{EventEndpoint, EventType, tidied};
use deskhand_domain::findings::UrlObserved;
use deskhand_domain::id::{EndpointId, WorkspaceId};
use deskhand_domain::limits::{EVENT_DESCRIPTION_CHARS, EVENT_ENDPOINTS};
use deskhand_domain::secret::Secret;
use deskhand_store::{EndpointChanges, Listed, Page};
use deskhand_webhook::SigningSecret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::input::{fields_of, overlay};
use crate::review::UrlCheck;
use crate::{Result, Service, ServiceError, parse};

/// An event endpoint as its owner gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewEndpoint {
    /// Where events are posted: a public `https://` URL, as an action's.
    pub url: String,
    /// The types that are wanted; null for all, those to come included.
    #[serde(default)]
    pub types: Option<Vec<EventType>>,
    /// What it is for, in the owner's words; at most 200 characters.
    #[serde(default)]
    pub description: String,
    /// Whether it gets events.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// A new endpoint with its signing secret, which is shown this once.
#[derive(Debug)]
pub struct MadeEndpoint {
    /// The endpoint.
    pub endpoint: EventEndpoint,
    /// `whsec_…`.
    pub signing_secret: Secret,
}

const FIELDS: &[&str] = &["url", "types", "description", "enabled"];

fn yes() -> bool {
    true
}

impl Service {
    /// Makes an endpoint. It gets the events that come after it.
    pub async fn create_endpoint(
        &self,
        workspace: WorkspaceId,
        given: Map<String, Value>,
    ) -> Result<MadeEndpoint> {
        let new = read(Map::new(), given)?;
        self.check_endpoint(&new, true).await?;
        let now = self.now();
        let endpoint = EventEndpoint {
            id: EndpointId::new(now, self.entropy()),
            workspace_id: workspace,
            url: new.url,
            types: new.types,
            description: new.description,
            enabled: new.enabled,
            disabled: None,
            created_at: now,
            updated_at: now,
        };
        let signing_secret = self.new_endpoint_secret();
        self.store()
            .insert_endpoint(&endpoint, &signing_secret, EVENT_ENDPOINTS)
            .await?;
        Ok(MadeEndpoint {
            endpoint,
            signing_secret,
        })
    }

    /// Changes the fields given, and no others.
    pub async fn update_endpoint(
        &self,
        workspace: WorkspaceId,
        id: EndpointId,
        given: Map<String, Value>,
    ) -> Result<EventEndpoint> {
        let stored = self.store().endpoint(workspace, id).await?;
        let before = NewEndpoint {
            url: stored.url,
            types: stored.types,
            description: stored.description,
            enabled: stored.enabled,
        };
        let is_given: Vec<bool> = FIELDS
            .iter()
            .map(|name| given.contains_key(*name))
            .collect();
        let after = read(fields_of(&before)?, given)?;
        self.check_endpoint(&after, after.url != before.url).await?;
        let changes = EndpointChanges {
            url: is_given[0].then_some(after.url),
            types: is_given[1].then_some(after.types),
            description: is_given[2].then_some(after.description),
            enabled: is_given[3].then_some(after.enabled),
        };
        let now = self.now();
        Ok(self
            .store()
            .change_endpoint(workspace, id, &changes, now)
            .await?)
    }

    /// One endpoint.
    pub async fn endpoint(&self, workspace: WorkspaceId, id: EndpointId) -> Result<EventEndpoint> {
        Ok(self.store().endpoint(workspace, id).await?)
    }

    /// Lists endpoints, newest first.
    pub async fn endpoints(
        &self,
        workspace: WorkspaceId,
        page: Page<EndpointId>,
    ) -> Result<Listed<EventEndpoint>> {
        Ok(self.store().endpoints(workspace, page).await?)
    }

    /// Removes one with its deliveries. What is on its way is given up.
    pub async fn delete_endpoint(&self, workspace: WorkspaceId, id: EndpointId) -> Result<()> {
        let now = self.now();
        Ok(self.store().delete_endpoint(workspace, id, now).await?)
    }

    /// Makes a new signing secret. The ones before it go on signing for `overlap_seconds`.
    pub async fn rotate_endpoint_secret(
        &self,
        workspace: WorkspaceId,
        id: EndpointId,
        overlap_seconds: u32,
    ) -> Result<Secret> {
        let now = self.now();
        let old_until = crate::actions::overlap_end(now, overlap_seconds)?;
        let secret = self.new_endpoint_secret();
        self.store()
            .rotate_endpoint_secret(workspace, id, &secret, now, old_until)
            .await?;
        Ok(secret)
    }

    fn new_endpoint_secret(&self) -> Secret {
        Secret::new(SigningSecret::generate(self.entropy()).expose().as_str())
    }

    /// What refuses a save, as for actions.
    async fn check_endpoint(&self, new: &NewEndpoint, look_at_url: bool) -> Result<()> {
        let mut errors = Vec::new();
        if new.description.chars().count() > EVENT_DESCRIPTION_CHARS {
            let mend = format!("must be at most {EVENT_DESCRIPTION_CHARS} characters");
            errors.push(FieldError::new("description", mend));
        }
        if new.types.as_ref().is_some_and(Vec::is_empty) {
            let mend = "must name at least one type, or be null for all";
            errors.push(FieldError::new("types", mend));
        }
        if look_at_url {
            // Nobody waits for DNS to be told of a typing error.
            let by = match errors.is_empty() {
                true => UrlCheck::Resolve(self.webhook()),
                false => UrlCheck::Text(self.webhook().policy()),
            };
            if let UrlObserved::Refused { rule, message } = by.observe(&new.url).await {
                let mend = format!("is refused by rule {rule}: {message}");
                errors.push(FieldError::new("url", mend));
            }
        }
        match errors.is_empty() {
            true => Ok(()),
            false => Err(ServiceError::Invalid(errors)),
        }
    }
}

fn read(stored: Map<String, Value>, given: Map<String, Value>) -> Result<NewEndpoint> {
    let mut new: NewEndpoint = parse(overlay(stored, given, FIELDS, &["url"])?)?;
    new.types = new.types.map(|types| tidied(&types));
    Ok(new)
}
