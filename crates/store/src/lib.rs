//! The database: every SQL statement, the migrations, and secrets at rest. Nothing outside this
//! crate knows SQL or sees a ciphertext; nothing in it knows HTTP, a model or a webhook.
//!
//! Every query takes a workspace, but for three: finding a key by its hash, which is how a
//! workspace is found, finding the first workspace, and settling what a stopped server left behind.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod action;
mod agent;
mod conversation;
mod error;
mod idempotency;
mod invocation;
mod key;
mod page;
mod row;
mod secret;
mod settle;
mod sql;
mod sqlite;
mod store;
mod turn;
mod vault;
mod workspace;

pub use action::{ActionSecrets, StoredSigningSecret};
pub use conversation::ConversationFilter;
pub use error::{DatabaseError, Result, StoreError};
pub use idempotency::{ClaimId, ClaimKey, Claimed, StoredAnswer};
pub use invocation::{BeginInvocations, Begun, InvocationFilter};
pub use page::{Listed, Page};
pub use settle::Replies;
pub use sqlite::{Migrated, SqliteStore};
pub use store::Store;
pub use turn::{BeginTurn, FinishTurn};
pub use vault::MasterKey;
