//! `deskhand serve` asked to stop while a message is being answered.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use crate::process::Process;
use crate::receivers::Certificate;
use crate::server::{connect, request, serve_with};

/// A model provider that takes requests and never answers. Tells of each.
fn silent_model() -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap());
    let (sender, asked) = channel();
    thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming().map_while(Result::ok) {
            held.push(stream);
            if sender.send(()).is_err() {
                break;
            }
        }
    });
    (url, asked)
}

fn say(address: &str, agent: &str) -> JoinHandle<String> {
    let (address, agent) = (address.to_owned(), agent.to_owned());
    thread::spawn(move || {
        let body = json!({"message": "Hello"}).to_string();
        let mut stream = connect(&address);
        write!(
            stream,
            "POST /v1/agents/{agent}/chat HTTP/1.1\r\nhost: {address}\r\n\
             authorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            crate::server::KEY,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        // It may be cut off, which is one of the things looked at.
        let _ = stream.read_to_string(&mut answer);
        answer
    })
}

fn terminate(process: &Process) {
    let pid = process.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(sent.unwrap().success());
}

/// A server with an agent whose model is being asked, and the client that waits.
fn asking(folder: &Certificate, drain: &str) -> (Process, JoinHandle<String>) {
    let (url, asked) = silent_model();
    let settings = [
        ("DESKHAND_MODEL", "openai::test"),
        ("DESKHAND_MODEL_URL", url.as_str()),
        ("DESKHAND_MODEL_API_KEY", "sk-test"),
        ("DESKHAND_DRAIN_SECONDS", drain),
    ];
    let (address, server) = serve_with(folder, "", &settings);
    let agent = request(&address, "POST", "/v1/agents", &json!({"name": "Shop"}));
    let client = say(&address, agent["id"].as_str().unwrap());
    asked.recv().unwrap();
    (server, client)
}

fn answered_at_the_next_start(folder: &Certificate) {
    let (address, _server) = serve_with(folder, "", &[]);
    let listed = request(&address, "GET", "/v1/conversations", &Value::Null);
    let path = format!(
        "/v1/conversations/{}",
        listed["data"][0]["id"].as_str().unwrap()
    );
    loop {
        let talk = request(&address, "GET", &path, &Value::Null);
        if talk["turns"][0]["status"] != "running" {
            assert_eq!(talk["turns"][0]["status"], "completed", "{talk}");
            assert_eq!(talk["messages"].as_array().unwrap().len(), 2);
            return;
        }
    }
}

#[test]
fn what_takes_too_long_is_handed_over_and_answered_at_the_next_start() {
    let folder = Certificate::make();
    let (mut server, client) = asking(&folder, "0");
    terminate(&server);
    server.line("handed over");
    server.line("stopped");
    let answer = client.join().unwrap();
    assert!(answer.starts_with("HTTP/1.1 409"), "{answer}");
    assert!(answer.contains("do not send it again"), "{answer}");
    drop(server);
    answered_at_the_next_start(&folder);
}

#[test]
fn asked_a_second_time_it_stops_at_once() {
    let folder = Certificate::make();
    let (mut server, client) = asking(&folder, "60");
    terminate(&server);
    server.line("stopping");
    terminate(&server);
    server.line("stopped at once");
    client.join().unwrap();
    drop(server);
    answered_at_the_next_start(&folder);
}
