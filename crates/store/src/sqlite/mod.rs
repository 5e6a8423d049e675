//! SQLite: one writer that commits in groups, and a pool of readers.

mod migrate;
mod store;
mod writer;

use std::fmt;
use std::fs::OpenOptions;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::clock::Entropy;
use deskhand_domain::id::WorkspaceId;
use futures_util::future::BoxFuture;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::row::Conn;
use crate::vault::{DataKey, Vault};
use crate::{MasterKey, Result, StoreError, workspace};
pub use migrate::Migrated;
use writer::Writer;

/// Connections that read. SQLite is quick; more would only wait for the same cores.
const READERS: u32 = 4;
/// How long another process may hold the database before we give up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a reader may be waited for.
const READER_TIMEOUT: Duration = Duration::from_secs(10);
/// Page cache of the writer; negative means KiB (SQLite, PRAGMA cache_size).
const WRITER_CACHE: &str = "-16384";
/// Page cache of each reader.
const READER_CACHE: &str = "-4096";
/// The log is cut back to this many bytes after a checkpoint.
const LOG_BYTES: &str = "67108864";

/// A database in one SQLite file, or in memory.
///
/// Writes go through one connection. Those that wait at the same time share a transaction, each in
/// a savepoint of its own, and are answered after its commit, which is on disk by then
/// (`synchronous=FULL`). Reads have connections of their own and see what has been committed.
pub struct SqliteStore {
    writer: Writer,
    /// None in memory, where there is but one connection.
    readers: Option<SqlitePool>,
    vault: Arc<Vault>,
}

impl SqliteStore {
    /// Opens `sqlite://path` or `sqlite::memory:`. A missing file is made, readable by its owner
    /// only; the schema is brought up to date. Must be called on a Tokio runtime.
    ///
    /// # Errors
    /// `File` if the file cannot be made, `Migration` if its schema is not ours, `Database` for the
    /// rest.
    pub async fn open(url: &str, master: &MasterKey, entropy: Arc<dyn Entropy>) -> Result<Self> {
        let (options, in_memory) = options(url)?;
        let mut conn = options.connect().await?;
        migrate::run(&mut conn).await?;
        let readers = (!in_memory).then(|| readers(&options));
        Ok(Self {
            writer: Writer::start(conn, (!in_memory).then_some(options)),
            readers,
            vault: Arc::new(Vault::new(master, entropy)),
        })
    }

    /// Runs a job that writes, in a transaction. Resolves after the commit.
    async fn write<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        self.writer.run(job).await
    }

    /// Runs a job that only reads.
    async fn read<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        match &self.readers {
            Some(pool) => job(&mut *pool.acquire().await?).await,
            None => self.writer.run(job).await,
        }
    }

    /// The data key of a workspace.
    async fn data_key(&self, id: WorkspaceId) -> Result<DataKey> {
        if let Some(key) = self.vault.cached(id) {
            return Ok(key);
        }
        let wrapped = self
            .read(move |conn| Box::pin(workspace::data_key(conn, id)))
            .await?;
        self.vault.unwrap_data_key(id, &wrapped)
    }

    async fn shut(&self) {
        let conn = self.writer.close().await;
        if let Some(pool) = &self.readers {
            pool.close().await;
        }
        // The last connection to go folds the log into the database, which readers cannot do.
        if let Some(conn) = conn
            && let Err(error) = conn.close().await
        {
            tracing::warn!(%error, "closing the database");
        }
    }
}

/// How to connect to a database, and whether it is in memory. A missing file is made.
fn options(url: &str) -> Result<(SqliteConnectOptions, bool)> {
    let path = url.strip_prefix("sqlite:").ok_or_else(|| {
        let why = "the database URL does not begin with sqlite:";
        StoreError::Database(sqlx::Error::Configuration(why.into()))
    })?;
    let in_memory = path.trim_start_matches("//") == ":memory:";
    let options = if in_memory {
        SqliteConnectOptions::new()
    } else {
        SqliteConnectOptions::from_str(url)?
    };
    if !in_memory {
        make_private(options.get_filename())?;
    }
    let options = options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cache_size", WRITER_CACHE)
        .pragma("temp_store", "MEMORY")
        .pragma("secure_delete", "FAST")
        .pragma("journal_size_limit", LOG_BYTES)
        .disable_statement_logging();
    Ok((options, in_memory))
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SqliteStore")
    }
}

/// Rows that a reader's thread may be ahead of whoever takes them. With fewer, a long conversation is
/// read in many small hand-overs between two threads.
const ROWS_IN_FLIGHT: usize = 1_024;

fn readers(options: &SqliteConnectOptions) -> SqlitePool {
    let options = options
        .clone()
        .read_only(true)
        .row_buffer_size(ROWS_IN_FLIGHT)
        .pragma("cache_size", READER_CACHE);
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(READER_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(options)
}

/// Makes the file if it is missing, so that nobody else can read it from its first byte on. SQLite
/// gives its log the same mode.
fn make_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(StoreError::File {
            path: path.display().to_string(),
            source,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Sevens;

    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    async fn pragma(sql: &'static str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", dir.path().display());
        let master = MasterKey::new([7; 32]);
        let store = SqliteStore::open(&url, &master, Arc::new(Sevens))
            .await
            .unwrap();
        store
            .write(move |conn| Box::pin(text(conn, sql)))
            .await
            .unwrap()
    }

    async fn text(conn: &mut Conn, sql: &'static str) -> Result<String> {
        Ok(sqlx::query_scalar(sql).fetch_one(conn).await?)
    }

    /// SECURITY 14: a commit is on disk when it is answered. 2 is FULL.
    #[tokio::test]
    async fn the_writer_syncs_at_every_commit() {
        let sql = "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous";
        assert_eq!(pragma(sql).await, "2");
    }

    #[tokio::test]
    async fn the_writer_keeps_a_log() {
        assert_eq!(pragma("PRAGMA journal_mode").await, "wal");
    }

    #[tokio::test]
    async fn references_are_enforced() {
        let sql = "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys";
        assert_eq!(pragma(sql).await, "1");
    }
}
