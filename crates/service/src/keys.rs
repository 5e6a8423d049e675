//! API keys and the first workspace.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskhand_domain::id::{KeyId, WorkspaceId};
use deskhand_domain::secret::Secret;
use deskhand_domain::workspace::{ApiKey, Scope, Workspace};
use sha2::{Digest, Sha256};

use crate::{Result, Service, ServiceError};

/// What keys of our own making begin with.
const PREFIX: &str = "dhk_";
/// Random bytes in a key: more than the 192 bits asked for.
const KEY_BYTES: usize = 32;
/// Characters of a key kept in the clear to tell keys apart.
const SHOWN: usize = 8;

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
        self.store().insert_workspace(&workspace).await?;
        let text = wanted.cloned().unwrap_or_else(|| self.key_text());
        let key = self
            .insert_key(workspace.id, "First admin key", Scope::Admin, &text)
            .await?;
        Ok(Some(NewKey { key, text }))
    }

    /// The key a client has presented, if it is one of ours and still valid.
    pub async fn authenticate(&self, presented: &str) -> Result<Option<ApiKey>> {
        let key = self.store().key_by_hash(hash(presented)).await?;
        Ok(key.filter(|key| key.expires_at.is_none_or(|end| self.now() < end)))
    }

    async fn insert_key(
        &self,
        workspace: WorkspaceId,
        name: &str,
        scope: Scope,
        text: &Secret,
    ) -> Result<ApiKey> {
        let now = self.now();
        let key = ApiKey {
            id: KeyId::new(now, self.entropy()),
            workspace_id: workspace,
            name: name.to_owned(),
            prefix: text.expose().chars().take(SHOWN).collect(),
            scope,
            agent_id: None,
            expires_at: None,
            created_at: now,
        };
        self.store().insert_key(&key, hash(text.expose())).await?;
        Ok(key)
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
