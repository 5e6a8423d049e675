//! The database under the servers: a file, or a PostgreSQL that is itself stopped now and then.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::postgres::{Durability, PostgresServer};
use crate::random::Random;
use crate::snapshot::{self, Source};

/// Between two outages, at the least and at the most.
const APART_MS: (u64, u64) = (8_000, 25_000);
/// The longest outage.
const LONGEST_MS: u64 = 3_000;

/// Where everything is kept.
pub enum Database {
    /// In a file of this folder; one server at a time.
    Sqlite(PathBuf),
    /// Shared by all servers.
    Postgres {
        server: Arc<PostgresServer>,
        url: String,
    },
}

impl Database {
    /// SQLite in this folder.
    pub fn sqlite(folder: &Path) -> Self {
        Self::Sqlite(folder.to_owned())
    }

    /// A PostgreSQL of its own, on a socket in the system's folder for what is temporary: paths of
    /// sockets are short, and the user it runs as has to reach it.
    pub fn postgres() -> Result<Self> {
        let own = std::process::id();
        let directory = std::env::temp_dir().join(format!("deskhand-crash-{own}"));
        let server = PostgresServer::start(&directory, own, Durability::Process)
            .context("starting PostgreSQL")?
            .context("PostgreSQL is not installed (initdb, pg_ctl, createdb)")?;
        let url = server.create_database("crash");
        Ok(Self::Postgres {
            server: Arc::new(server),
            url,
        })
    }

    /// For `DESKHAND_DATABASE_URL`.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => snapshot::database_url(folder),
            Self::Postgres { url, .. } => url.clone(),
        }
    }

    /// Where it is read what a dead server had under way.
    pub async fn source(&self) -> Result<Source> {
        match self {
            Self::Sqlite(folder) => Ok(Source::Files(folder.clone())),
            Self::Postgres { url, .. } => Source::shared(url).await,
        }
    }

    /// Stops it and starts it again, over and over; how often. It runs when this is over.
    pub async fn outages(&self, seed: u64, over: &AtomicBool) -> Result<usize> {
        let Self::Postgres { server, .. } = self else {
            return Ok(0);
        };
        let mut random = Random::new(seed, 2);
        let mut count = 0;
        loop {
            let mut left = APART_MS.0 + random.below(APART_MS.1 - APART_MS.0);
            while left > 0 {
                if over.load(Ordering::SeqCst) {
                    return Ok(count);
                }
                let step = left.min(100);
                sleep(Duration::from_millis(step)).await;
                left -= step;
            }
            run(server, "stop").await?;
            sleep(Duration::from_millis(random.below(LONGEST_MS))).await;
            run(server, "start").await?;
            count += 1;
        }
    }
}

async fn run(server: &Arc<PostgresServer>, what: &'static str) -> Result<()> {
    let server = Arc::clone(server);
    spawn_blocking(move || server.run(what))
        .await?
        .with_context(|| format!("PostgreSQL: {what}"))
}
