//! A running `deskhand serve`, and its API.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use serde_json::Value;

use crate::process::Process;
use crate::receivers::Certificate;

pub(crate) const KEY: &str = "an-admin-key-that-only-this-test-knows";

/// Starts `deskhand serve` on a free port. Between finding one and using it somebody else may take
/// it: then it says so, and another is found.
pub(crate) fn serve(certificate: &Certificate, egress_allow: &str) -> (String, Process) {
    serve_with(certificate, egress_allow, &[])
}

/// The same with more settings.
pub(crate) fn serve_with(
    certificate: &Certificate,
    egress_allow: &str,
    more: &[(&str, &str)],
) -> (String, Process) {
    loop {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap().to_string();
        drop(free);
        let mut process = Process::start(
            Command::new(env!("CARGO_BIN_EXE_deskhand"))
                .arg("serve")
                .env_clear()
                .current_dir(certificate.folder.path())
                .env("DESKHAND_LISTEN", &listen)
                .env("DESKHAND_BOOTSTRAP_API_KEY", KEY)
                .env("DESKHAND_EGRESS_ALLOW", egress_allow)
                .env("DESKHAND_EGRESS_CA_FILE", certificate.root())
                .envs(more.iter().copied()),
        );
        match process.try_line("\"ready\"") {
            Ok(_) => return (listen, process),
            Err(printed) => assert!(printed.contains("cannot listen on"), "{printed}"),
        }
    }
}

/// One request to the API, which must succeed.
pub(crate) fn request(address: &str, method: &str, path: &str, body: &Value) -> Value {
    let body = body.to_string();
    let mut stream = connect(address);
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {KEY}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 2"), "{method} {path}: {answer}");
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_str(body).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's own servers on loopback"
)]
pub(crate) fn connect(address: &str) -> TcpStream {
    TcpStream::connect(address).unwrap()
}
