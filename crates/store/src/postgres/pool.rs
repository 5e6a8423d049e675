//! The connections of a node.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::options::Options;
use crate::row::Conn;
use crate::sql::SqlError;
use crate::{Result, StoreError};

/// Most connections for jobs. PostgreSQL's default is 100 for all of its clients together.
const CONNECTIONS: usize = 16;
/// How many of them may be at reads of any length.
const LONG_READS: usize = 4;

/// How long a job waits before it tries again to reach a server that is away: some 20 seconds in all,
/// which a restart or the change to another server takes less than.
pub(super) const PATIENCE: [Duration; 14] = {
    let mut waits = [Duration::from_millis(2_000); 14];
    let mut ms = 50;
    let mut at = 0;
    while at < 6 {
        waits[at] = Duration::from_millis(ms);
        ms *= 2;
        at += 1;
    }
    waits
};

/// Connections, made as they are needed and kept for the next job.
pub(super) struct Pool {
    options: Options,
    idle: Mutex<Vec<Conn>>,
    places: Semaphore,
    long: Semaphore,
    waiting: AtomicUsize,
}

impl Pool {
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            idle: Mutex::default(),
            places: Semaphore::new(CONNECTIONS),
            long: Semaphore::new(LONG_READS),
            waiting: AtomicUsize::new(0),
        }
    }

    /// A place among those that have a connection.
    pub(super) async fn place(&self) -> Result<impl Drop + '_> {
        let _waiting = Waiting::new(&self.waiting);
        self.places.acquire().await.map_err(|_| StoreError::Closed)
    }

    /// A place among the reads that may take long.
    pub(super) async fn long_place(&self) -> Result<impl Drop + '_> {
        self.long.acquire().await.map_err(|_| StoreError::Closed)
    }

    /// Jobs that wait for a place.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// A connection, for whoever has a place. May wait for the network.
    pub(super) fn take(&self) -> std::result::Result<Conn, SqlError> {
        while let Some(conn) = self.pop() {
            if matches!(&conn, Conn::Postgres(open) if open.is_open()) {
                return Ok(conn);
            }
        }
        Ok(Conn::Postgres(Box::new(self.options.connect()?)))
    }

    /// Keeps one for the next job.
    pub(super) fn put(&self, conn: Conn) {
        if !self.is_shut() {
            self.idle().push(conn);
        }
    }

    /// Drops those that are kept: one has turned out to be dead, so the others may be.
    pub(super) fn forget(&self) {
        while let Some(conn) = self.pop() {
            drop(conn);
        }
    }

    /// Whether it takes no more jobs.
    pub(super) fn is_shut(&self) -> bool {
        self.places.is_closed()
    }

    /// Waits for the jobs that run, takes no more, and closes the connections.
    pub(super) async fn shut(&self) {
        self.long.close();
        let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
        // It fails if it has been shut before.
        let done = self.places.acquire_many(all).await;
        self.places.close();
        drop(done);
        let idle = std::mem::take(&mut *self.idle());
        drop_elsewhere(idle);
    }

    fn pop(&self) -> Option<Conn> {
        self.idle().pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Conn>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop_elsewhere(std::mem::take(&mut *self.idle()));
    }
}

/// A connection says goodbye when it is dropped, which a thread that drives a runtime must not wait for.
fn drop_elsewhere(idle: Vec<Conn>) {
    if idle.is_empty() {
        return;
    }
    let closing = std::thread::Builder::new()
        .name("deskhand-closing".to_owned())
        .spawn(move || drop(idle));
    if let Err(error) = closing {
        tracing::warn!(%error, "closing the connections to the database");
    }
}

/// One that waits, for as long as this is kept.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
