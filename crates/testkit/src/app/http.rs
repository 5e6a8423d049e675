//! The smallest HTTP client that serves: one request, one connection.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// An answer of the API.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The body, if the status is this one.
    ///
    /// # Panics
    /// If it is another.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The `code`, if this is a problem with the given status in the full shape of one (RFC 9457).
    ///
    /// # Panics
    /// If it is not.
    pub fn problem(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        assert_eq!(self.body["status"], status, "{}", self.text);
        for field in ["type", "title", "detail", "code"] {
            let text = self.body[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "no {field} in {}", self.text);
        }
        self.body["code"].as_str().expect("checked above")
    }

    /// The fields found wrong, if this is a refusal for wrong fields.
    ///
    /// # Panics
    /// If it is not.
    pub fn wrong_fields(&self) -> Vec<&str> {
        assert_eq!(self.problem(422), "invalid_fields", "{}", self.text);
        self.body["errors"]
            .as_array()
            .expect("a list of errors")
            .iter()
            .map(|error| {
                let message = error["message"].as_str().unwrap_or_default();
                assert!(!message.is_empty(), "{}", self.text);
                error["field"].as_str().expect("a field")
            })
            .collect()
    }
}

/// Makes one request on a connection of its own.
///
/// # Panics
/// If no answer comes.
#[expect(
    clippy::disallowed_methods,
    reason = "connects to a server of the same test, on loopback"
)]
pub async fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Answer {
    let stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("a live socket");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("a handshake");
    // Ends with the connection, which the answer does not wait for.
    let connection = tokio::spawn(connection);
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Full::new(Bytes::from(body)))
        .expect("a valid request");
    let response = sender.send_request(request).await.expect("an answer");
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.expect("a whole answer").to_bytes();
    connection.abort();
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body: serde_json::from_str(&text).unwrap_or(Value::Null),
        text,
    }
}
