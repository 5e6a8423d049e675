//! SQLite: one writer that commits in groups, and connections that read.

#[cfg(debug_assertions)]
mod disk;
mod options;
mod readers;
mod room;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::database::ping;
use crate::row::Conn;
use crate::sql::query;
use crate::{Migrated, Result, StoreError, migrate};
#[cfg(debug_assertions)]
pub use disk::BadDisk;
pub(crate) use options::{Place, make_private_new};
use readers::Readers;
use writer::Writer;

/// A database in one SQLite file, or in memory.
///
/// Writes have a thread of their own. Those that wait at the same time share a transaction, of which one
/// that fails is left out, and are answered after its commit, which is on disk by then
/// (`synchronous=FULL`). Reads see what has been committed. Those of a few rows, found by an index,
/// run on the thread that asks; those that may take long, on the runtime's threads for such work.
pub(crate) struct Sqlite {
    writer: Writer,
    /// None in memory, where there is but one connection.
    readers: Option<Arc<Readers>>,
    /// The file.
    path: Option<PathBuf>,
    /// The disk has refused a write since it was last known to be well.
    ailing: AtomicBool,
}

impl Sqlite {
    /// Opens `sqlite://path` or `sqlite::memory:`, and brings its schema up to date.
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let place = Place::of(url)?;
        let (conn, place) = blocking(move || {
            let mut conn = place.writer()?;
            migrate::run(&mut conn)?;
            Ok((conn, place))
        })
        .await?;
        let readers = match &place {
            Place::Memory => None,
            Place::File(path) => Some(Arc::new(Readers::new(path.clone()))),
        };
        let path = match &place {
            Place::Memory => None,
            Place::File(path) => Some(path.clone()),
        };
        let reopen = readers.is_some().then_some(place);
        Ok(Self {
            writer: Writer::start(conn, reopen)?,
            readers,
            path,
            ailing: AtomicBool::new(false),
        })
    }

    /// Brings the schema up to date and says what it did.
    pub(crate) async fn migrate(url: &str) -> Result<Vec<Migrated>> {
        let place = Place::of(url)?;
        blocking(move || {
            let mut conn = place.writer()?;
            let done = migrate::run(&mut conn)?;
            conn.close()?;
            Ok(done)
        })
        .await
    }

    /// From now on, or after so many transactions, the disk is so.
    #[cfg(debug_assertions)]
    pub(crate) fn disk(&self, kind: Option<BadDisk>, after: usize) {
        self.writer.disk().set(kind, after);
    }

    /// Runs a job that writes, in a transaction. Resolves after the commit.
    pub(crate) async fn write<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        let done = self.writer.run(job).await;
        if matches!(&done, Err(StoreError::Database(error)) if error.is_of_the_disk()) {
            self.ailing.store(true, Ordering::Relaxed);
        }
        done
    }

    /// Runs a job that reads a few rows by an index.
    pub(crate) async fn read<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        match &self.readers {
            Some(readers) => readers.run(job),
            None => self.writer.run(job).await,
        }
    }

    /// Runs a job that reads, however long it takes.
    pub(crate) async fn browse<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        let Some(readers) = &self.readers else {
            return self.writer.run(job).await;
        };
        let _place = readers.place().await?;
        let readers = readers.clone();
        blocking(move || readers.run(job)).await
    }

    /// The writer answers only if its thread and SQLite are alive and what it writes gets to the disk;
    /// then a reader. A disk that has refused a write is well again when there is room for more than a
    /// page: the smallest write may find a place where a message does not.
    pub(crate) async fn answers(&self) -> Result<()> {
        if let Some(path) = &self.path
            && self.ailing.load(Ordering::Relaxed)
        {
            let path = path.clone();
            blocking(move || room::look_for(&path)).await?;
        }
        self.write(touch).await?;
        self.read(ping).await?;
        self.ailing.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Writes that wait for their turn.
    pub(crate) fn waiting(&self) -> usize {
        self.writer.waiting()
    }

    /// Finishes what was asked for and closes it.
    pub(crate) async fn shut(&self) {
        let conn = self.writer.close().await;
        if let Some(readers) = &self.readers {
            readers.close();
        }
        // The last connection to go folds the log into the database, which readers cannot do.
        if let Some(conn) = conn
            && let Err(error) = blocking(move || Ok(conn.close()?)).await
        {
            tracing::warn!(%error, "closing the database");
        }
    }
}

/// Writes a page anew as it is.
fn touch(conn: &mut Conn) -> Result<()> {
    query("UPDATE migrations SET about = about WHERE version = 1").execute(conn)?;
    Ok(())
}

/// Runs something on a thread that may wait for a disk.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(readers::died(error)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::row::get;
    use crate::sql::{Query, query};

    /// What SQLite says that it would do for a statement, on the schema as it is.
    pub(crate) fn plan(mut wanted: Query<'_>) -> String {
        let mut conn = Place::Memory.writer().unwrap();
        migrate::run(&mut conn).unwrap();
        wanted.explain();
        let rows = wanted.fetch_all(&mut conn).unwrap();
        let details = rows.iter().map(|row| get::<&str>(row, "detail").unwrap());
        details.collect::<Vec<_>>().join("; ")
    }

    async fn pragma(name: &'static str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/t.db", dir.path().display());
        let store = Sqlite::open(&url).await.unwrap();
        let sql = format!("SELECT CAST({name} AS TEXT) AS value FROM pragma_{name}");
        store
            .write(move |conn| get(&query(sql.clone()).fetch_one(conn)?, "value"))
            .await
            .unwrap()
    }

    /// SECURITY 14: a commit is on disk when it is answered. 2 is FULL.
    #[tokio::test]
    async fn the_writer_syncs_at_every_commit() {
        assert_eq!(pragma("synchronous").await, "2");
    }

    #[tokio::test]
    async fn the_writer_keeps_a_log() {
        assert_eq!(pragma("journal_mode").await, "wal");
    }

    #[tokio::test]
    async fn references_are_enforced() {
        assert_eq!(pragma("foreign_keys").await, "1");
    }
}
