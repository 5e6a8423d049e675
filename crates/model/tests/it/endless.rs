//! Servers that go on and on.

use deskhand_domain::limits::MODEL_EVENT_BYTES;
use deskhand_domain::prompt::Answer;
use deskhand_model::{ModelError, NoDeltas};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{PROVIDERS, is_retry, model_at, prompt};

/// Sends bytes without an end after a head, and says how many went out before the client hung up.
async fn endless(provider: &str, piece: &'static [u8]) -> (Result<Answer, ModelError>, usize) {
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
    let outcome = model_at(&url, &format!("{provider}::scripted"), None)
        .answer(&prompt(), &mut NoDeltas)
        .await;
    (outcome, sending.await.unwrap())
}

#[tokio::test]
async fn a_line_without_an_end_is_hung_up_on() {
    for provider in PROVIDERS {
        for piece in [&[b'x'; 4_096][..], b"data: more and more of the same\n"] {
            let (outcome, sent) = endless(provider, piece).await;
            assert!(is_retry(&outcome), "{provider}: {outcome:?}");
            // What sockets hold on the way comes on top.
            assert!(
                sent < MODEL_EVENT_BYTES + 16 * 1024 * 1024,
                "{provider}: {sent}"
            );
        }
    }
}

async fn refuses_without_an_end(listener: TcpListener) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let _ = stream.read(&mut [0; 4_096]).await.unwrap();
    let head = b"HTTP/1.1 400 Bad Request\r\n\r\n";
    stream.write_all(head).await.unwrap();
    while stream.write_all(&[b'x'; 4_096]).await.is_ok() {}
}

#[tokio::test]
async fn a_refusal_without_an_end_is_read_as_far_as_it_tells_something() {
    for provider in PROVIDERS {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/v1/", listener.local_addr().unwrap());
        tokio::spawn(refuses_without_an_end(listener));
        let outcome = model_at(&url, &format!("{provider}::scripted"), None)
            .answer(&prompt(), &mut NoDeltas)
            .await;
        let expected = ModelError::give_up("400 Bad Request");
        assert_eq!(outcome, Err(expected), "{provider}");
    }
}
