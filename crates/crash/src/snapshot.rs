//! What a killed server had committed of its calls, read out of a copy of its database before the next
//! one looks at it, or out of the shared one before another may take them over.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use deskhand_domain::clock::Entropy;
use deskhand_domain::id::NodeId;
use deskhand_domain::invocation::{Invocation, InvocationStatus};
use deskhand_store::{InvocationFilter, MasterKey, NodeStore, Page, SqliteStore, Store};

use crate::node::Node;

/// 32 bytes.
const MASTER_KEY: [u8; 32] = [7; 32];
/// The database and what SQLite keeps beside it.
const FILES: [&str; 2] = ["crash.db", "crash.db-wal"];

/// Until a PostgreSQL has done all that a dead client had asked of it; far less than a lease.
const SETTLED: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Random;

impl Entropy for Random {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the Entropy of the harness"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives random bytes");
    }
}

/// An invocation under way when the server died.
#[derive(Debug, Clone, PartialEq)]
pub struct Caught {
    pub invocation: String,
    /// `sending`, else `intended`.
    pub sending: bool,
}

impl Caught {
    fn of(invocation: &Invocation) -> Option<Self> {
        let sending = match invocation.status {
            InvocationStatus::Intended => false,
            InvocationStatus::Sending => true,
            _ => return None,
        };
        Some(Self {
            invocation: invocation.id.to_string(),
            sending,
        })
    }
}

/// What was under way at one death.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Which death, counted from 0.
    pub kill: usize,
    pub caught: Vec<Caught>,
}

/// The master key as a setting.
pub fn master_key_text() -> String {
    MASTER_KEY.iter().map(|b| format!("{b:02x}")).collect()
}

/// Where the database is.
pub fn database_url(folder: &Path) -> String {
    format!("sqlite://{}", folder.join(FILES[0]).display())
}

/// Where what is under way is read at a death.
pub enum Source {
    /// In a copy of the files of this folder, while nobody has them open.
    Files(PathBuf),
    /// In the database that the other nodes go on using.
    Shared(Arc<SqliteStore>),
}

impl Source {
    /// That of a PostgreSQL.
    pub async fn shared(url: &str) -> Result<Self> {
        Ok(Self::Shared(Arc::new(open(url).await?)))
    }

    /// Whether servers share it.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Shared(_))
    }

    /// Reads what the dead one had under way.
    pub async fn take(&self, dead: &Node, kill: usize) -> Result<Snapshot> {
        let caught = match self {
            Self::Files(folder) => in_files(folder).await?,
            Self::Shared(store) => match dead.name() {
                Some(name) => {
                    // What it had said to the database before it died is done.
                    tokio::time::sleep(SETTLED).await;
                    of_node(store, name).await?
                }
                None => Vec::new(),
            },
        };
        Ok(Snapshot { kill, caught })
    }
}

async fn open(url: &str) -> Result<SqliteStore> {
    Ok(SqliteStore::open(url, &MasterKey::new(MASTER_KEY), Arc::new(Random)).await?)
}

async fn in_files(folder: &Path) -> Result<Vec<Caught>> {
    let copy = tempfile::tempdir_in(folder)?;
    for file in FILES {
        let from = folder.join(file);
        if from.exists() {
            std::fs::copy(&from, copy.path().join(file)).context(file)?;
        }
    }
    let store = open(&database_url(copy.path())).await?;
    let mut caught = Vec::new();
    if let Some(workspace) = store.first_workspace().await? {
        for status in [InvocationStatus::Intended, InvocationStatus::Sending] {
            let filter = InvocationFilter {
                status: Some(status),
                ..InvocationFilter::default()
            };
            let page = Page {
                limit: 100,
                before: None,
            };
            let listed = store.invocations(workspace.id, &filter, page).await?;
            caught.extend(listed.rows.iter().filter_map(Caught::of));
        }
    }
    store.close().await;
    Ok(caught)
}

/// In the turns that are still a node's: until its lease has run out, nobody else takes them.
async fn of_node(store: &SqliteStore, node: NodeId) -> Result<Vec<Caught>> {
    let mut caught = Vec::new();
    for turn in store.owned_turns(node).await? {
        let calls = store
            .turn_invocations(turn.workspace_id, turn.turn_id)
            .await?;
        caught.extend(calls.iter().filter_map(Caught::of));
    }
    Ok(caught)
}
