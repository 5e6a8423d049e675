//! The connections that read.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::options::Place;
use crate::error::DatabaseError;
use crate::row::Conn;
use crate::{Result, StoreError};

/// Reads of any length that may run at once. SQLite is quick; more would only wait for the same cores.
const LONG_READS: usize = 4;

/// Connections that read a file, made as they are needed: never more than there are threads to read.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Conn>>,
    long: Semaphore,
}

impl Readers {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            idle: Mutex::new(Vec::new()),
            long: Semaphore::new(LONG_READS),
        }
    }

    /// Runs a job on this very thread.
    pub(super) fn run<T>(&self, job: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let idle = self.idle().pop();
        let mut conn = match idle {
            Some(conn) => conn,
            None if self.long.is_closed() => return Err(StoreError::Closed),
            None => Place::reader(&self.path)?,
        };
        let result = job(&mut conn);
        // One that has failed may be worth nothing any more.
        if !matches!(result, Err(StoreError::Database(_))) && !self.long.is_closed() {
            self.idle().push(conn);
        }
        result
    }

    /// A place among the reads that may take long.
    pub(super) async fn place(&self) -> Result<impl Drop + '_> {
        self.long.acquire().await.map_err(|_| StoreError::Closed)
    }

    /// Takes no more reads, and closes the connections.
    pub(super) fn close(&self) {
        self.long.close();
        for conn in self.idle().drain(..) {
            if let Err(error) = conn.close() {
                let error = StoreError::from(error);
                tracing::warn!(%error, "closing a connection");
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Conn>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a thread that was to run a job has died.
pub(super) fn died(error: impl std::fmt::Display) -> StoreError {
    StoreError::Database(DatabaseError::new(error.to_string()))
}
