//! A server on a real socket that speaks OpenAI's chat completions and Anthropic's messages (both
//! streamed and not), says what a test told it to, keeps the requests, and checks that the client
//! keeps to the protocol.

mod anthropic;
mod anthropic_protocol;
mod openai;
mod openai_protocol;
mod wire;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, Method, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use self::wire::Wire;

/// One call in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The id the model gives it; servers have been seen to repeat it or leave it empty.
    pub id: String,
    /// The function's name, not necessarily one on offer.
    pub name: String,
    /// Meant to be a JSON object, not necessarily one.
    pub arguments: String,
}

/// What the server does with one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Script {
    /// An answer: text, calls, or both, or neither.
    Answer {
        /// The text.
        text: String,
        /// The calls.
        calls: Vec<Call>,
    },
    /// A refusal.
    Status {
        /// The HTTP status.
        status: u16,
        /// `error.message` of the body.
        message: String,
        /// `Retry-After`, as it stands in the header.
        retry_after: Option<String>,
    },
    /// Takes the request and never answers.
    Hang,
    /// Sends the head and a first piece of text, then never another byte.
    HangMidStream(String),
    /// Sends a piece of text, and the same again after every such time, for ever.
    Trickle {
        /// The piece.
        text: String,
        /// The time.
        every: Duration,
    },
    /// Sends the head and after every such time a sign of life, but never an answer.
    Heartbeats(Duration),
    /// Sends a piece of text and closes the connection.
    Cut(String),
    /// Sends a piece of text and ends the stream properly, but without the end mark.
    NoEnd(String),
    /// Sends a piece of text, then an error event.
    ErrorMidStream(String),
    /// An answer whose body is these bytes as they stand.
    Raw(String),
    /// An answer whose body is these pieces as they stand, each sent after such a time.
    Pieces {
        /// The pieces.
        pieces: Vec<String>,
        /// The time.
        every: Duration,
    },
    /// An answer whose body is these bytes again and again, as fast as they are read.
    Flood(String),
}

/// A request as the server got it.
#[derive(Debug, Clone)]
pub struct Received {
    /// Path and query.
    pub path: String,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, `null` if it was not JSON.
    pub body: Value,
}

impl Received {
    /// The messages sent along.
    pub fn messages(&self) -> &[Value] {
        self.body["messages"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The names of the functions on offer.
    pub fn tool_names(&self) -> Vec<&str> {
        self.body["tools"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|tool| {
                tool.pointer("/function/name")
                    .or(tool.get("name"))?
                    .as_str()
            })
            .collect()
    }
}

/// The server. It stops when it is dropped.
#[derive(Debug)]
pub struct ModelServer {
    address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    inner: Mutex<Inner>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    scripts: VecDeque<Script>,
    always: Option<Script>,
    requests: Vec<Received>,
    violations: Vec<String>,
    calls_made: usize,
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ModelServer {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port on loopback");
        let address = listener.local_addr().expect("a bound listener");
        let state = Arc::new(State::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self {
            address,
            state,
            accepting,
        }
    }

    /// What goes into `DESKHAND_MODEL_URL`, for `openai::…` and `anthropic::…` alike.
    pub fn url(&self) -> String {
        format!("http://{}/v1/", self.address)
    }

    /// Queues a plain reply.
    pub fn reply(&self, text: &str) -> &Self {
        self.script(Script::Answer {
            text: text.to_owned(),
            calls: Vec::new(),
        })
    }

    /// Queues one call.
    pub fn call(&self, name: &str, arguments: Value) -> &Self {
        self.calls([(name, arguments)])
    }

    /// Queues several calls in one answer.
    pub fn calls<'a>(&self, calls: impl IntoIterator<Item = (&'a str, Value)>) -> &Self {
        let calls = calls
            .into_iter()
            .map(|(name, arguments)| Call {
                id: self.fresh_id(),
                name: name.to_owned(),
                arguments: arguments.to_string(),
            })
            .collect();
        self.script(Script::Answer {
            text: String::new(),
            calls,
        })
    }

    /// Queues one call whose arguments are this text, whatever it is.
    pub fn call_raw(&self, name: &str, arguments: &str) -> &Self {
        let id = self.fresh_id();
        self.calls_with_ids([(id.as_str(), name, arguments)])
    }

    /// Queues several calls in one answer with ids of the test's choice: id, name, arguments.
    pub fn calls_with_ids<'a>(
        &self,
        calls: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>,
    ) -> &Self {
        self.script(Script::Answer {
            text: String::new(),
            calls: calls
                .into_iter()
                .map(|(id, name, arguments)| Call {
                    id: id.to_owned(),
                    name: name.to_owned(),
                    arguments: arguments.to_owned(),
                })
                .collect(),
        })
    }

