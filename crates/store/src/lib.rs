//! The database: every SQL statement, the migrations, and secrets at rest. Nothing outside this
//! crate knows SQL or sees a ciphertext; nothing in it knows HTTP, a model or a webhook.
//!
//! Every query takes a workspace, but for those by which a workspace is found (a key, a session, a
//! sign-in link or an invitation by its hash, an account by its email address, an agent by the id that
//! a page with its widget names, a callback by the hash of its URL's token, the first workspace), one
//! that asks whether an origin is any workspace's, those of the set-up, taking over what a node has left
//! behind, finding what nobody has reported on in time, and claiming and forgetting the deliveries of
//! events.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod account;
mod action;
mod agent;
mod bus;
mod callback;
mod circuit;
mod claimed;
mod conversation;
mod copy;
mod database;
mod error;
mod event;
mod handoff;
mod idempotency;
mod invocation;
mod key;
mod migrate;
mod moment;
mod node;
mod offer;
mod page;
mod postgres;
mod row;
mod secret;
mod settle;
mod sql;
mod sqlite;
mod statistics;
mod store;
mod turn;
mod vault;
mod widget;
mod workspace;

pub use account::{
    AcceptInvitation, AccountChanges, AccountStore, Credentials, NewSession, OpenSession, SetUp,
    SetUpDone, TokenHash,
};
pub use action::{ActionSecrets, StoredSigningSecret};
pub use bus::{Bus, Heard, Listener, Word};
pub use callback::{Callback, CallbackStore, SettleInvocation, Settled};
pub use circuit::CircuitStore;
pub use claimed::under_claim;
pub use conversation::{ConversationFilter, Whose};
pub use copy::CopiedTable;
pub use database::Database;
pub use error::{DatabaseError, Result, StoreError};
pub use event::{
    CameTo, ClaimDeliveries, ClaimedDelivery, EndpointChanges, EventStore, FinishDelivery,
};
pub use handoff::{HandoffStore, Waiting};
pub use idempotency::{ClaimId, ClaimKey, Claimed, StoredAnswer};
pub use invocation::{BeginInvocations, Begun, FinishInvocation, InvocationFilter};
pub use migrate::Migrated;
pub use node::{AbandonTurn, NodeStore, Owner, Replies, TakenOver, TakenTurn};
pub use offer::Offer;
pub use page::{Listed, Page};
#[cfg(debug_assertions)]
pub use sqlite::BadDisk;
pub use statistics::{CallCount, CalledAction, Counted, StatisticsFilter, StatisticsStore};
pub use store::Store;
/// The name that the store had before it spoke to PostgreSQL too.
pub type SqliteStore = Database;
pub use turn::{BeginTurn, FinishTurn, Say, WholeTurn};
pub use vault::MasterKey;
pub use widget::{IdentitySecret, WidgetHost, WidgetStore};
