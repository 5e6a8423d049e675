use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc as threads;

use futures_util::future::join_all;
use tokio::sync::Notify;

use super::*;
use crate::row::get;
use crate::sql::query;

fn writer(reopen: Option<Place>) -> Writer {
    let place = reopen.clone().unwrap_or(Place::Memory);
    let mut conn = place.writer().unwrap();
    conn.batch("CREATE TABLE t (n BIGINT PRIMARY KEY)").unwrap();
    Writer::start(conn, reopen).unwrap()
}

fn in_a_file(dir: &tempfile::TempDir) -> Place {
    Place::of(&format!("sqlite://{}/t.db", dir.path().display())).unwrap()
}

fn insert(conn: &mut Conn, n: i64) -> Result<()> {
    query("INSERT INTO t (n) VALUES ($1)")
        .bind(n)
        .execute(conn)?;
    Ok(())
}

async fn add(writer: &Writer, n: i64) -> Result<()> {
    writer.run(move |conn| insert(conn, n)).await
}

fn all(conn: &mut Conn) -> Result<Vec<i64>> {
    let rows = query("SELECT n FROM t ORDER BY n").fetch_all(conn)?;
    rows.iter().map(|row| get(row, "n")).collect()
}

async fn numbers(writer: &Writer) -> Vec<i64> {
    writer.run(all).await.unwrap()
}

/// Holds the writer in one job, queues others behind it, and lets go: those share a transaction.
async fn together<T>(writer: &Writer, jobs: impl Future<Output = T>) -> T {
    let held = Arc::new(Notify::new());
    let (go, may_end) = threads::channel();
    let in_job = held.clone();
    let hold = writer.run(move |_| {
        in_job.notify_one();
        // Run again, it holds nobody: there is nobody any more who would let go.
        let _ = may_end.recv();
        Ok(())
    });
    let release = async move {
        held.notified().await;
        // The jobs are polled, and so queued, before this is polled again.
        tokio::task::yield_now().await;
        go.send(()).unwrap();
    };
    // The held job may share their fate: it is in their group if they were queued early enough.
    let (_, done, ()) = tokio::join!(hold, jobs, release);
    done
}

