//! The one connection that writes. Jobs that wait together are run one after the other in one
//! transaction, each in a savepoint, and answered after the commit: what costs is the disk's sync,
//! and this way many writes share one. A job that fails is rolled back alone.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::sync::PoisonError;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::row::Conn;
use crate::{Result, StoreError};

/// Jobs that may wait; who comes after them waits to wait.
const QUEUE: usize = 1_024;
/// Jobs in one transaction: bounds how long the first of them waits for the last.
const GROUP: usize = 256;

enum Order {
    Run(Box<dyn Job>),
    Close,
}

/// The way to the writing task. When it is dropped the task finishes what is queued and ends.
pub(super) struct Writer {
    orders: mpsc::Sender<Order>,
    task: Mutex<Option<JoinHandle<Option<Conn>>>>,
}

impl Writer {
    /// Starts the task. `reopen` says how to get a new connection when this one cannot be trusted
    /// any more; without it the task ends then.
    pub(super) fn start(conn: Conn, reopen: Option<SqliteConnectOptions>) -> Self {
        let (orders, inbox) = mpsc::channel(QUEUE);
        let task = Task {
            inbox,
            conn: Some(conn),
            reopen,
        };
        Self {
            orders,
            task: Mutex::new(Some(tokio::spawn(task.run()))),
        }
    }

    /// Queues a job and waits for the commit that it is part of.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Work {
            work: Some(work),
            result: None,
            reply,
        };
        self.orders
            .send(Order::Run(Box::new(job)))
            .await
            .map_err(|_| StoreError::Closed)?;
        // The task answers every job it takes; if it has died, the answer's other end died with it.
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Lets the queue run empty, takes nothing more, and hands the connection back, once.
    pub(super) async fn close(&self) -> Option<Conn> {
        // It fails if the task has ended, which is what is wanted.
        let _ = self.orders.send(Order::Close).await;
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()?;
        match task.await {
            Ok(conn) => conn,
            Err(error) => {
                tracing::error!(%error, "the database writer died");
                None
            }
        }
    }
}

/// A queued job, whatever it returns.
trait Job: Send {
    /// Does the work and keeps the result. False: it failed and is to be rolled back.
    fn run<'a>(&'a mut self, conn: &'a mut Conn) -> BoxFuture<'a, bool>;
    /// Hands the result over; with `failed`, that the commit failed instead.
    fn answer(self: Box<Self>, failed: Option<&Failed>);
}

struct Work<F, T> {
    work: Option<F>,
    result: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Job for Work<F, T>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T>> + Send + 'static,
{
    fn run<'a>(&'a mut self, conn: &'a mut Conn) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else {
                return false;
            };
            let result = AssertUnwindSafe(async move { work(conn).await })
                .catch_unwind()
                .await
                .unwrap_or_else(|_| {
                    tracing::error!("a database job panicked");
                    Err(protocol("the job panicked"))
                });
            let done = result.is_ok();
            self.result = Some(result);
            done
        })
    }

    fn answer(self: Box<Self>, failed: Option<&Failed>) {
        let result = match (self.result, failed) {
            // What failed by itself says why best.
            (Some(Err(error)), _) => Err(error),
            (_, Some(failed)) => Err(protocol(failed)),
            (Some(result), None) => result,
            (None, None) => Err(protocol("the job was not run")),
        };
        // A caller that has gone does not want to know.
        let _ = self.reply.send(result);
    }
}

fn protocol(why: impl fmt::Display) -> StoreError {
    StoreError::Database(sqlx::Error::Protocol(why.to_string()))
}

/// Why a whole group failed.
struct Failed(sqlx::Error);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the transaction failed: {}", self.0)
    }
}

struct Task {
    inbox: mpsc::Receiver<Order>,
    /// None after it could not be trusted any more.
    conn: Option<Conn>,
    reopen: Option<SqliteConnectOptions>,
}

impl Task {
    async fn run(mut self) -> Option<Conn> {
        let mut group = Vec::new();
        while let Some(order) = self.inbox.recv().await {
            self.take(order, &mut group);
            while group.len() < GROUP
                && let Ok(order) = self.inbox.try_recv()
            {
                self.take(order, &mut group);
            }
            if !group.is_empty() && !self.commit(&mut group).await {
                break;
            }
        }
        self.conn
    }

    fn take(&mut self, order: Order, group: &mut Vec<Box<dyn Job>>) {
        match order {
            Order::Run(job) => group.push(job),
            // What is queued is still handed out after this.
            Order::Close => self.inbox.close(),
        }
    }

    /// Runs a group and answers it. False: there is no connection to go on with.
    async fn commit(&mut self, group: &mut Vec<Box<dyn Job>>) -> bool {
        let outcome = match self.connection().await {
            Ok(conn) => transact(conn, group).await,
            Err(error) => Err(Failed(error)),
        };
        if let Err(failed) = &outcome {
            tracing::error!(error = %failed.0, jobs = group.len(), "a group of writes failed");
            // Its transaction may still be open, or half gone.
            self.conn = None;
        }
        for job in group.drain(..) {
            job.answer(outcome.as_ref().err());
        }
        self.conn.is_some() || self.reopen.is_some()
    }

    async fn connection(&mut self) -> std::result::Result<&mut Conn, sqlx::Error> {
        let conn = match (self.conn.take(), &self.reopen) {
            (Some(conn), _) => conn,
            (None, Some(options)) => options.connect().await?,
            (None, None) => return Err(sqlx::Error::WorkerCrashed),
        };
        Ok(self.conn.insert(conn))
    }
}

/// Runs every job and commits. An error means that nothing of the group can be relied on.
///
/// Every statement is a trip to the thread of the connection and back, which costs more than what
/// these do there: one trip ends a job and begins the next.
async fn transact(conn: &mut Conn, group: &mut [Box<dyn Job>]) -> std::result::Result<(), Failed> {
    if let [job] = group {
        execute(conn, "BEGIN IMMEDIATE").await?;
        // The transaction itself is the savepoint.
        let end = if job.run(conn).await {
            "COMMIT"
        } else {
            "ROLLBACK"
        };
        return execute(conn, end).await;
    }
    execute(conn, "BEGIN IMMEDIATE; SAVEPOINT job").await?;
    let mut left = group.len();
    for job in group {
        left -= 1;
        // To roll back to a savepoint keeps it, for the next job. It fails if SQLite has rolled the
        // whole transaction back, as on a full disk. To commit releases what savepoint there is.
        let next = match (job.run(conn).await, left) {
            (true, 0) => "COMMIT",
            (true, _) => "RELEASE job; SAVEPOINT job",
            (false, 0) => "ROLLBACK TO job; COMMIT",
            (false, _) => "ROLLBACK TO job",
        };
        execute(conn, next).await?;
    }
    Ok(())
}

async fn execute(conn: &mut Conn, sql: &'static str) -> std::result::Result<(), Failed> {
    sqlx::query(sql)
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(Failed)
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
