//! One store over either database: the trait's methods, each a job on a connection.

mod accounts;
mod callbacks;
mod circuits;
mod events;
mod handoffs;
mod nodes;
mod statistics;
mod store;
mod widgets;

use std::fmt;
use std::sync::Arc;

use deskhand_domain::clock::Entropy;
use deskhand_domain::id::WorkspaceId;

use crate::bus::Bus;
use crate::claimed::Under;
use crate::error::{DatabaseError, Fault};
use crate::postgres::Postgres;
use crate::row::{Conn, get};
use crate::sql::query;
#[cfg(debug_assertions)]
use crate::sqlite::BadDisk;
use crate::sqlite::Sqlite;
use crate::vault::{DataKey, Vault};
use crate::{MasterKey, Migrated, Result, Store, StoreError, workspace};

/// A database: one SQLite file, one in memory, or one of a PostgreSQL server, which any number of
/// nodes may share.
///
/// Every job, which is one or more statements, runs whole on one thread: to hand single statements
/// and rows from thread to thread costs more than what a database does with them. A job is told
/// what it needs beforehand and may be run again from the start, where the first time came to nothing.
pub struct Database {
    backend: Backend,
    vault: Arc<Vault>,
}

enum Backend {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Database {
    /// Opens `sqlite://path`, `sqlite::memory:` or `postgres://…`. A missing file is made, readable by
    /// its owner only; the schema is brought up to date.
    ///
    /// # Errors
    /// `File` if the file cannot be made, `Migration` if its schema is not ours, `Database` for the
    /// rest.
    pub async fn open(url: &str, master: &MasterKey, entropy: Arc<dyn Entropy>) -> Result<Self> {
        let backend = match is_postgres(url) {
            true => Backend::Postgres(Postgres::open(url, &*entropy).await?),
            false => Backend::Sqlite(Sqlite::open(url).await?),
        };
        Ok(Self {
            backend,
            vault: Arc::new(Vault::new(master, entropy)),
        })
    }

    /// Brings the schema up to date, as [`Database::open`] does, and says what it did. A missing file
    /// is made. Another process may have the database open.
    ///
    /// # Errors
    /// Those of [`Database::open`].
    pub async fn migrate(url: &str) -> Result<Vec<Migrated>> {
        match is_postgres(url) {
            true => Postgres::migrate(url).await,
            false => Sqlite::migrate(url).await,
        }
    }

    /// For tests: makes the disk under an SQLite database fail, or be well again, from now on or after
    /// so many more transactions.
    #[cfg(debug_assertions)]
    pub fn disk(&self, kind: Option<BadDisk>, after: usize) {
        if let Backend::Sqlite(sqlite) = &self.backend {
            sqlite.disk(kind, after);
        }
    }

    /// Runs a job that writes, in a transaction. Resolves after the commit.
    async fn write<T, F>(&self, mut job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        let Some(under) = Under::current() else {
            return self.commit(job).await;
        };
        let note = under.clone();
        let done = self.commit(move |conn| {
            let done = job(conn)?;
            note.note(conn)?;
            Ok(done)
        });
        let done = done.await?;
        under.committed();
        Ok(done)
    }

    async fn commit<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.write(job).await,
            Backend::Postgres(postgres) => postgres.write(job).await,
        }
    }

    /// Runs a job that reads a few rows by an index.
    async fn read<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.read(job).await,
            Backend::Postgres(postgres) => postgres.read(job).await,
        }
    }

    /// Runs a job that reads, however long it takes.
    async fn browse<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.browse(job).await,
            Backend::Postgres(postgres) => postgres.browse(job).await,
        }
    }

    /// Whether it answers now, for writing and for reading.
    async fn answers(&self) -> Result<()> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.answers().await,
            Backend::Postgres(postgres) => postgres.answers().await,
        }
    }

    /// Word to and from the other nodes of this database; `None` where there can be but one node.
    fn word(&self) -> Option<Arc<Bus>> {
        match &self.backend {
            Backend::Sqlite(_) => None,
            Backend::Postgres(postgres) => postgres.bus(),
        }
    }

    fn waiting(&self) -> usize {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.waiting(),
            Backend::Postgres(postgres) => postgres.waiting(),
        }
    }

    async fn shut(&self) {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.shut().await,
            Backend::Postgres(postgres) => postgres.shut().await,
        }
    }

    /// The data key of a workspace.
    /// Whether the master key opens what is stored: an error if not. A new database takes any.
    pub async fn check_master_key(&self) -> Result<()> {
        match Store::first_workspace(self).await? {
            Some(first) => self.data_key(first.id).await.map(drop),
            None => Ok(()),
        }
    }

    async fn data_key(&self, id: WorkspaceId) -> Result<DataKey> {
        if let Some(key) = self.vault.cached(id) {
            return Ok(key);
        }
        let wrapped = self.read(move |conn| workspace::data_key(conn, id)).await?;
        self.vault.unwrap_data_key(id, &wrapped)
    }
}

/// Whether a database URL names a PostgreSQL server.
pub(crate) fn is_postgres(url: &str) -> bool {
    ["postgres:", "postgresql:"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
}

/// Does nothing but ask; of a server, also whether it takes writes.
pub(crate) fn ping(conn: &mut Conn) -> Result<()> {
    if !conn.is_postgres() {
        query("SELECT 1").fetch_one(conn)?;
        return Ok(());
    }
    let row =
        query("SELECT current_setting('transaction_read_only') AS read_only").fetch_one(conn)?;
    match get::<&str>(&row, "read_only")? {
        "off" => Ok(()),
        _ => Err(StoreError::Database(
            DatabaseError::new("the server takes no writes").because(Fault::ReadOnly),
        )),
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Database")
    }
}
