use std::sync::Arc;

use futures_util::future::join_all;
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::Notify;

use super::*;

async fn writer(reopen: Option<SqliteConnectOptions>) -> Writer {
    let mut conn = match &reopen {
        Some(options) => options.connect().await.unwrap(),
        None => SqliteConnection::connect("sqlite::memory:").await.unwrap(),
    };
    sqlx::raw_sql("CREATE TABLE t (n BIGINT PRIMARY KEY)")
        .execute(&mut conn)
        .await
        .unwrap();
    Writer::start(conn, reopen)
}

fn in_a_file(dir: &tempfile::TempDir) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(dir.path().join("t.db"))
        .create_if_missing(true)
}

async fn insert(conn: &mut Conn, n: i64) -> Result<()> {
    sqlx::query("INSERT INTO t (n) VALUES ($1)")
        .bind(n)
        .execute(conn)
        .await?;
    Ok(())
}

async fn add(writer: &Writer, n: i64) -> Result<()> {
    writer.run(move |conn| Box::pin(insert(conn, n))).await
}

async fn numbers(writer: &Writer) -> Vec<i64> {
    writer
        .run(|conn| {
            Box::pin(async move {
                let query = sqlx::query_scalar("SELECT n FROM t ORDER BY n");
                Ok(query.fetch_all(conn).await?)
            })
        })
        .await
        .unwrap()
}

/// Holds the writer in one job, queues others behind it, and lets go: those share a transaction.
async fn together<T>(writer: &Writer, jobs: impl Future<Output = T>) -> T {
    let (held, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (in_job, may_end) = (held.clone(), go.clone());
    let hold = writer.run(move |_| {
        Box::pin(async move {
            in_job.notify_one();
            may_end.notified().await;
            Ok(())
        })
    });
    let release = async {
        held.notified().await;
        // The jobs are polled, and so queued, before this is polled again.
        tokio::task::yield_now().await;
        go.notify_one();
    };
    // The held job may share their fate: it is in their group if they were queued early enough.
    let (_, done, ()) = tokio::join!(hold, jobs, release);
    done
}

#[tokio::test]
async fn a_failing_job_takes_no_other_along() {
    let writer = writer(None).await;
    add(&writer, 3).await.unwrap();
    let jobs = join_all((1..=5).map(|n| add(&writer, n)));
    let done = together(&writer, jobs).await;
    let ok: Vec<bool> = done.iter().map(Result::is_ok).collect();
    assert_eq!(ok, [true, true, false, true, true]);
    assert_eq!(numbers(&writer).await, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn what_a_failing_job_had_done_is_undone() {
    let writer = writer(None).await;
    let half = writer.run(|conn| {
        Box::pin(async move {
            insert(conn, 10).await?;
            Err::<(), _>(StoreError::Conflict("no"))
        })
    });
    let jobs = async { tokio::join!(add(&writer, 1), half, add(&writer, 2)) };
    let (one, half, two) = together(&writer, jobs).await;
    assert!(one.is_ok() && two.is_ok());
    assert!(matches!(half, Err(StoreError::Conflict("no"))));
    assert_eq!(numbers(&writer).await, [1, 2]);
}

#[tokio::test]
async fn a_single_failing_job_is_undone_too() {
    let writer = writer(None).await;
    let half = writer.run(|conn| {
        Box::pin(async move {
            insert(conn, 10).await?;
            Err::<(), _>(StoreError::NotFound)
        })
    });
    assert!(matches!(half.await, Err(StoreError::NotFound)));
    assert!(numbers(&writer).await.is_empty());
}

#[tokio::test]
async fn a_panicking_job_fails_alone() {
    let writer = writer(None).await;
    let bad = writer.run(|conn| {
        Box::pin(async move {
            insert(conn, 10).await?;
            assert!(conn.cached_statements_size() > 1_000, "on purpose");
            Ok(())
        })
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
        Box::pin(async move {
            sqlx::query("ROLLBACK").execute(conn).await?;
            Err::<(), _>(StoreError::NotFound)
        })
    });
    job.await
}

#[tokio::test]
async fn a_lost_transaction_fails_all_and_the_next_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(Some(in_a_file(&dir))).await;
    let jobs = async { tokio::join!(add(&writer, 1), pull_the_rug(&writer), add(&writer, 2)) };
    let (one, rug, two) = together(&writer, jobs).await;
    assert!(one.is_err() && rug.is_err() && two.is_err());
    add(&writer, 3).await.unwrap();
    assert_eq!(numbers(&writer).await, [3]);
}

#[tokio::test]
async fn without_a_way_to_reopen_the_writer_ends_and_says_so() {
    let writer = writer(None).await;
    let jobs = async { tokio::join!(add(&writer, 1), pull_the_rug(&writer)) };
    let (one, _) = together(&writer, jobs).await;
    assert!(one.is_err());
    assert!(matches!(add(&writer, 2).await, Err(StoreError::Closed)));
}

#[tokio::test]
async fn a_commit_that_fails_fails_the_job() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(Some(in_a_file(&dir))).await;
    let job = writer.run(|conn| {
        Box::pin(async move {
            insert(conn, 1).await?;
            sqlx::query("COMMIT").execute(conn).await?;
            Ok(())
        })
    });
    assert!(matches!(job.await, Err(StoreError::Database(_))));
    add(&writer, 2).await.unwrap();
}

#[tokio::test]
async fn a_dead_task_answers_with_an_error() {
    let writer = writer(None).await;
    let task = writer.task.lock().unwrap().take().unwrap();
    task.abort();
    assert!(task.await.is_err());
    assert!(matches!(add(&writer, 1).await, Err(StoreError::Closed)));
    assert!(writer.close().await.is_none());
}

#[tokio::test]
async fn what_was_queued_before_the_close_is_done() {
    let writer = writer(None).await;
    let jobs = async {
        let (done, conn) = tokio::join!(join_all((0..20).map(|n| add(&writer, n))), writer.close());
        assert!(done.iter().all(Result::is_ok));
        conn.unwrap()
    };
    let mut conn = together(&writer, jobs).await;
    let query = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM t");
    assert_eq!(query.fetch_one(&mut conn).await.unwrap(), 20);
    assert!(matches!(add(&writer, 99).await, Err(StoreError::Closed)));
}
