//! API keys and the first workspace.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskhand_domain::action::FieldError;
use deskhand_domain::id::{AgentId, KeyId, WorkspaceId};
use deskhand_domain::secret::Secret;
use deskhand_domain::workspace::{ApiKey, Scope, Workspace};
use deskhand_store::{Listed, Page, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};

use crate::{Result, Service, ServiceError};

/// What keys of our own making begin with.
const PREFIX: &str = "dhk_";
/// Random bytes in a key: more than the 192 bits asked for.
const KEY_BYTES: usize = 32;
/// Characters of a key kept in the clear to tell keys apart.
const SHOWN: usize = 8;

/// Longest name of a key.
const NAME_CHARS: usize = 80;

/// A key as it is asked for.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// For people: 1 to 80 characters.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"\S"), length(max = NAME_CHARS)))]
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// The only agent it may use; null means any.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "Option<AgentId>"))]
    pub agent_id: Option<String>,
    /// When it stops working; null means never.
    #[serde(default, deserialize_with = "moment")]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<deskhand_domain::schema::Moment>")
    )]
    pub expires_at: Option<Timestamp>,
}

fn moment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.as_deref()
        .map(deskhand_domain::moment::parse)
        .transpose()
        .map_err(serde::de::Error::custom)
}

/// A key with its text, which is not kept.
#[derive(Debug)]
pub struct NewKey {
    /// As stored.
    pub key: ApiKey,
    /// The text, shown once.
    pub text: Secret,
}

impl Service {
    /// On an empty database: makes the first workspace and an admin key for it, from `wanted` or
    /// anew. `None` where there is a workspace already; then `wanted` is not used.
    pub async fn bootstrap(&self, wanted: Option<&Secret>) -> Result<Option<NewKey>> {
        if self.store().first_workspace().await?.is_some() {
            return Ok(None);
        }
        if let Some(wanted) = wanted {
            check_wanted(wanted)?;
        }
        let now = self.now();
        let workspace = Workspace {
            id: WorkspaceId::new(now, self.entropy()),
            name: "Default".to_owned(),
            created_at: now,
        };
        let text = wanted.cloned().unwrap_or_else(|| self.key_text());
        let first = KeyRequest {
            name: "First admin key".to_owned(),
            scope: Scope::Admin,
            agent_id: None,
            expires_at: None,
        };
        let key = self.new_key(workspace.id, first, None, &text);
        let hash = hash(text.expose());
        let store = self.store();
        let made = store.insert_first_workspace(&workspace, &key, hash).await?;
        Ok(made.then_some(NewKey { key, text }))
    }

    /// The first workspace, if the database has been set up.
    pub async fn first_workspace(&self) -> Result<Option<Workspace>> {
        Ok(self.store().first_workspace().await?)
    }

    /// Makes a key.
    pub async fn create_key(&self, workspace: WorkspaceId, request: KeyRequest) -> Result<NewKey> {
        let agent_id = self.check_key(workspace, &request).await?;
        let text = self.key_text();
        let key = self.insert_key(workspace, request, agent_id, &text).await?;
        Ok(NewKey { key, text })
    }

    /// Lists keys, newest first, those that have expired included.
    pub async fn keys(&self, workspace: WorkspaceId, page: Page<KeyId>) -> Result<Listed<ApiKey>> {
        Ok(self.store().keys(workspace, page).await?)
    }

    /// Takes a key out of use, unless it is the last admin key that has not expired.
    pub async fn delete_key(&self, workspace: WorkspaceId, id: KeyId) -> Result<()> {
        Ok(self.store().delete_key(workspace, id, self.now()).await?)
    }

    /// The key a client has presented, if it is one of ours and still valid.
    pub async fn authenticate(&self, presented: &str) -> Result<Option<ApiKey>> {
        let key = self.store().key_by_hash(hash(presented)).await?;
        Ok(key.filter(|key| key.expires_at.is_none_or(|end| self.now() < end)))
    }

    /// Refuses a key that could not be used; gives the agent it is for.
    async fn check_key(
        &self,
        workspace: WorkspaceId,
        request: &KeyRequest,
    ) -> Result<Option<AgentId>> {
        let mut errors = Vec::new();
        let chars = request.name.chars().count();
        if request.name.trim().is_empty() || chars > NAME_CHARS {
            errors.push(FieldError::new(
                "name",
                format!("must be 1 to {NAME_CHARS} characters"),
            ));
        }
        if request.expires_at.is_some_and(|end| end <= self.now()) {
            errors.push(FieldError::new("expires_at", "must be in the future"));
        }
        let mut agent_id = None;
        if let Some(text) = &request.agent_id {
            agent_id = self.agent_for_key(workspace, text).await?;
            if request.scope == Scope::Admin {
                errors.push(FieldError::new(
                    "agent_id",
                    "cannot be given for an admin key, which may do everything",
                ));
            } else if agent_id.is_none() {
                errors.push(FieldError::new("agent_id", "is not the id of an agent"));
            }
        }
        if errors.is_empty() {
            Ok(agent_id)
        } else {
            Err(ServiceError::Invalid(errors))
        }
    }

    async fn agent_for_key(&self, workspace: WorkspaceId, text: &str) -> Result<Option<AgentId>> {
        let Ok(id) = text.parse() else {
            return Ok(None);
        };
        match self.store().agent(workspace, id).await {
            Ok(agent) => Ok(Some(agent.id)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn insert_key(
        &self,
        workspace: WorkspaceId,
        request: KeyRequest,
        agent_id: Option<AgentId>,
        text: &Secret,
    ) -> Result<ApiKey> {
        let key = self.new_key(workspace, request, agent_id, text);
        self.store().insert_key(&key, hash(text.expose())).await?;
        Ok(key)
    }

    fn new_key(
        &self,
        workspace: WorkspaceId,
        request: KeyRequest,
        agent_id: Option<AgentId>,
        text: &Secret,
    ) -> ApiKey {
        let now = self.now();
        ApiKey {
            id: KeyId::new(now, self.entropy()),
            workspace_id: workspace,
            name: request.name,
            prefix: text.expose().chars().take(SHOWN).collect(),
            scope: request.scope,
            agent_id,
            expires_at: request.expires_at,
            created_at: now,
        }
    }

    fn key_text(&self) -> Secret {
        let mut random = [0u8; KEY_BYTES];
        self.entropy().fill(&mut random);
        Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random)))
    }
}

/// Keys have at least 192 random bits, so a plain SHA-256 does not help whoever reads it.
fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn check_wanted(wanted: &Secret) -> Result<()> {
    let text = wanted.expose();
    if (32..=200).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(ServiceError::field(
            "DESKHAND_BOOTSTRAP_API_KEY",
            "must be 32 to 200 visible ASCII characters",
        ))
    }
}
