//! Migrations over data that is there. `migrations/0001.sql` holds the rows of a database as the
//! first migration left it, and is never changed: whatever migrations come later are replayed over
//! it, and everything must still be read. A migration that adds tables may add rows of its own as
//! `migrations/NNNN.sql`, which are put in when the schema has got that far.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use deskhand_domain::conversation::Mode;
use deskhand_domain::id::NodeId;
use deskhand_domain::invocation::InvocationStatus;
use deskhand_store::{AccountStore, ConversationFilter, NodeStore, SqliteStore, Store, StoreError};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use crate::sqlite::{open, url};
use crate::world::*;

fn crate_path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn connect(dir: &tempfile::TempDir) -> Connection {
    Connection::open(dir.path().join("deskhand.db")).unwrap()
}

/// The steps: number, title, text.
fn steps() -> Vec<(i64, String, String)> {
    let files = std::fs::read_dir(crate_path("migrations")).unwrap();
    let mut steps: Vec<_> = files
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let (version, about) = name.split_once('_').unwrap();
            let sql = std::fs::read_to_string(&path).unwrap();
            (version.parse().unwrap(), about.replace('_', " "), sql)
        })
        .collect();
    steps.sort();
    steps
}

/// A database at the first migration with the stored rows, brought as far as each later migration.
fn stored(dir: &tempfile::TempDir) {
    let conn = connect(dir);
    conn.execute_batch("CREATE TABLE migrations (version BIGINT PRIMARY KEY, about TEXT NOT NULL, checksum TEXT NOT NULL)")
        .unwrap();
    for (version, about, sql) in steps() {
        conn.execute_batch(&sql).unwrap();
        let sum: String = Sha256::digest(sql.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        conn.execute(
            "INSERT INTO migrations VALUES (?, ?, ?)",
            (version, about, sum),
        )
        .unwrap();
        let rows = crate_path(&format!("tests/it/migrations/{version:04}.sql"));
        match std::fs::read_to_string(rows) {
            Ok(sql) => conn.execute_batch(&sql).unwrap(),
            Err(_) => assert!(version > 1, "the first migration has rows"),
        }
    }
}

#[tokio::test]
async fn replayed_over_old_data_they_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    stored(&dir);
    let old = open(&url(&dir)).await;
    let ws = old.first_workspace().await.unwrap().unwrap().id;
    let agent = old.agents(ws, all()).await.unwrap().rows.remove(0);
    assert_eq!(agent.definition.name, "Ava");
    let action = old.actions(ws, all()).await.unwrap().rows.remove(0);
    assert_eq!(action.definition, definition("check_order_status"));
    let attached = old.agent_actions(ws, agent.id).await.unwrap();
    assert_eq!(attached[0].id, action.id);
    let secrets = old.action_secrets(ws, action.id, action.created_at).await;
    assert_eq!(secrets.unwrap().signing[0].secret.expose(), "whsec_first");
    let key = old.key_by_hash([5; 32]).await.unwrap().unwrap();
    assert_eq!((key.name.as_str(), key.agent_id), ("ci", Some(agent.id)));

    let filter = ConversationFilter::default();
    let talk = old
        .conversations(ws, &filter, all())
        .await
        .unwrap()
        .rows
        .remove(0)
        .conversation;
    assert_eq!(talk.contact_id(), "cus_42");
    assert_eq!(talk.mode, Mode::Live);
    let turn = old.past_turns(ws, talk.id, 5).await.unwrap().remove(0);
    assert_eq!(turn.message.as_ref().unwrap().text, "Where is it?");
    assert_eq!(turn.steps, [crate::conformance::turns::asked("one")]);
    assert_eq!(turn.reply.unwrap().text, "Here it is.");
    assert_eq!(old.turns(ws, talk.id, 5).await.unwrap()[0].model_calls, 1);

    let then = jiff::Timestamp::from_millisecond(1_790_000_002_500).unwrap();
    let open = old.session_by_hash([6; 32], then).await.unwrap().unwrap();
    assert_eq!(
        (open.user.email.as_str(), open.workspace.id),
        ("Ada@example.com", ws)
    );
    assert!(old.invitation_works([7; 32], then).await.unwrap());

    let counted = jiff::Timestamp::from_millisecond(1_790_000_001_024).unwrap();
    let tokens = old.agent_tokens_of_day(ws, agent.id, counted).await;
    assert_eq!(tokens.unwrap(), 930);

    use InvocationStatus::*;
    let calls = old.turn_invocations(ws, turn.id).await.unwrap();
    let statuses: Vec<_> = calls.iter().map(|call| call.status).collect();
    assert_eq!(statuses, [Succeeded, Unknown, Accepted, Sending, Declined]);
    assert_eq!(calls[0].result, outcome(Succeeded).result);
    assert_eq!(calls[1].failure, outcome(Unknown).failure);
    let attempts = old.attempts(ws, calls[4].id).await.unwrap();
    assert_eq!(attempts[0].timings.total_ms, 12.25);
    let node = NodeId::new(action.created_at, &Seeded::default());
    let taken = old.take_over(node, action.created_at, 10).await.unwrap();
    assert_eq!((taken.turns.len(), taken.settled), (0, 1));
}

