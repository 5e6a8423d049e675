//! A workspace as its owner reads and changes it.

use deskhand_domain::account;
use deskhand_domain::id::WorkspaceId;
use deskhand_domain::workspace::Workspace;
use serde::{Deserialize, Serialize};

use crate::widget::read_origins;
use crate::{Result, Service, ServiceError};

/// A workspace with its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkspaceView {
    /// The workspace.
    #[serde(flatten)]
    pub workspace: Workspace,
    /// The origins whose pages may use its agents' widgets.
    pub widget_origins: Vec<String>,
    /// Whether there is an identity secret, to sign contact tokens with.
    pub has_identity_secret: bool,
}

/// What is to change of a workspace. What is left out stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WorkspaceRequest {
    /// For people: 1 to 80 characters.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", regex(pattern = r"\S"), length(max = deskhand_domain::limits::PERSON_NAME_CHARS))
    )]
    pub name: Option<String>,
    /// The origins whose pages may use its agents' widgets, such as `https://shop.example`; over http
    /// only those of the machine itself. At most 50; an empty list takes all of them away.
    #[cfg_attr(
        feature = "schema",
        schemars(
            inner(regex(pattern = r"^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\\*\s]+/?$")),
            length(max = deskhand_domain::limits::WIDGET_ORIGINS)
        )
    )]
    pub widget_origins: Option<Vec<String>>,
}

impl Service {
    /// One workspace.
    pub async fn workspace(&self, id: WorkspaceId) -> Result<WorkspaceView> {
        let secrets = self.store().identity_secrets(id, self.now()).await?;
        Ok(WorkspaceView {
            workspace: self.store().workspace(id).await?,
            widget_origins: self.store().widget_origins(id).await?,
            has_identity_secret: !secrets.is_empty(),
        })
    }

    /// Changes it.
    pub async fn update_workspace(
        &self,
        id: WorkspaceId,
        request: WorkspaceRequest,
    ) -> Result<WorkspaceView> {
        let name = request.name.as_deref().map(account::name).transpose();
        let name = name.map_err(|mend| ServiceError::field("name", mend))?;
        let origins = request.widget_origins.as_deref().map(read_origins);
        let origins = origins.transpose().map_err(ServiceError::Invalid)?;
        self.store()
            .change_workspace(id, name.as_deref(), origins.as_deref())
            .await?;
        self.workspace(id).await
    }
}
