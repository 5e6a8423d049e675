//! One try at a job, and what it came to.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use deskhand_domain::crash;

use super::CameTo;
use super::pool::Pool;
use crate::error::DatabaseError;
use crate::row::{Conn, get};
use crate::sql::{PostgresConn, SqlError, Trouble, query};
use crate::{Result, StoreError};

/// A job that may be tried more than once.
pub(super) trait Attempt: Send + 'static {
    type Output: Send + 'static;
    fn run(&mut self, pool: &Pool) -> CameTo<Self::Output>;
}

/// A job that writes, in a transaction.
pub(super) struct Write<F, T> {
    job: F,
    /// What it gave, and the number of its transaction, while it is not known whether that was committed.
    uncertain: Option<(T, String)>,
}

/// A job that reads.
pub(super) struct Read<F, T> {
    job: F,
    gives: PhantomData<fn() -> T>,
}

impl<F, T> Write<F, T> {
    pub(super) fn new(job: F) -> Self {
        Self {
            job,
            uncertain: None,
        }
    }
}

impl<F, T> Read<F, T> {
    pub(super) fn new(job: F) -> Self {
        let gives = PhantomData;
        Self { job, gives }
    }
}

impl<F, T> Attempt for Read<F, T>
where
    T: Send + 'static,
    F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
{
    type Output = T;

    fn run(&mut self, pool: &Pool) -> CameTo<T> {
        let mut conn = match pool.take() {
            Ok(conn) => conn,
            Err(error) => return CameTo::Away(error.into()),
        };
        let result = guarded(&mut self.job, &mut conn);
        settle(pool, conn, result, false)
    }
}

impl<F, T> Attempt for Write<F, T>
where
    T: Send + 'static,
    F: FnMut(&mut Conn) -> Result<T> + Send + 'static,
{
    type Output = T;

    fn run(&mut self, pool: &Pool) -> CameTo<T> {
        let mut conn = match pool.take() {
            Ok(conn) => conn,
            Err(error) => return CameTo::Away(error.into()),
        };
        if let Some((result, number)) = self.uncertain.take() {
            match was_committed(&mut conn, &number) {
                Ok(Some(true)) => {
                    pool.put(conn);
                    return CameTo::Done(Ok(result));
                }
                // It was rolled back: it is run again.
                Ok(Some(false)) => {}
                Ok(None) => {
                    self.uncertain = Some((result, number));
                    return CameTo::Away(uncertain());
                }
                Err(error) => {
                    self.uncertain = Some((result, number));
                    return CameTo::Away(error);
                }
            }
        }
        let number = match with(&mut conn, PostgresConn::begin) {
            Ok(number) => number,
            Err(error) => return settle(pool, conn, Err(error.into()), false),
        };
        match guarded(&mut self.job, &mut conn) {
            Ok(value) => self.commit(pool, conn, value, number),
            Err(error) => settle(pool, conn, Err(error), true),
        }
    }
}

impl<F, T> Write<F, T> {
    fn commit(&mut self, pool: &Pool, mut conn: Conn, value: T, number: String) -> CameTo<T> {
        // Where a statement has failed and the job went on, there is nothing that could be committed.
        if let Some(trouble) = trouble(&mut conn) {
            let passed = failure("a statement failed, and the job passed over it");
            return after(pool, conn, trouble, Err(passed), true);
        }
        crash::point(crash::COMMITTING);
        match conn.batch("COMMIT") {
            Ok(()) => {
                crash::point(crash::COMMITTED);
                pool.put(conn);
                CameTo::Done(Ok(value))
            }
            Err(error) => match trouble(&mut conn) {
                Some(Trouble::Lost) => {
                    pool.forget();
                    self.uncertain = Some((value, number));
                    CameTo::Away(error.into())
                }
                other => after(
                    pool,
                    conn,
                    other.unwrap_or(Trouble::Failed),
                    Err(error.into()),
                    true,
                ),
            },
        }
    }
}

/// Runs a job; a panic is a failure of its own.
fn guarded<T>(job: &mut impl FnMut(&mut Conn) -> Result<T>, conn: &mut Conn) -> Result<T> {
    catch_unwind(AssertUnwindSafe(|| job(conn))).unwrap_or_else(|_| {
        tracing::error!("a database job panicked");
        Err(failure("the job panicked"))
    })
}

/// What a job came to that has not been committed, and never will be.
fn settle<T>(pool: &Pool, mut conn: Conn, result: Result<T>, begun: bool) -> CameTo<T> {
    match trouble(&mut conn) {
        None if begun => after(pool, conn, Trouble::Failed, result, begun),
        None => {
            pool.put(conn);
            CameTo::Done(result)
        }
        Some(trouble) => after(pool, conn, trouble, result, begun),
    }
}

fn after<T>(
    pool: &Pool,
    mut conn: Conn,
    trouble: Trouble,
    result: Result<T>,
    begun: bool,
) -> CameTo<T> {
    if trouble == Trouble::Lost {
        // Those that are kept have most likely gone with it; a new one tells whether the server has.
        pool.forget();
        return again(result);
    }
    if trouble == Trouble::Stale
        && let Conn::Postgres(stale) = &mut conn
    {
        stale.forget();
    }
    if !begun || conn.batch("ROLLBACK").is_ok() {
        pool.put(conn);
    }
    match trouble {
        Trouble::Yielded | Trouble::Stale => again(result),
        Trouble::Failed | Trouble::Lost => CameTo::Done(result),
    }
}

fn again<T>(result: Result<T>) -> CameTo<T> {
    CameTo::Again(match result {
        Err(error) => error,
        Ok(_) => failure("the job passed over the loss of its connection"),
    })
}

/// Whether a transaction was committed; `None` while the server is still at it.
fn was_committed(conn: &mut Conn, number: &str) -> Result<Option<bool>> {
    let row = query("SELECT pg_xact_status(CAST(CAST($1 AS TEXT) AS xid8)) AS status")
        .bind(number)
        .fetch_one(conn)?;
    match get::<Option<&str>>(&row, "status")? {
        Some("committed") => Ok(Some(true)),
        Some("aborted") => Ok(Some(false)),
        Some(_) => Ok(None),
        // So long ago that the server has forgotten it: nobody waits that long.
        None => Err(uncertain()),
    }
}

fn with<T>(
    conn: &mut Conn,
    work: impl FnOnce(&mut PostgresConn) -> std::result::Result<T, SqlError>,
) -> std::result::Result<T, SqlError> {
    match conn {
        Conn::Postgres(conn) => work(conn),
        Conn::Sqlite(_) => Err(SqlError::Database(DatabaseError::new("not PostgreSQL"))),
    }
}

fn trouble(conn: &mut Conn) -> Option<Trouble> {
    match conn {
        Conn::Postgres(conn) => conn.take_trouble(),
        Conn::Sqlite(_) => None,
    }
}

fn uncertain() -> StoreError {
    failure("the connection was lost at the commit, and it is not known whether that took place")
}

fn failure(why: &str) -> StoreError {
    StoreError::Database(DatabaseError::new(why))
}
