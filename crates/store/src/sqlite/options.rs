//! How to open a database.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::DatabaseError;
use crate::sql::{Conn, SqlError, SqliteConn};
use crate::{Result, StoreError};

/// How long another process may hold the database before we give up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Page cache of the writer; negative means KiB (SQLite, PRAGMA cache_size).
const WRITER_CACHE: i64 = -16_384;
/// Page cache of each reader.
const READER_CACHE: i64 = -4_096;
/// Pages that the log grows to before a commit folds it into the database (16 MiB). A turn writes some dozens,
/// most of them to the same places as the turn before it: the longer the log, the fewer are written twice.
const CHECKPOINT_PAGES: i64 = 4_000;
/// The log is cut back to this many bytes after a checkpoint.
const LOG_BYTES: i64 = 64 << 20;

/// Where a database is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// In memory, as long as its one connection.
    Memory,
    /// In this file.
    File(PathBuf),
}

impl Place {
    /// Reads `sqlite://path` or `sqlite::memory:`. A missing file is made.
    pub(crate) fn of(url: &str) -> Result<Self> {
        let place = Self::named(url)?;
        if let Self::File(path) = &place {
            make_private(path)?;
        }
        Ok(place)
    }

    /// The same where the file must be there.
    pub(crate) fn of_existing(url: &str) -> Result<Self> {
        let place = Self::named(url)?;
        if let Self::File(path) = &place {
            std::fs::metadata(path).map_err(|source| not_made(path, source))?;
        }
        Ok(place)
    }

    fn named(url: &str) -> Result<Self> {
        let path = url.strip_prefix("sqlite:").ok_or_else(|| {
            let why = "the database URL begins neither with sqlite: nor with postgres:";
            StoreError::Database(DatabaseError::new(why))
        })?;
        if path.contains('?') {
            let why = "the database URL of SQLite takes no options after a ?";
            return Err(StoreError::Database(DatabaseError::new(why)));
        }
        match path.trim_start_matches("//") {
            ":memory:" => Ok(Self::Memory),
            path => Ok(Self::File(PathBuf::from(path))),
        }
    }

    /// A connection that writes.
    pub(crate) fn writer(&self) -> std::result::Result<Conn, SqlError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        let sqlite = match self {
            Self::Memory => Connection::open_in_memory_with_flags(flags | always())?,
            Self::File(path) => Connection::open_with_flags(path, flags | always())?,
        };
        common(&sqlite)?;
        sqlite.pragma_update(None, "journal_mode", "WAL")?;
        // A commit is on disk when it is answered (SECURITY 14).
        sqlite.pragma_update(None, "synchronous", "FULL")?;
        sqlite.pragma_update(None, "foreign_keys", true)?;
        sqlite.pragma_update(None, "cache_size", WRITER_CACHE)?;
        sqlite.pragma_update(None, "secure_delete", "FAST")?;
        sqlite.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        sqlite.pragma_update(None, "journal_size_limit", LOG_BYTES)?;
        Ok(Conn::Sqlite(SqliteConn::new(sqlite)))
    }

    /// A connection that only reads a file.
    pub(crate) fn reader(path: &Path) -> std::result::Result<Conn, SqlError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let sqlite = Connection::open_with_flags(path, flags | always())?;
        common(&sqlite)?;
        sqlite.pragma_update(None, "cache_size", READER_CACHE)?;
        Ok(Conn::Sqlite(SqliteConn::new(sqlite)))
    }
}

/// What every connection is given.
fn common(sqlite: &Connection) -> std::result::Result<(), SqlError> {
    sqlite.busy_timeout(BUSY_TIMEOUT)?;
    // Else a statement whose plan might differ with other values is prepared anew whenever it is run.
    sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    sqlite.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

/// A connection is used by one thread at a time, so SQLite need not lock it.
fn always() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Makes the file if it is missing, so that nobody else can read it from its first byte on. SQLite
/// gives its log the same mode.
fn make_private(path: &Path) -> Result<()> {
    match make_private_new(path) {
        Err(StoreError::File { cause, .. })
            if cause.kind() == std::io::ErrorKind::AlreadyExists =>
        {
            Ok(())
        }
        made => made,
    }
}

/// The same where it must not be there.
pub(crate) fn make_private_new(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(drop)
        .map_err(|source| not_made(path, source))
}

fn not_made(path: &Path, source: std::io::Error) -> StoreError {
    StoreError::File {
        path: path.display().to_string(),
        cause: source,
    }
}