#[tokio::test]
async fn a_second_start_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    stored(&dir);
    open(&url(&dir)).await.close().await;
    let before = std::fs::read(dir.path().join("deskhand.db")).unwrap();
    open(&url(&dir)).await.close().await;
    assert_eq!(
        std::fs::read(dir.path().join("deskhand.db")).unwrap(),
        before
    );
}

async fn refused(dir: &tempfile::TempDir) -> String {
    let master = deskhand_store::MasterKey::new([7; 32]);
    let entropy = Arc::new(Seeded::default());
    match SqliteStore::open(&url(dir), &master, entropy).await {
        Err(StoreError::Migration(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_database_from_the_future_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    stored(&dir);
    let sql = "INSERT INTO migrations VALUES (9999, 'later', '00')";
    connect(&dir).execute_batch(sql).unwrap();
    let why = refused(&dir).await;
    assert!(why.contains("step 9999"), "{why}");
}

#[tokio::test]
async fn a_step_that_was_another_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    stored(&dir);
    let sql = "UPDATE migrations SET checksum = '00' WHERE version = 2";
    connect(&dir).execute_batch(sql).unwrap();
    let why = refused(&dir).await;
    assert!(why.contains("step 2 (idempotency)"), "{why}");
}

#[tokio::test]
async fn a_database_of_before_the_first_release_is_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    stored(&dir);
    let sql = "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, success BOOLEAN);
               INSERT INTO _sqlx_migrations SELECT version, TRUE FROM migrations WHERE version <= 3;
               DELETE FROM migrations WHERE version <= 3;";
    connect(&dir).execute_batch(sql).unwrap();
    let done = SqliteStore::migrate(&url(&dir)).await.unwrap();
    assert!(done.iter().all(|step| !step.now));
}

/// Every file is a step, under its own number and title.
#[tokio::test]
async fn no_step_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let done = SqliteStore::migrate(&url(&dir)).await.unwrap();
    let done: Vec<_> = done.into_iter().map(|s| (s.version, s.about)).collect();
    let files: Vec<_> = steps()
        .into_iter()
        .map(|(n, about, _)| (n, about))
        .collect();
    assert_eq!(done, files);
}

#[tokio::test]
async fn what_was_done_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let first = SqliteStore::migrate(&url(&dir)).await.unwrap();
    assert_eq!((first[0].version, first[0].about.as_str()), (1, "first"));
    assert!(first.iter().all(|step| step.now));
    let second = SqliteStore::migrate(&url(&dir)).await.unwrap();
    assert!(second.iter().all(|step| !step.now));
    assert_eq!(second.len(), first.len());
    open(&url(&dir)).await.close().await;
}
