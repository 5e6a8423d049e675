//! A workspace (a tenant) and the API keys that open it.

use jiff::Timestamp;
use serde::Serialize;

use crate::id::{AgentId, KeyId, WorkspaceId};
use crate::text_enum::text_enum;

/// A tenant. Everything else belongs to exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Workspace {
    /// Identifies it.
    pub id: WorkspaceId,
    /// For people.
    pub name: String,
    /// When it was made.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
}

text_enum! {
    /// What a key may do.
    Scope {
        /// Everything in its workspace.
        Admin = "admin",
        /// Chat, and read the conversations.
        Chat = "chat",
        /// Read everything, change nothing.
        Read = "read",
    }
}

/// An API key without its text, which is shown once and kept only as a SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiKey {
    /// Identifies it.
    pub id: KeyId,
    /// What it opens. Left out of answers: a client only ever sees its own.
    #[serde(skip_serializing)]
    pub workspace_id: WorkspaceId,
    /// For people.
    pub name: String,
    /// The first characters of its text, to tell keys apart.
    pub prefix: String,
    /// What it may do.
    pub scope: Scope,
    /// The only agent it may use; null means any.
    pub agent_id: Option<AgentId>,
    /// When it stops working; null means never.
    #[cfg_attr(feature = "schema", schemars(with = "Option<crate::schema::Moment>"))]
    pub expires_at: Option<Timestamp>,
    /// When it was made.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Moment"))]
    pub created_at: Timestamp,
}
