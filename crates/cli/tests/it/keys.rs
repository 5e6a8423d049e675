//! `deskhand migrate` and `deskhand keys`, on a database in a folder of its own.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const FIRST: &str = "first-admin-key-0123456789-0123456789";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deskhand"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

/// What was printed by a run that went well.
fn good(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// What was said by a run that failed, in one line on stderr.
fn bad(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    assert_eq!(output.stdout, b"", "{arguments:?}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.starts_with("deskhand: "), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    errors
}

/// A database that `serve` has set up.
async fn set_up() -> tempfile::TempDir {
    use std::sync::Arc;

    use deskhand_domain::id::{KeyId, WorkspaceId};
    use deskhand_domain::workspace::{ApiKey, Scope, Workspace};
    use deskhand_store::{MasterKey, SqliteStore, Store};
    use sha2::{Digest, Sha256};

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("deskhand.db.key"), "07".repeat(32)).unwrap();
    let url = format!("sqlite://{}", folder.path().join("deskhand.db").display());
    let entropy = Arc::new(deskhand_testkit::SeededEntropy::new(1));
    let key = MasterKey::new([7; 32]);
    let store = SqliteStore::open(&url, &key, entropy.clone())
        .await
        .unwrap();
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    let workspace = Workspace {
        id: WorkspaceId::new(now, &*entropy),
        name: "Shop".to_owned(),
        created_at: now,
    };
    store.insert_workspace(&workspace).await.unwrap();
    let first = ApiKey {
        id: KeyId::new(now, &*entropy),
        workspace_id: workspace.id,
        name: "First".to_owned(),
        prefix: FIRST[..8].to_owned(),
        scope: Scope::Admin,
        agent_id: None,
        expires_at: None,
        created_at: now,
    };
    let hash = Sha256::digest(FIRST).into();
    store.insert_key(&first, hash).await.unwrap();
    store.close().await;
    folder
}

#[test]
fn migrate_makes_a_database_and_says_so_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = good(folder.path(), &["migrate"]);
    assert!(first.contains("applied  0001  first\n"), "{first}");
    let second: Value = serde_json::from_str(&good(folder.path(), &["migrate", "--json"])).unwrap();
    assert_eq!(second["applied"], serde_json::json!([]));
    assert!(second["version"].as_i64().unwrap() >= 2);
}

#[tokio::test]
async fn a_key_is_made_listed_and_deleted() {
    let folder = set_up().await;
    let folder = folder.path();
    let made: Value = serde_json::from_str(&good(
        folder,
        &["keys", "create", "CI", "--scope", "read", "--json"],
    ))
    .unwrap();
    let (id, text) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert!(text.starts_with("dhk_"));
    let list = good(folder, &["keys", "list"]);
    assert!(
        list.contains(id) && list.contains("CI") && list.contains("First"),
        "{list}"
    );
    assert!(!list.contains(text));
    let rows = good(folder, &["keys", "list", "--json"]);
    let scopes: Vec<Value> = rows
        .lines()
        .map(|row| serde_json::from_str::<Value>(row).unwrap()["scope"].take())
        .collect();
    assert_eq!(scopes, ["read", "admin"]);
    good(folder, &["keys", "delete", id]);
    assert!(bad(folder, &["keys", "delete", id]).contains("keys list"));
    let rows = good(folder, &["keys", "list", "--json"]);
    let first: Value = serde_json::from_str(&rows).unwrap();
    let last = bad(folder, &["keys", "delete", first["id"].as_str().unwrap()]);
    assert!(last.contains("make another one first"), "{last}");
}

#[tokio::test]
async fn what_cannot_be_made_is_said_by_field() {
    let folder = set_up().await;
    let folder = folder.path();
    let create = |more: &[&str]| bad(folder, &[&["keys", "create"], more].concat());
    assert!(create(&[" "]).contains("name must be"));
    let gone = create(&["x", "--scope", "chat", "--agent", "agt_nobody"]);
    assert!(gone.contains("agent_id is not"), "{gone}");
    let past = create(&["x", "--expires", "2020-01-01T00:00:00Z"]);
    assert!(past.contains("expires_at must be in the future"), "{past}");
}

#[test]
fn without_a_database_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let said = bad(folder.path(), &["keys", "list"]);
    assert!(said.contains("deskhand serve"), "{said}");
    good(folder.path(), &["migrate"]);
    let said = bad(folder.path(), &["keys", "list"]);
    assert!(said.contains("DESKHAND_SECRET_KEY"), "{said}");
    assert!(!folder.path().join("deskhand.db.key").exists());
}

#[test]
fn there_are_completions_for_every_shell() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = good(folder.path(), &["completions", shell]);
        assert!(script.contains("invocations"), "{shell}");
    }
}

#[test]
fn an_argument_that_cannot_be_meant_says_what_it_must_be() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, said) in [
        (
            &["keys", "create", "x", "--expires", "yesterday"][..],
            "must be a time such as 2026-03-25T10:00:00Z",
        ),
        (
            &["keys", "create", "x", "--expires", "9999-12-31T23:59:59Z"],
            "the last is 9999-12-30T22:00:00Z",
        ),
        (
            &["invocations", "list", "--limit", "0"],
            "must be a whole number from 1",
        ),
    ] {
        let output = run(folder.path(), arguments);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains(said), "{arguments:?}: {errors}");
    }
    let moved = [
        "migrate",
        "--from",
        "sqlite://a.db",
        "--to",
        "sqlite://b.db?x=1",
    ];
    assert!(bad(folder.path(), &moved).contains("leave out the ?"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
