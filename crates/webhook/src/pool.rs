//! Connections kept alive between calls: never shared by workspaces, never reused beyond the check of
//! the addresses, never idle for long.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use deskhand_domain::id::WorkspaceId;
use deskhand_domain::limits::{IDLE_PER_ORIGIN, IDLE_REPEATABLE, IDLE_TOTAL, IDLE_UNREPEATABLE};
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::outcome::Nature;
use crate::url::Host;

const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// A connection ready for a request. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<Full<Bytes>>,
    pub(crate) peer: SocketAddr,
    pub(crate) _driver: Driver,
}

/// The task that moves a connection's bytes; it ends with the connection.
#[derive(Debug)]
pub(crate) struct Driver(pub(crate) AbortHandle);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Whose connection to where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) workspace: WorkspaceId,
    pub(crate) host: Host,
    pub(crate) port: u16,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    since: Instant,
}

#[derive(Debug, Default)]
pub(crate) struct Pool {
    idle: Mutex<HashMap<Key, Vec<Idle>>>,
    sweeping: AtomicBool,
}

impl Pool {
    /// The connection most lately used that leads to one of `vetted` and has not been idle longer
    /// than `idle_at_most`. One that leads elsewhere is closed: its name no longer points there.
    pub(crate) fn take(
        &self,
        key: &Key,
        vetted: &[SocketAddr],
        idle_at_most: Duration,
    ) -> Option<Connection> {
        let mut idle = self.lock();
        let connections = idle.get_mut(key)?;
        connections.retain(|i| vetted.contains(&i.connection.peer) && is_usable(i));
        let found = connections
            .last()
            .is_some_and(|newest| newest.since.elapsed() <= idle_at_most)
            .then(|| connections.pop())
            .flatten();
        if connections.is_empty() {
            idle.remove(key);
        }
        found.map(|i| i.connection)
    }

    /// Whether there is one that has not been idle longer than `idle_at_most`.
    pub(crate) fn has(&self, key: &Key, idle_at_most: Duration) -> bool {
        let idle = self.lock();
        let newest = idle.get(key).and_then(|connections| connections.last());
        newest.is_some_and(|newest| is_usable(newest) && newest.since.elapsed() <= idle_at_most)
    }

    /// Keeps a connection for later, unless there are enough already.
    pub(crate) fn put(self: &Arc<Self>, key: Key, connection: Connection) {
        let mut idle = self.lock();
        let is_full = |idle: &HashMap<Key, Vec<Idle>>| {
            let of_origin = idle.get(&key).map_or(0, Vec::len);
            of_origin >= IDLE_PER_ORIGIN || idle.values().map(Vec::len).sum::<usize>() >= IDLE_TOTAL
        };
        if is_full(&idle) {
            drop_stale(&mut idle);
            if is_full(&idle) {
                return;
            }
        }
        idle.entry(key).or_default().push(Idle {
            connection,
            since: Instant::now(),
        });
        drop(idle);
        if !self.sweeping.swap(true, Ordering::AcqRel) {
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Vec<Idle>>> {
        // A panic elsewhere leaves a map of connections, all of them still good or closed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a connection may have been idle to be used for a call of this nature.
pub(crate) fn idle_at_most(nature: Nature) -> Duration {
    if nature.is_repeatable() {
        IDLE_REPEATABLE
    } else {
        IDLE_UNREPEATABLE
    }
}

/// Closes what nobody came back for, until there is nothing left to watch.
async fn sweep(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut idle = pool.lock();
        drop_stale(&mut idle);
        if idle.is_empty() {
            // Under the lock, so that whoever puts next sees that nobody sweeps.
            pool.sweeping.store(false, Ordering::Release);
            return;
        }
    }
}

fn drop_stale(idle: &mut HashMap<Key, Vec<Idle>>) {
    idle.retain(|_, connections| {
        connections.retain(is_usable);
        !connections.is_empty()
    });
}

fn is_usable(idle: &Idle) -> bool {
    !idle.connection.sender.is_closed() && idle.since.elapsed() <= IDLE_REPEATABLE
}
