//! `deskhand serve` on a database that it cannot use, and killed between its work and its answer.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::receivers::Certificate;
use crate::server::{KEY, connect, request, serve_with};

/// What the program says of a database, with which it must not start.
fn refused(folder: &Path, url: &str) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_deskhand"))
        .arg("serve")
        .env_clear()
        .current_dir(folder)
        .env("DESKHAND_LISTEN", "127.0.0.1:0")
        .env("DESKHAND_LOG", "warn")
        .env("DESKHAND_DATABASE_URL", url)
        .env(
            "DESKHAND_SECRET_KEY",
            "a passphrase that only this test knows",
        )
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1), "{done:?}");
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    said
}

#[test]
fn a_database_that_cannot_be_used_is_named_with_the_mend() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("text.db"),
        "Not a database. ".repeat(100),
    )
    .unwrap();
    fs::create_dir(folder.path().join("folder.db")).unwrap();
    for (url, why, mend) in [
        (
            "sqlite://text.db",
            "file is not a database",
            "give the path of a database",
        ),
        (
            "sqlite://folder.db",
            "unable to open database file",
            "may read and write the file",
        ),
        ("sqlite://nowhere/x.db", "No such file", "nowhere/x.db"),
        (
            "postgres://deskhand:s3cret@127.0.0.1:1/shop",
            "Connection refused",
            "look whether it runs",
        ),
    ] {
        let said = refused(folder.path(), url);
        let name = url.replace(":s3cret", "");
        for part in [&*name, why, mend] {
            assert!(said.contains(part), "{part:?} is not in {said}");
        }
        assert_eq!(said.matches(why).count(), 1, "{said}");
    }
}

#[test]
fn a_damaged_database_is_named_with_the_mend() {
    let folder = Certificate::make();
    let file = folder.folder.path().join("deskhand.db");
    drop(serve_with(&folder, "", &[]));
    // Opened and closed, so that all of it is in the file.
    let url = format!("sqlite://{}", file.display());
    let copy = folder.folder.path().join("copy.db");
    let copied = Command::new(env!("CARGO_BIN_EXE_deskhand"))
        .args(["backup", copy.to_str().unwrap()])
        .env_clear()
        .env("DESKHAND_DATABASE_URL", &url)
        .status();
    assert!(copied.unwrap().success());
    let mut bytes = fs::read(&copy).unwrap();
    bytes[4096..].fill(0xa5);
    fs::write(&copy, bytes).unwrap();
    let said = refused(folder.folder.path(), "sqlite://copy.db");
    for part in ["copy.db", "malformed", "restore a backup"] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
}

/// Two would take each other's turns for left behind.
#[test]
fn a_second_server_on_the_same_file_does_not_start() {
    let folder = Certificate::make();
    let (_, first) = serve_with(&folder, "", &[]);
    let said = refused(folder.folder.path(), "sqlite://deskhand.db");
    assert!(said.contains("another server uses deskhand.db"), "{said}");
    // One that was killed leaves nothing behind.
    drop(first);
    serve_with(&folder, "", &[]);
}

#[test]
fn a_database_whose_key_is_another_one_is_not_served_and_no_key_is_made_for_it() {
    let folder = Certificate::make();
    drop(serve_with(&folder, "", &[]));
    let key = folder.folder.path().join("deskhand.db.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let another = refused(folder.folder.path(), "sqlite://deskhand.db");
    assert!(another.contains("made with another key"), "{another}");
    let lost = Command::new(env!("CARGO_BIN_EXE_deskhand"))
        .arg("serve")
        .env_clear()
        .current_dir(folder.folder.path())
        .env("DESKHAND_LISTEN", "127.0.0.1:0")
        .env("DESKHAND_LOG", "warn")
        .output()
        .unwrap();
    let said = String::from_utf8(lost.stderr).unwrap();
    assert_eq!(lost.status.code(), Some(1), "{said}");
    assert!(said.contains("put back the deskhand.db.key"), "{said}");
    assert!(!key.exists());
    fs::write(&key, kept).unwrap();
    serve_with(&folder, "", &[]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_key_that_could_not_be_shown_is_named() {
    let folder = Certificate::make();
    drop(serve_with(&folder, "", &[]));
    let keys = |arguments: &[&str], full: bool| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskhand"));
        command
            .arg("keys")
            .args(arguments)
            .env_clear()
            .current_dir(folder.folder.path());
        if full {
            command.stdout(fs::File::options().write(true).open("/dev/full").unwrap());
        }
        command.output().unwrap()
    };
    let made = keys(&["create", "mine"], true);
    let said = String::from_utf8(made.stderr).unwrap();
    assert_eq!(made.status.code(), Some(1), "{said}");
    let id = said
        .split_whitespace()
        .find(|word| word.starts_with("key_"));
    assert!(
        keys(&["delete", id.unwrap()], false).status.success(),
        "{said}"
    );
    let listed = keys(&["list"], true);
    assert_eq!(listed.status.code(), Some(1), "{listed:?}");
}

/// One request with an idempotency key; the whole answer, or what came of it before it was cut off.
fn post_once(address: &str, path: &str, body: &Value) -> String {
    use std::io::{Read, Write};
    let body = body.to_string();
    let mut stream = connect(address);
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {KEY}\r\n\
         content-type: application/json\r\nidempotency-key: once\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    // It may be cut off, which is what is looked at.
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
#[cfg(debug_assertions)]
fn what_was_made_before_a_crash_is_not_made_again() {
    for (path, body) in [
        ("/v1/agents", json!({"name": "Once"})),
        ("/v1/keys", json!({"name": "Once", "scope": "read"})),
    ] {
        let folder = Certificate::make();
        let dies = [("DESKHAND_CRASH_AT", "claim_settling:1")];
        let (address, server) = serve_with(&folder, "", &dies);
        let before = request(&address, "GET", path, &Value::Null);
        assert_eq!(post_once(&address, path, &body), "");
        drop(server);
        let (address, _server) = serve_with(&folder, "", &[]);
        let again = post_once(&address, path, &body);
        assert!(again.starts_with("HTTP/1.1 409"), "{again}");
        assert!(again.contains("idempotency_answer_lost"), "{again}");
        let after = request(&address, "GET", path, &Value::Null);
        let count = |list: &Value| list["data"].as_array().unwrap().len();
        assert_eq!(count(&after), count(&before) + 1);
    }
}

#[test]
#[cfg(debug_assertions)]
fn what_was_not_made_before_a_crash_is_made_when_it_is_asked_for_again() {
    let folder = Certificate::make();
    let dies = [("DESKHAND_CRASH_AT", "claim_made:1")];
    let (address, server) = serve_with(&folder, "", &dies);
    let body = json!({"name": "Once"});
    assert_eq!(post_once(&address, "/v1/agents", &body), "");
    drop(server);
    let (address, _server) = serve_with(&folder, "", &[]);
    let made = post_once(&address, "/v1/agents", &body);
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    let listed = request(&address, "GET", "/v1/agents", &Value::Null);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}
