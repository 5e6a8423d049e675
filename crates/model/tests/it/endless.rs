//! Servers of chat completions that go on and on.

use deskhand_domain::limits::MODEL_EVENT_BYTES;
use deskhand_domain::prompt::Answer;
use deskhand_model::{ModelError, NoDeltas};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{is_retry, model_at, prompt};

/// Sends bytes without an end after a head, and says how many went out before the client hung up.
async fn endless(piece: &'static [u8]) -> (Result<Answer, ModelError>, usize) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap());
    let sending = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4_096]).await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
        stream.write_all(head).await.unwrap();
        let mut sent = 0;
        while stream.write_all(piece).await.is_ok() {
            sent += piece.len();
        }
        sent
    });
    let outcome = model_at(&url, "openai::scripted", None)
        .answer(&prompt(), &mut NoDeltas)
        .await;
    (outcome, sending.await.unwrap())
}

#[tokio::test]
async fn a_line_without_an_end_is_hung_up_on() {
    for piece in [&[b'x'; 4_096][..], b"data: more and more of the same\n"] {
        let (outcome, sent) = endless(piece).await;
        assert!(is_retry(&outcome), "{outcome:?}");
        // What sockets hold on the way comes on top.
        assert!(sent < MODEL_EVENT_BYTES + 16 * 1024 * 1024, "{sent}");
    }
}

#[tokio::test]
async fn a_refusal_without_an_end_is_read_as_far_as_it_tells_something() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4_096]).await.unwrap();
        let head = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        stream.write_all(head).await.unwrap();
        while stream.write_all(&[b'x'; 4_096]).await.is_ok() {}
    });
    let outcome = model_at(&url, "openai::scripted", None)
        .answer(&prompt(), &mut NoDeltas)
        .await;
    assert_eq!(outcome, Err(ModelError::give_up("400 Bad Request")));
}
