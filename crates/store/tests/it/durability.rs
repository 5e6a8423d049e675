//! What is promised of the files: nothing lost, nothing readable that is secret.

use std::path::Path;
use std::sync::Arc;

use deskhand_domain::id::WorkspaceId;
use deskhand_domain::secret::Secret;
use deskhand_domain::workspace::Workspace;
use deskhand_store::{ActionSecrets, Claimed, MasterKey, SqliteStore, Store, StoreError};

use crate::sqlite::{open, url};
use crate::world::*;

#[tokio::test]
async fn reopening_after_a_drop_keeps_everything() {
    let dir = tempfile::tempdir().unwrap();
    let w = World::new(Arc::new(open(&url(&dir)).await)).await;
    let running = w.running().await;
    let (ws, id, action) = (w.ws, running.conversation.id, w.action.clone());
    drop(w);
    let store = open(&url(&dir)).await;
    assert_eq!(
        store.past_turns(ws, id, 1).await.unwrap()[0].message,
        Some(running.message)
    );
    assert_eq!(store.action(ws, action.id).await.unwrap(), action);
    let secrets = store.action_secrets(ws, action.id, action.created_at).await;
    assert_eq!(secrets.unwrap().signing[0].secret.expose(), "whsec_first");
}

#[tokio::test]
async fn a_thousand_writes_at_once_are_all_there_without_a_close() {
    let dir = tempfile::tempdir().unwrap();
    let w = Arc::new(World::new(Arc::new(open(&url(&dir)).await)).await);
    let tasks: Vec<_> = (0..1_000)
        .map(|_| {
            let w = w.clone();
            tokio::spawn(async move { w.running().await.conversation.id })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.unwrap());
    }
    // A second server reads the files while the first still has them.
    let second = open(&url(&dir)).await;
    for id in ids {
        second.conversation(w.ws, id).await.unwrap();
    }
}

fn bytes_of_all_files(dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    bytes
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn no_secret_is_readable_in_any_file() {
    let dir = tempfile::tempdir().unwrap();
    let w = World::new(Arc::new(open(&url(&dir)).await)).await;
    let canaries: Vec<String> = (0..50).map(|n| format!("canary-{n:02}-3f9c")).collect();
    let mut action = w.new_action("cancel_order");
    let names: Vec<String> = (0..20).map(|n| format!("x-secret-{n}")).collect();
    with_headers(
        &mut action,
        &names.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let values = canaries.iter().map(Secret::new);
    let secrets = ActionSecrets {
        headers: names.into_iter().zip(values).collect(),
        ..signing("canary-sign-77")
    };
    w.store.insert_action(&action, &secrets).await.unwrap();
    for canary in &canaries[20..] {
        let now = w.now();
        w.store
            .rotate_signing_secret(w.ws, action.id, &Secret::new(canary), now, now)
            .await
            .unwrap();
    }
    let claim = w.claim_key("retry-1", 1);
    let Claimed::Fresh(id) = w.store.claim(&claim).await.unwrap() else {
        panic!("a new key is fresh");
    };
    w.store
        .settle_claim(w.ws, &id, &answer(201), claim.keep_until)
        .await
        .unwrap();
    let live = bytes_of_all_files(dir.path());
    w.store.close().await;
    let closed = bytes_of_all_files(dir.path());
    // The search itself finds what is there.
    assert!(holds(&live, "cancel_order") && holds(&closed, "cancel_order"));
    for text in
        canaries
            .iter()
            .map(String::as_str)
            .chain(["canary-sign-77", "whsec_first", "dhk_canary"])
    {
        assert!(!holds(&live, text) && !holds(&closed, text), "{text}");
    }
    assert!(!holds(&live, "\x07".repeat(32).as_str()), "the master key");
}

#[tokio::test]
async fn another_master_key_opens_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let w = World::new(Arc::new(open(&url(&dir)).await)).await;
    let entropy = Arc::new(Seeded::default());
    let other = SqliteStore::open(&url(&dir), &MasterKey::new([8; 32]), entropy)
        .await
        .unwrap();
    let secrets = other.action_secrets(w.ws, w.action.id, w.now()).await;
    assert!(matches!(secrets, Err(StoreError::Damaged(_))));
}

#[tokio::test]
async fn a_ciphertext_copied_to_another_row_does_not_open() {
    let dir = tempfile::tempdir().unwrap();
    let w = World::new(Arc::new(open(&url(&dir)).await)).await;
    let cancel = w.insert_action("cancel_order").await;
    let conn = rusqlite::Connection::open(dir.path().join("deskhand.db")).unwrap();
    conn.execute(
        "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE action_id = ?)
         WHERE action_id = ?",
        (w.action.id.to_string(), cancel.id.to_string()),
    )
    .unwrap();
    let secrets = w.store.action_secrets(w.ws, cancel.id, w.now()).await;
    assert!(matches!(secrets, Err(StoreError::Damaged(_))));
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_a_new_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let w = World::new(Arc::new(open(&url(&dir)).await)).await;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
    }
    w.store.close().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/none/x.db", dir.path().display());
    let entropy = Arc::new(Seeded::default());
    let opened = SqliteStore::open(&url, &MasterKey::new([7; 32]), entropy).await;
    assert!(matches!(opened, Err(StoreError::File { .. })));
}

#[tokio::test]
async fn a_url_of_another_database_is_refused() {
    let entropy = Arc::new(Seeded::default());
    let opened = SqliteStore::open("mysql://db/x", &MasterKey::new([7; 32]), entropy).await;
    assert!(matches!(opened, Err(StoreError::Database(_))));
}

#[tokio::test]
async fn a_close_leaves_one_whole_file() {
    let dir = tempfile::tempdir().unwrap();
    let w = World::new(Arc::new(open(&url(&dir)).await)).await;
    w.store.close().await;
    let files = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(files, 1);
}

#[tokio::test]
async fn two_stores_in_memory_share_nothing() {
    let (one, two) = (open("sqlite::memory:").await, open("sqlite::memory:").await);
    let w = World::new(Arc::new(one)).await;
    assert!(two.first_workspace().await.unwrap().is_none());
    let workspace = Workspace {
        id: WorkspaceId::new(w.now(), &w.entropy),
        name: "Two".to_owned(),
        created_at: w.now(),
    };
    two.insert_workspace(&workspace).await.unwrap();
    assert_eq!(w.store.first_workspace().await.unwrap().unwrap().id, w.ws);
}
