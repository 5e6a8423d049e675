//! PostgreSQL: connections that are kept, a transaction for each write, and word to other nodes.

mod attempt;
mod exchange;
mod options;
mod pool;
mod wire;

use std::sync::{Arc, OnceLock};

use deskhand_domain::clock::Entropy;
use tokio::time::sleep;

use crate::bus::Bus;
use crate::database::ping;
use crate::row::{Conn, hex};
use crate::sqlite::blocking;
use crate::{Migrated, Result, StoreError, migrate};
use attempt::{Attempt, Read, Write};
use exchange::Exchange;
use options::Options;
use pool::{PATIENCE, Pool};

/// How often a job is run anew because another transaction stood in its way.
const YIELDS: usize = 8;

/// A database of a PostgreSQL server.
///
/// A write is one transaction at READ COMMITTED, durable when it is answered. Where the connection is
/// lost on the way, what was certainly not committed is run again on another one, and what may have been
/// is asked for by the transaction's number: an answer is always true. While the server cannot be
/// reached, jobs wait for it, within reason.
pub(crate) struct Postgres {
    shared: Arc<Shared>,
}

/// The connections, and what is to end with them.
struct Shared {
    pool: Arc<Pool>,
    exchange: OnceLock<Exchange>,
}

impl Postgres {
    /// Connects, and brings the schema up to date.
    pub(crate) async fn open(url: &str, entropy: &dyn Entropy) -> Result<Self> {
        let options = Options::of(url)?;
        let listening = options.clone();
        let (pool, ear, listening) = blocking(move || {
            let mut conn = options.connect_first()?;
            migrate::run(&mut conn)?;
            let pool = Pool::new(options);
            pool.put(conn);
            Ok((pool, exchange::ear(&listening)?, listening))
        })
        .await?;
        let shared = Arc::new(Shared {
            pool: Arc::new(pool),
            exchange: OnceLock::new(),
        });
        let mut own = [0; 8];
        entropy.fill(&mut own);
        let exchange = Exchange::start(listening, ear, &shared, hex(&own))?;
        shared.exchange.get_or_init(|| exchange);
        Ok(Self { shared })
    }

    /// Brings the schema up to date and says what it did.
    pub(crate) async fn migrate(url: &str) -> Result<Vec<Migrated>> {
        let options = Options::of(url)?;
        blocking(move || {
            let mut conn = options.connect_first()?;
            let done = migrate::run(&mut conn)?;
            conn.close()?;
            Ok(done)
        })
        .await
    }

    /// Runs a job that writes, in a transaction. Resolves after the commit.
    pub(crate) async fn write<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.run(Write::new(job)).await
    }

    /// Runs a job that reads, each statement for itself.
    pub(crate) async fn read<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.run(Read::new(job)).await
    }

    /// Runs a job that reads, however long it takes. Some connections are always left to the others.
    pub(crate) async fn browse<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
    {
        let _place = self.shared.pool.long_place().await?;
        self.read(job).await
    }

    /// Whether it answers now. This one does not wait, nor stand in line behind jobs that do.
    pub(crate) async fn answers(&self) -> Result<()> {
        if self.shared.pool.is_shut() {
            return Err(StoreError::Closed);
        }
        let pool = self.shared.pool.clone();
        blocking(move || {
            let mut conn = pool.take()?;
            if ping(&mut conn).is_err() {
                // One that was kept may be dead where the server is not.
                pool.forget();
                conn = pool.take()?;
                ping(&mut conn)?;
            }
            pool.put(conn);
            Ok(())
        })
        .await
    }

    /// Jobs that wait for a connection.
    pub(crate) fn waiting(&self) -> usize {
        self.shared.pool.waiting()
    }

    /// Finishes what was asked for and closes it.
    pub(crate) async fn shut(&self) {
        if let Some(exchange) = self.shared.exchange.get() {
            exchange.stop();
        }
        self.shared.pool.shut().await;
    }

    /// Word to and from other nodes.
    pub(crate) fn bus(&self) -> Option<Arc<Bus>> {
        Some(self.shared.exchange.get()?.bus.clone())
    }

    async fn run<A: Attempt>(&self, attempt: A) -> Result<A::Output> {
        let place = self.shared.pool.place().await?;
        let mut attempt = attempt;
        let (mut waits, mut yields) = (PATIENCE.iter(), 0);
        loop {
            let pool = self.shared.pool.clone();
            let (tried, came_to) = blocking(move || {
                let mut attempt = attempt;
                let came_to = attempt.run(&pool);
                Ok((attempt, came_to))
            })
            .await?;
            attempt = tried;
            match came_to {
                CameTo::Done(result) => {
                    drop(place);
                    return result;
                }
                CameTo::Again(error) if yields >= YIELDS => return Err(error),
                CameTo::Again(_) => yields += 1,
                CameTo::Away(error) => match waits.next() {
                    Some(wait) if !self.shared.pool.is_shut() => {
                        tracing::warn!(%error, "the database cannot be reached; waiting for it");
                        sleep(*wait).await;
                    }
                    _ => return Err(error),
                },
            }
        }
    }
}

/// A connection for one's own use, to be dropped on a thread that may wait.
pub(crate) fn connect(url: &str) -> Result<Conn> {
    Options::of(url)?.connect_first()
}

/// What came of trying a job.
enum CameTo<T> {
    /// It is done, or has failed for good.
    Done(Result<T>),
    /// Nothing was done; it may be tried again at once.
    Again(StoreError),
    /// The server cannot be reached; it may be tried again later.
    Away(StoreError),
}
