//! Brings a database's schema up to date.

use sqlx::migrate::Migrator;
use sqlx::{ConnectOptions as _, Connection as _};

use super::{SqliteStore, options};
use crate::Result;
use crate::row::{Conn, get};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// One step that was taken, or had been taken before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Counts the steps from 1.
    pub version: i64,
    /// What it is about.
    pub about: String,
    /// Whether it was taken now.
    pub now: bool,
}

impl SqliteStore {
    /// Brings the schema of `sqlite://path` up to date, as [`SqliteStore::open`] does, and says what
    /// it did. A missing file is made. Another process may have the database open.
    ///
    /// # Errors
    /// Those of [`SqliteStore::open`].
    pub async fn migrate(url: &str) -> Result<Vec<Migrated>> {
        let (options, _) = options(url)?;
        let mut conn = options.connect().await?;
        let before = taken(&mut conn).await?;
        run(&mut conn).await?;
        conn.close().await?;
        Ok(MIGRATIONS
            .iter()
            .map(|step| Migrated {
                version: step.version,
                about: step.description.to_string(),
                now: !before.contains(&step.version),
            })
            .collect())
    }
}

/// Takes the steps that have not been taken.
pub(super) async fn run(conn: &mut Conn) -> Result<()> {
    MIGRATIONS.run_direct(None, conn, false).await?;
    Ok(())
}

/// The versions of the steps taken so far.
async fn taken(conn: &mut Conn) -> Result<Vec<i64>> {
    let table = sqlx::query("SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'")
        .fetch_optional(&mut *conn)
        .await?;
    if table.is_none() {
        return Ok(Vec::new());
    }
    sqlx::query("SELECT version FROM _sqlx_migrations WHERE success")
        .fetch_all(conn)
        .await?
        .iter()
        .map(|row| get(row, "version"))
        .collect()
}
