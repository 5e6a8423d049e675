//! The connections to a provider.

use deskhand_domain::limits::IDLE_PER_PROVIDER;
use deskhand_model::NoDeltas;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::support::{model_at, prompt};

const WORD: &str =
    r#"{"choices":[{"index":0,"delta":{"content":"Hello."},"finish_reason":"stop"}]}"#;

/// Reads a request to the end of its body, which is JSON.
async fn read_request(stream: &mut TcpStream) {
    let mut read = Vec::new();
    loop {
        let mut piece = [0; 4_096];
        let length = stream.read(&mut piece).await.unwrap();
        assert!(length > 0, "the client went away");
        read.extend_from_slice(&piece[..length]);
        let text = String::from_utf8_lossy(&read);
        if let Some((_, body)) = text.split_once("\r\n\r\n")
            && serde_json::from_str::<serde_json::Value>(body).is_ok()
        {
            return;
        }
    }
}

async fn answer(stream: &mut TcpStream) {
    let body = format!("data: {WORD}\n\ndata: [DONE]\n\n");
    let length = body.len();
    let response = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(response.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn of_a_burst_only_so_many_are_kept() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap());
    let model = model_at(&url, "openai::scripted", None);
    let burst = IDLE_PER_PROVIDER + 20;
    let mut asking = JoinSet::new();
    let mut open = Vec::with_capacity(burst);
    for _ in 0..burst {
        let model = model.clone();
        asking.spawn(async move { model.answer(&prompt(), &mut NoDeltas).await });
        let (mut stream, _) = listener.accept().await.unwrap();
        // None has been answered yet, so each has a connection of its own.
        read_request(&mut stream).await;
        open.push(stream);
    }
    for stream in &mut open {
        answer(stream).await;
    }
    while let Some(answered) = asking.join_next().await {
        assert_eq!(answered.unwrap().unwrap().text, "Hello.");
    }
    let mut ends: JoinSet<usize> = JoinSet::new();
    for mut stream in open {
        ends.spawn(async move { stream.read(&mut [0; 1]).await.unwrap_or(0) });
    }
    for _ in IDLE_PER_PROVIDER..burst {
        assert_eq!(ends.join_next().await.unwrap().unwrap(), 0);
    }
    assert_eq!(ends.len(), IDLE_PER_PROVIDER);
    assert!(ends.try_join_next().is_none(), "the others are kept");
}
