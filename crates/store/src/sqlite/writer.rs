//! The one connection that writes, on a thread of its own. Jobs that wait together are run one after
//! the other in one transaction, and answered after the commit: what costs is the disk's sync, and this
//! way many writes share one. A job that fails is undone alone: where one has, and had changed something,
//! the group is rolled back and run again, each job in a savepoint.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(debug_assertions)]
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use deskhand_domain::crash;
use tokio::sync::{mpsc, oneshot};

#[cfg(debug_assertions)]
use super::disk::Disk;
use super::options::Place;
use crate::error::{DatabaseError, Fault};
use crate::row::Conn;
use crate::sql::{SqlError, query};
use crate::{Result, StoreError};

/// Jobs that may wait; who comes after them waits to wait.
const QUEUE: usize = 1_024;
/// Jobs in one transaction: bounds how long the first of them waits for the last.
const GROUP: usize = 256;

/// How often others are let go first while a group is growing.
const YIELDS: u32 = 4;

/// Nobody else writes from here on; to find out at the first write would be too late.
const BEGIN: &str = "BEGIN IMMEDIATE";

enum Order {
    Run(Box<dyn Job>),
    Close,
}

/// The way to the writing thread. When it is dropped the thread finishes what is queued and ends.
pub(super) struct Writer {
    orders: mpsc::Sender<Order>,
    /// Gives the connection back when the thread ends.
    end: Mutex<Option<oneshot::Receiver<Option<Conn>>>>,
    #[cfg(debug_assertions)]
    disk: Arc<Disk>,
}

impl Writer {
    /// Starts the thread. `reopen` says how to get a new connection when this one cannot be trusted
    /// any more; without it the thread ends then.
    pub(super) fn start(conn: Conn, reopen: Option<Place>) -> Result<Self> {
        let (orders, inbox) = mpsc::channel(QUEUE);
        let (ended, end) = oneshot::channel();
        #[cfg(debug_assertions)]
        let disk = Arc::<Disk>::default();
        let task = Task {
            #[cfg(debug_assertions)]
            disk: disk.clone(),
            inbox,
            conn: Some(conn),
            reopen,
        };
        std::thread::Builder::new()
            .name("deskhand-writer".to_owned())
            .spawn(move || {
                // Nobody may be waiting for the connection; then it is closed here.
                let _ = ended.send(task.run());
            })
            .map_err(|error| StoreError::Database(DatabaseError::new(error)))?;
        Ok(Self {
            #[cfg(debug_assertions)]
            disk,
            orders,
            end: Mutex::new(Some(end)),
        })
    }

    #[cfg(debug_assertions)]
    pub(super) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Queues a job and waits for the commit that it is part of. It may be run again from the start, where
    /// what it did the first time was rolled back.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Work {
            work,
            result: None,
            reply,
        };
        self.orders
            .send(Order::Run(Box::new(job)))
            .await
            .map_err(|_| StoreError::Closed)?;
        // The thread answers every job it takes; if it has died, the answer's other end died with it.
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Jobs in the queue, those not counted that wait to wait.
    pub(super) fn waiting(&self) -> usize {
        self.orders.max_capacity() - self.orders.capacity()
    }

    /// Lets the queue run empty, takes nothing more, and hands the connection back, once.
    pub(super) async fn close(&self) -> Option<Conn> {
        // It fails if the thread has ended, which is what is wanted.
        let _ = self.orders.send(Order::Close).await;
        let end = self
            .end
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()?;
        end.await.unwrap_or_else(|_| {
            tracing::error!("the database writer died");
            None
        })
    }
}

/// A queued job, whatever it returns.
trait Job: Send {
    /// Does the work and keeps the result. False: it failed, and what it did is to be undone.
    fn run(&mut self, conn: &mut Conn) -> bool;
    /// Hands the result over; with `failed`, that the commit failed instead.
    fn answer(self: Box<Self>, failed: Option<&Failed>);
}

struct Work<F, T> {
    work: F,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Job for Work<F, T>
where
    T: Send + 'static,
    F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
{
    fn run(&mut self, conn: &mut Conn) -> bool {
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(conn))).unwrap_or_else(|_| {
            tracing::error!("a database job panicked");
            Err(failure("the job panicked"))
        });
        let done = result.is_ok();
        self.result = Some(result);
        done
    }

    fn answer(self: Box<Self>, failed: Option<&Failed>) {
        let result = match (self.result, failed) {
            // What failed by itself says why best.
            (Some(Err(error)), _) => Err(error),
            (_, Some(failed)) => Err(failed.answer()),
            (Some(result), None) => result,
            (None, None) => Err(failure("the job was not run")),
        };
        // A caller that has gone does not want to know.
        let _ = self.reply.send(result);
    }
}

fn failure(why: impl fmt::Display) -> StoreError {
    StoreError::Database(DatabaseError::new(why.to_string()))
}

