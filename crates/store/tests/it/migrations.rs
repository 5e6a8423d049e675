//! Migrations over data that is there. `migrations/0001.sql` holds the rows of a database as the
//! first migration left it, and is never changed: whatever migrations come later are replayed over
//! it, and everything must still be read. A migration that adds tables may add rows of its own as
//! `migrations/NNNN.sql`, which are put in when the schema has got that far.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use deskhand_domain::invocation::InvocationStatus;
use deskhand_store::{ConversationFilter, Store};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, SqliteConnection};

use crate::sqlite::{open, url};
use crate::world::*;

fn crate_path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

async fn connect(dir: &tempfile::TempDir) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(dir.path().join("deskhand.db"))
        .create_if_missing(true)
        .connect()
        .await
        .unwrap()
}

/// A database at the first migration with the stored rows, brought as far as each later migration.
async fn stored(dir: &tempfile::TempDir) {
    let migrator = Migrator::new(crate_path("migrations")).await.unwrap();
    let mut conn = connect(dir).await;
    for migration in migrator.iter() {
        migrator.run_to(migration.version, &mut conn).await.unwrap();
        let rows = crate_path(&format!("tests/it/migrations/{:04}.sql", migration.version));
        match std::fs::read_to_string(rows) {
            Ok(sql) => {
                let sql = AssertSqlSafe(sql);
                sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
            }
            Err(_) => assert!(migration.version > 1, "the first migration has rows"),
        }
    }
}

#[tokio::test]
async fn replayed_over_old_data_they_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    stored(&dir).await;
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
        .remove(0);
    assert_eq!(talk.contact_id(), "cus_42");
    let turn = old.past_turns(ws, talk.id, 5).await.unwrap().remove(0);
    assert_eq!(turn.message.text, "Where is it?");
    assert_eq!(turn.steps, [crate::conformance::turns::asked("one")]);
    assert_eq!(turn.reply.unwrap().text, "Here it is.");
    assert_eq!(old.turns(ws, talk.id, 5).await.unwrap()[0].model_calls, 1);

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
    let now = action.created_at;
    assert_eq!(old.settle_interrupted(now, &sorry()).await.unwrap(), (1, 0));
}

#[tokio::test]
async fn a_second_start_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    stored(&dir).await;
    open(&url(&dir)).await.close().await;
    let before = std::fs::read(dir.path().join("deskhand.db")).unwrap();
    open(&url(&dir)).await.close().await;
    assert_eq!(
        std::fs::read(dir.path().join("deskhand.db")).unwrap(),
        before
    );
}

#[tokio::test]
async fn a_database_from_the_future_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    stored(&dir).await;
    let mut conn = connect(&dir).await;
    sqlx::raw_sql(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'later', TRUE, x'00', 0)",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    let entropy = Arc::new(Seeded::default());
    let master = deskhand_store::MasterKey::new([7; 32]);
    let opened = deskhand_store::SqliteStore::open(&url(&dir), &master, entropy).await;
    assert!(matches!(
        opened,
        Err(deskhand_store::StoreError::Migration(_))
    ));
}

#[tokio::test]
async fn what_was_done_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let first = deskhand_store::SqliteStore::migrate(&url(&dir))
        .await
        .unwrap();
    assert_eq!((first[0].version, first[0].about.as_str()), (1, "first"));
    assert!(first.iter().all(|step| step.now));
    let second = deskhand_store::SqliteStore::migrate(&url(&dir))
        .await
        .unwrap();
    assert!(second.iter().all(|step| !step.now));
    assert_eq!(second.len(), first.len());
    open(&url(&dir)).await.close().await;
}
