//! Everything moves from one database to another and back; a running database is copied.

use std::sync::Arc;

use deskhand_domain::invocation::InvocationStatus;
use deskhand_store::{CopiedTable, Database, Store, StoreError};

use crate::pg_server::postgres_database;
use crate::sqlite::{open, url};
use crate::world::*;

/// A file with something in most tables, closed.
async fn filled(dir: &tempfile::TempDir) -> String {
    let url = url(dir);
    let w = World::new(Arc::new(open(&url).await)).await;
    crate::conformance::accounts::first(&w, 1).await;
    w.store.insert_key(&w.new_key(), [3; 32]).await.unwrap();
    for hash in 0..30 {
        let running = w.running().await;
        let call = w.call(&running);
        w.record(&call, hash).await;
        let done = outcome(InvocationStatus::Succeeded);
        assert!(w.finish(call.id, &done).await);
        w.store.finish_turn(&w.end(&running)).await.unwrap();
    }
    // Text that only one of the databases can hold as it is.
    let odd = w.turn(&w.conversation(None), true, "null \0 and snow \u{2603}");
    w.store.begin_turn(&odd).await.unwrap();
    w.store.close().await;
    url
}

fn rows(copied: &[CopiedTable], name: &str) -> u64 {
    copied.iter().find(|table| table.name == name).unwrap().rows
}

#[tokio::test]
async fn from_a_file_to_another() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let from = filled(&one).await;
    let copied = Database::copy(&from, &url(&two)).await.unwrap();
    assert_eq!(rows(&copied, "invocations"), 30);
    assert_eq!(rows(&copied, "turns"), 31);
    let again = Database::copy(&from, &url(&two)).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
}

#[tokio::test]
async fn from_a_file_to_a_server_and_back() {
    let Some(server) = postgres_database() else {
        return;
    };
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let from = filled(&one).await;
    let there = Database::copy(&from, &server).await.unwrap();
    let back = Database::copy(&server, &url(&two)).await.unwrap();
    assert_eq!(there, back);
    assert_eq!(rows(&there, "attempts"), rows(&back, "attempts"));

    // The secrets open there with the same key.
    let moved = crate::postgres::open(&server).await;
    let ws = moved.first_workspace().await.unwrap().unwrap().id;
    let action = moved.actions(ws, all()).await.unwrap().rows.remove(0);
    let secrets = moved.action_secrets(ws, action.id, action.created_at).await;
    assert_eq!(secrets.unwrap().signing[0].secret.expose(), "whsec_first");
    moved.close().await;
}

#[tokio::test]
async fn a_running_database_is_copied() {
    let dir = tempfile::tempdir().unwrap();
    let w = World::new(Arc::new(open(&url(&dir)).await)).await;
    let running = w.running().await;
    let file = dir.path().join("copy.db");
    Database::backup(&url(&dir), &file).await.unwrap();
    w.store.finish_turn(&w.end(&running)).await.unwrap();

    let copy = open(&format!("sqlite://{}", file.display())).await;
    let turns = copy.turns(w.ws, running.conversation.id, 5).await.unwrap();
    assert_eq!((turns.len(), turns[0].finished_at), (1, None));
    copy.close().await;
    let again = Database::backup(&url(&dir), &file).await;
    assert!(matches!(again, Err(StoreError::File { .. })), "{again:?}");
    w.store.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_copy_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let from = filled(&dir).await;
    let file = dir.path().join("copy.db");
    Database::backup(&from, &file).await.unwrap();
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