/// Why a whole group failed.
struct Failed(StoreError);

impl Failed {
    /// What the jobs of the group are answered.
    fn answer(&self) -> StoreError {
        let fault = match &self.0 {
            StoreError::Database(error) => error.fault(),
            _ => Fault::Other,
        };
        StoreError::Database(DatabaseError::new(self.to_string()).because(fault))
    }
}

impl From<SqlError> for Failed {
    fn from(error: SqlError) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the transaction failed: {}", self.0)
    }
}

struct Task {
    #[cfg(debug_assertions)]
    disk: Arc<Disk>,
    inbox: mpsc::Receiver<Order>,
    /// None after it could not be trusted any more.
    conn: Option<Conn>,
    reopen: Option<Place>,
}

impl Task {
    fn run(mut self) -> Option<Conn> {
        let mut group = Vec::new();
        while let Some(order) = self.inbox.blocking_recv() {
            self.take(order, &mut group);
            self.gather(&mut group);
            if !group.is_empty() && !self.commit(&mut group) {
                break;
            }
        }
        self.conn
    }

    /// Takes what is queued, and lets whoever is about to queue something do so first: a sync costs more
    /// than the moment until they have. Where nobody is, yielding comes back at once.
    fn gather(&mut self, group: &mut Vec<Box<dyn Job>>) {
        for _ in 0..YIELDS {
            std::thread::yield_now();
            let before = group.len();
            while group.len() < GROUP
                && let Ok(order) = self.inbox.try_recv()
            {
                self.take(order, group);
            }
            if group.len() == before || group.len() >= GROUP {
                break;
            }
        }
    }

    fn take(&mut self, order: Order, group: &mut Vec<Box<dyn Job>>) {
        match order {
            Order::Run(job) => group.push(job),
            // What is queued is still handed out after this.
            Order::Close => self.inbox.close(),
        }
    }

    /// Runs a group and answers it. False: there is no connection to go on with.
    fn commit(&mut self, group: &mut Vec<Box<dyn Job>>) -> bool {
        let outcome = match self.connection() {
            Ok(conn) => transact(conn, group),
            Err(failed) => Err(failed),
        };
        if let Err(failed) = &outcome {
            tracing::error!(error = %failed.0, jobs = group.len(), "a group of writes failed");
            // Whatever state it is in, nothing may be added to it: dropped, it is rolled back.
            self.conn = None;
        }
        crash::point(crash::COMMITTED);
        for job in group.drain(..) {
            job.answer(outcome.as_ref().err());
        }
        self.conn.is_some() || self.reopen.is_some()
    }

    fn connection(&mut self) -> std::result::Result<&mut Conn, Failed> {
        let conn = match (self.conn.take(), &self.reopen) {
            (Some(conn), _) => conn,
            (None, Some(place)) => place.writer()?,
            (None, None) => return Err(Failed(StoreError::Closed)),
        };
        let conn = self.conn.insert(conn);
        #[cfg(debug_assertions)]
        self.disk.apply(conn)?;
        Ok(conn)
    }
}

/// Runs every job and commits. An error means that nothing of the group can be relied on.
fn transact(conn: &mut Conn, group: &mut [Box<dyn Job>]) -> std::result::Result<(), Failed> {
    query(BEGIN).execute(conn)?;
    if let [job] = group {
        // The transaction itself is the savepoint.
        let end = if job.run(conn) { "COMMIT" } else { "ROLLBACK" };
        crash::point(crash::COMMITTING);
        query(end).execute(conn)?;
        return Ok(());
    }
    if !together(conn, group)? {
        query("ROLLBACK").execute(conn)?;
        query(BEGIN).execute(conn)?;
        apart(conn, group)?;
    }
    crash::point(crash::COMMITTING);
    query("COMMIT").execute(conn)?;
    Ok(())
}

/// Runs every job, without a way to undo one of them: most groups need none, and SQLite copies each page
/// that a savepoint may bring back. False: one failed that had changed something, and all are to be undone.
fn together(conn: &mut Conn, group: &mut [Box<dyn Job>]) -> std::result::Result<bool, Failed> {
    for job in group {
        let before = conn.changes();
        let done = job.run(conn);
        // SQLite may have rolled the whole transaction back, as on a full disk. What is run after that
        // would be committed by itself.
        if !conn.is_in_transaction() {
            return Err(Failed(failure("it was rolled back")));
        }
        if !done && conn.changes() != before {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Runs every job in a savepoint, to which it is rolled back if it fails.
fn apart(conn: &mut Conn, group: &mut [Box<dyn Job>]) -> std::result::Result<(), Failed> {
    for job in group {
        conn.batch("SAVEPOINT job")?;
        // It fails if SQLite has rolled the whole transaction back.
        let end = match job.run(conn) {
            true => "RELEASE job",
            false => "ROLLBACK TO job; RELEASE job",
        };
        conn.batch(end)?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
