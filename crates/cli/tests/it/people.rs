//! The links that `serve` and `demo` print, followed as a browser would.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::process::Process;
use crate::server::connect;

fn start(command: &str, folder: &Path) -> Process {
    Process::start(
        Command::new(env!("CARGO_BIN_EXE_deskhand"))
            .arg(command)
            .env_clear()
            .current_dir(folder)
            .env("DESKHAND_LISTEN", "127.0.0.1:0"),
    )
}

/// The address and the token of a link in this line.
fn link(line: &str, page: &str) -> (String, String) {
    let (before, after) = line.split_once(&format!("/{page}#")).unwrap();
    let (_, address) = before.split_once("http://").unwrap();
    let token = after.split_whitespace().next().unwrap();
    (address.to_owned(), token.to_owned())
}

/// One request from a page of the server's own: head and body of the answer.
fn ask(address: &str, method: &str, path: &str, cookie: &str, body: &Value) -> (String, Value) {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let mut stream = connect(address);
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\n\
         cookie: {cookie}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (
        head.to_owned(),
        serde_json::from_str(body).unwrap_or_default(),
    )
}

fn cookie(head: &str) -> String {
    let line = head.lines().find(|line| line.starts_with("set-cookie: "));
    let value = line.unwrap().trim_start_matches("set-cookie: ");
    value.split(';').next().unwrap().to_owned()
}

#[test]
fn serve_prints_a_set_up_link_until_there_is_an_account() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = start("serve", folder.path());
    let (_, stale) = link(&first.line("/setup#"), "setup");
    drop(first);

    let mut second = start("serve", folder.path());
    let (address, token) = link(&second.line("/setup#"), "setup");
    let account = |token: &str| {
        json!({
            "token": token, "workspace_name": "Willow & Co.", "name": "Ada",
            "email": "ada@example.com", "password": "correct horse battery",
        })
    };
    let (head, _) = ask(&address, "POST", "/v1/setup", "", &account(&stale));
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    let (head, session) = ask(&address, "POST", "/v1/setup", "", &account(&token));
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    assert_eq!(session["workspace"]["name"], "Willow & Co.");
    // The workspace is new, and works: a key of its own can be made in it.
    let key = json!({"name": "CI", "scope": "admin"});
    let (head, _) = ask(&address, "POST", "/v1/keys", &cookie(&head), &key);
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    drop(second);

    let mut third = start("serve", folder.path());
    third.line("\"ready\"");
    assert!(!third.seen().iter().any(|line| line.contains("/setup#")));
}

#[test]
fn the_demo_prints_a_link_that_signs_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = start("demo", folder.path());
    let (address, token) = link(&demo.line("/sign-in#"), "sign-in");
    let token = json!({"token": token});
    let (head, session) = ask(&address, "POST", "/v1/session/link", "", &token);
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
    let cookie = cookie(&head);
    let (_, agents) = ask(&address, "GET", "/v1/agents", &cookie, &Value::Null);
    assert_eq!(agents["data"][0]["name"], "Willow & Co.");
    let (_, sessions) = ask(&address, "GET", "/v1/sessions", &cookie, &Value::Null);
    assert_eq!(sessions["data"].as_array().unwrap().len(), 1);
    assert_eq!(sessions["data"][0]["id"], session["id"]);
    let (head, _) = ask(&address, "POST", "/v1/session/link", "", &token);
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
}
