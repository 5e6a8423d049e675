//! What a killed server had committed of its calls, read out of a copy of its database before the next
//! one looks at it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use deskhand_domain::clock::Entropy;
use deskhand_domain::invocation::InvocationStatus;
use deskhand_store::{InvocationFilter, MasterKey, Page, SqliteStore, Store};

/// 32 bytes.
const MASTER_KEY: [u8; 32] = [7; 32];
/// The database and what SQLite keeps beside it.
const FILES: [&str; 2] = ["crash.db", "crash.db-wal"];

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

/// Reads what is under way; nobody may have the database open.
pub async fn take(folder: &Path, kill: usize) -> Result<Snapshot> {
    let copy = tempfile::tempdir_in(folder)?;
    for file in FILES {
        let from = folder.join(file);
        if from.exists() {
            std::fs::copy(&from, copy.path().join(file)).context(file)?;
        }
    }
    let url = database_url(copy.path());
    let store = SqliteStore::open(&url, &MasterKey::new(MASTER_KEY), Arc::new(Random)).await?;
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
            caught.extend(listed.rows.into_iter().map(|invocation| Caught {
                invocation: invocation.id.to_string(),
                sending: status == InvocationStatus::Sending,
            }));
        }
    }
    store.close().await;
    Ok(Snapshot { kill, caught })
}