    /// Queues a refusal with a message.
    pub fn status(&self, status: u16, message: &str) -> &Self {
        self.script(Script::Status {
            status,
            message: message.to_owned(),
            retry_after: None,
        })
    }

    /// Queues a 429 with `Retry-After`.
    pub fn too_many(&self, retry_after: &str) -> &Self {
        self.script(Script::Status {
            status: 429,
            message: "Rate limit reached".to_owned(),
            retry_after: Some(retry_after.to_owned()),
        })
    }

    /// Queues anything.
    pub fn script(&self, script: Script) -> &Self {
        self.state.lock().scripts.push_back(script);
        self
    }

    /// What to do whenever the queue is empty, in place of a 500.
    pub fn always(&self, script: Script) -> &Self {
        self.state.lock().always = Some(script);
        self
    }

    /// The requests so far, oldest first.
    pub fn requests(&self) -> Vec<Received> {
        self.state.lock().requests.clone()
    }

    /// The latest request.
    ///
    /// # Panics
    /// If there was none.
    pub fn last_request(&self) -> Received {
        self.requests().pop().expect("a request was made")
    }

    /// How many scripts are still queued.
    pub fn left(&self) -> usize {
        self.state.lock().scripts.len()
    }

    /// Waits until that many requests have arrived.
    pub async fn arrived(&self, count: usize) {
        loop {
            let next = self.state.arrived.notified();
            if self.state.lock().requests.len() >= count {
                return;
            }
            next.await;
        }
    }

    /// What the client did wrong so far.
    pub fn violations(&self) -> Vec<String> {
        self.state.lock().violations.clone()
    }

    /// Fails the test if the client ever broke the protocol.
    ///
    /// # Panics
    /// If it did.
    pub fn assert_protocol(&self) {
        let violations = self.violations();
        assert!(
            violations.is_empty(),
            "the model client broke the protocol:\n{}",
            violations.join("\n")
        );
    }

    fn fresh_id(&self) -> String {
        let mut inner = self.state.lock();
        inner.calls_made += 1;
        format!("call_{}", inner.calls_made)
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    // Dropped, and with it every open connection, when this task is aborted.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        connections.spawn(async move {
            let service = service_fn(move |request| handle(request, Arc::clone(&state)));
            // A client that goes away is no concern of the server's.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn handle(
    request: Request<Incoming>,
    state: Arc<State>,
) -> Result<Response<wire::Body>, hyper::Error> {
    let (head, body) = request.into_parts();
    let bytes = body.collect().await?.to_bytes();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let path = head.uri.to_string();
    let wire = Wire::of(&path);
    let script = {
        let mut inner = state.lock();
        let number = inner.requests.len() + 1;
        let mut found = wire
            .unwrap_or(Wire::OpenAi)
            .violations(&head.headers, &body);
        if head.method != Method::POST || wire.is_none() {
            found.push(format!(
                "{} {path} is neither POST /v1/chat/completions nor POST /v1/messages",
                head.method
            ));
        }
        inner.violations.extend(
            found
                .into_iter()
                .map(|what| format!("request {number}: {what}")),
        );
        let script = inner.scripts.pop_front().or_else(|| inner.always.clone());
        inner.requests.push(Received {
            path,
            headers: head.headers,
            body: body.clone(),
        });
        script
    };
    state.arrived.notify_waiters();
    let script = script.unwrap_or_else(|| Script::Status {
        status: 500,
        message: "the model server has nothing left to say".to_owned(),
        retry_after: None,
    });
    Ok(wire::perform(script, wire.unwrap_or(Wire::OpenAi), body["stream"] == true).await)
}