#[tokio::test]
async fn a_failing_job_takes_no_other_along() {
    let writer = writer(None);
    add(&writer, 3).await.unwrap();
    let jobs = join_all((1..=5).map(|n| add(&writer, n)));
    let done = together(&writer, jobs).await;
    let ok: Vec<bool> = done.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, true, false, true, true]);
    assert_eq!(numbers(&writer).await, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn what_a_failing_job_had_done_is_undone() {
    let writer = writer(None);
    let half = writer.run(|conn| {
        insert(conn, 10)?;
        Err::<(), _>(StoreError::Conflict("no"))
    });
    let jobs = async { tokio::join!(add(&writer, 1), half, add(&writer, 2)) };
    let (one, half, two) = together(&writer, jobs).await;
    assert!(one.is_ok() && two.is_ok());
    assert!(matches!(half, Err(StoreError::Conflict("no"))));
    assert_eq!(numbers(&writer).await, [1, 2]);
}

/// Counts in `runs` how often it was run.
async fn count(writer: &Writer, n: i64, runs: &Arc<AtomicUsize>) -> Result<()> {
    let runs = Arc::clone(runs);
    let job = writer.run(move |conn| {
        runs.fetch_add(1, Ordering::Relaxed);
        insert(conn, n)
    });
    job.await
}

#[tokio::test]
async fn a_job_that_fails_and_has_changed_nothing_takes_nobodys_time() {
    let writer = writer(None);
    let runs = Arc::default();
    let refused = writer.run(|conn| {
        all(conn)?;
        Err::<(), _>(StoreError::Conflict("no"))
    });
    let jobs = async { tokio::join!(count(&writer, 1, &runs), refused, count(&writer, 2, &runs)) };
    let (one, refused, two) = together(&writer, jobs).await;
    assert!(one.is_ok() && refused.is_err() && two.is_ok());
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    assert_eq!(numbers(&writer).await, [1, 2]);
}

#[tokio::test]
async fn run_again_beside_one_that_is_undone_a_job_counts_once() {
    let writer = writer(None);
    let runs = Arc::default();
    let half = writer.run(|conn| {
        insert(conn, 10)?;
        Err::<(), _>(StoreError::Conflict("no"))
    });
    let jobs = async { tokio::join!(count(&writer, 1, &runs), half, count(&writer, 2, &runs)) };
    let (one, half, two) = together(&writer, jobs).await;
    assert!(one.is_ok() && half.is_err() && two.is_ok());
    assert_eq!(numbers(&writer).await, [1, 2]);
}

#[tokio::test]
async fn a_single_failing_job_is_undone_too() {
    let writer = writer(None);
    let half = writer.run(|conn| {
        insert(conn, 10)?;
        Err::<(), _>(StoreError::NotFound)
    });
    assert!(matches!(half.await, Err(StoreError::NotFound)));
    assert!(numbers(&writer).await.is_empty());
}

#[tokio::test]
async fn a_panicking_job_fails_alone() {
    let writer = writer(None);
    let bad = writer.run(|conn| {
        insert(conn, 10)?;
        assert!(all(conn)?.is_empty(), "on purpose");
        Ok(())
    });
    let jobs = async { tokio::join!(add(&writer, 1), bad, add(&writer, 2)) };
    let (one, bad, two) = together(&writer, jobs).await;
    assert!(one.is_ok() && two.is_ok());
    assert!(matches!(bad, Err(StoreError::Database(_))));
    assert_eq!(numbers(&writer).await, [1, 2]);
}

/// Ends the transaction behind the writer's back, as SQLite does on a full disk.
async fn pull_the_rug(writer: &Writer) -> Result<()> {
    let job = writer.run(|conn| {
        conn.batch("ROLLBACK")?;
        Err::<(), _>(StoreError::NotFound)
    });
    job.await
}

#[tokio::test]
async fn a_lost_transaction_fails_all_and_the_next_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(Some(in_a_file(&dir)));
    let jobs = async { tokio::join!(add(&writer, 1), pull_the_rug(&writer), add(&writer, 2)) };
    let (one, rug, two) = together(&writer, jobs).await;
    assert!(one.is_err() && rug.is_err() && two.is_err());
    add(&writer, 3).await.unwrap();
    assert_eq!(numbers(&writer).await, [3]);
}

#[tokio::test]
async fn without_a_way_to_reopen_the_writer_ends_and_says_so() {
    let writer = writer(None);
    let jobs = async { tokio::join!(add(&writer, 1), pull_the_rug(&writer)) };
    let (one, _) = together(&writer, jobs).await;
    assert!(one.is_err());
    assert!(matches!(add(&writer, 2).await, Err(StoreError::Closed)));
}

#[tokio::test]
async fn a_commit_that_fails_fails_the_job() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(Some(in_a_file(&dir)));
    let job = writer.run(|conn| {
        insert(conn, 1)?;
        Ok(conn.batch("COMMIT")?)
    });
    assert!(matches!(job.await, Err(StoreError::Database(_))));
    add(&writer, 2).await.unwrap();
}

#[tokio::test]
async fn what_was_queued_before_the_close_is_done() {
    let writer = writer(None);
    let jobs = async {
        let (done, conn) = tokio::join!(join_all((0..20).map(|n| add(&writer, n))), writer.close());
        assert!(done.iter().all(Result::is_ok));
        conn.unwrap()
    };
    let mut conn = together(&writer, jobs).await;
    assert_eq!(all(&mut conn).unwrap().len(), 20);
    assert!(matches!(add(&writer, 99).await, Err(StoreError::Closed)));
}
