//! What connections the server takes.

use std::io::{Read, Write};

use crate::receivers::Certificate;
use crate::server::{connect, serve};

/// The bounds on slow requests and on readers that have stopped are those of HTTP/1: a stream of HTTP/2 can be
/// stalled where no write waits.
#[test]
fn only_http_1_is_spoken() {
    let certificate = Certificate::make();
    let (address, _process) = serve(&certificate, "");
    let mut stream = connect(&address);
    // RFC 9113 section 3.4: the preface of a client that knows that the server speaks HTTP/2, and its settings.
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .unwrap();
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).unwrap();
    let mut answer = [0; 64];
    // The connection may be reset while the rest of the preface is under way.
    let read = stream.read(&mut answer).unwrap_or(0);
    let answer = &answer[..read];
    assert!(
        answer.is_empty() || answer.starts_with(b"HTTP/1.1 "),
        "{answer:?}"
    );
}
