//! The endpoint of all actions. It keeps a log of its own of every request that reached it, which is what
//! Deskhand's record is held against at the end.

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::callbacks::{Callbacks, Report};
use crate::trigger::{Place, Trigger};
use crate::work::{Action, How, receipt};

/// How long a slow answer takes, at the least and at the most, and one that comes too late.
const SLOW_MS: (u64, u64) = (150, 1_200);
const HANG: Duration = Duration::from_secs(8);

/// What was answered to a request, once the last of it was on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Success,
    Decline,
    Error,
    Accepted,
    Garbage,
    /// Broken off in the middle.
    Half,
}

/// One request that reached the endpoint.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its `webhook-id`.
    pub invocation: String,
    /// Its `idempotency-key`, without the quotes.
    pub key: String,
    /// What it asked for; null if the body never came whole.
    pub body: Option<(Action, String)>,
    pub answer: Option<Answer>,
}

/// Every request, in the order in which they came.
#[derive(Debug, Default)]
pub struct Log(Mutex<Vec<Received>>);

impl Log {
    fn lock(&self) -> MutexGuard<'_, Vec<Received>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All of them.
    pub fn all(&self) -> Vec<Received> {
        self.lock().clone()
    }

    fn begin(&self, headers: &HeaderMap) -> usize {
        let text = |name| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().trim_matches('"').to_owned()
        };
        let mut all = self.lock();
        all.push(Received {
            invocation: text("webhook-id"),
            key: text("idempotency-key"),
            body: None,
            answer: None,
        });
        all.len() - 1
    }
}

/// What the endpoint needs to answer.
pub struct Receiver {
    pub log: Log,
    pub trigger: Arc<Trigger>,
    pub callbacks: Arc<Callbacks>,
    /// Invocations that have been told to come again.
    busy: Mutex<HashSet<String>>,
}

type Body = UnsyncBoxBody<Bytes, std::io::Error>;

impl Receiver {
    pub fn new(trigger: Arc<Trigger>, callbacks: Arc<Callbacks>) -> Self {
        Self {
            log: Log::default(),
            trigger,
            callbacks,
            busy: Mutex::default(),
        }
    }

    /// Answers until the process ends.
    pub async fn accept(self: Arc<Self>, listener: TcpListener, tls: TlsAcceptor) {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(Arc::clone(&self).connection(stream, tls.clone()));
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream, tls: TlsAcceptor) {
        // A client that dies in the handshake or later is what all this is for.
        let Ok(stream) = tls.accept(stream).await else {
            return;
        };
        let service = service_fn(|request| Arc::clone(&self).answer(request));
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, hyper::Error> {
        let (head, body) = request.into_parts();
        let place = self.log.begin(&head.headers);
        self.trigger.pass(Place::RequestBegun);
        let body: Value =
            serde_json::from_slice(&body.collect().await?.to_bytes()).unwrap_or_default();
        self.trigger.pass(Place::RequestRead);
        let wanted = &body["parameters"];
        let action = body["action"].as_str().and_then(Action::named);
        let order = wanted["order"].as_str().unwrap_or_default().to_owned();
        let how = wanted["how"].as_str().and_then(How::named);
        let (Some(action), Some(how)) = (action, how) else {
            return Ok(whole(400, Bytes::new()));
        };
        let invocation = {
            let mut log = self.log.lock();
            log[place].body = Some((action, order.clone()));
            log[place].invocation.clone()
        };
        let url = head.headers.get("deskhand-callback-url");
        if let Some(url) = url.and_then(|url| url.to_str().ok())
            && !matches!(how, How::Decline | How::Fail | How::Busy)
        {
            self.callbacks.send(Report {
                invocation: invocation.clone(),
                url: url.to_owned(),
                order: order.clone(),
            });
        }
        // By the order, so that it is the same for a seed.
        let spread = order.bytes().map(u64::from).sum::<u64>() * 37 % (SLOW_MS.1 - SLOW_MS.0);
        match how {
            How::Slow => tokio::time::sleep(Duration::from_millis(SLOW_MS.0 + spread)).await,
            How::Hang => tokio::time::sleep(HANG).await,
            _ => {}
        }
        let first = || {
            let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
            busy.insert(invocation.clone())
        };
        let success = json!({ "success": true, "result": { "receipt": receipt(action, &order) } });
        let pending = json!({ "success": true, "status": "pending", "result": { "order": order } });
        let declined = json!({ "success": false, "error": "The shop said no" });
        let (status, answer, text) = match how {
            How::Decline => (200, Answer::Decline, declined.to_string()),
            How::Fail => (500, Answer::Error, "{}".to_owned()),
            How::Busy if first() => (503, Answer::Error, "{}".to_owned()),
            How::Garbage => (200, Answer::Garbage, "<p>All is well</p>".to_owned()),
            How::Cut => (200, Answer::Half, success.to_string()),
            _ if action == Action::Refund => (202, Answer::Accepted, pending.to_string()),
            _ => (200, Answer::Success, success.to_string()),
        };
        Ok(self.in_halves(place, status, answer, text))
    }

    /// An answer in two pieces, the second of which may never come.
    fn in_halves(
        self: Arc<Self>,
        place: usize,
        status: u16,
        answer: Answer,
        text: String,
    ) -> Response<Body> {
        let (head, tail) = text.split_at(text.len() / 2);
        let halves = [Bytes::from(head.to_owned()), Bytes::from(tail.to_owned())];
        let stream = stream::unfold(0, move |step| {
            let (own, halves) = (Arc::clone(&self), halves.clone());
            async move {
                match step {
                    0 => Some((Ok(Frame::data(halves[0].clone())), 1)),
                    1 => {
                        // Lets the first half be written.
                        tokio::task::yield_now().await;
                        own.trigger.pass(Place::HalfAnswered);
                        if answer == Answer::Half {
                            own.log.lock()[place].answer = Some(answer);
                            let cut = std::io::Error::other("cut on purpose");
                            return Some((Err(cut), 3));
                        }
                        Some((Ok(Frame::data(halves[1].clone())), 2))
                    }
                    2 => {
                        own.log.lock()[place].answer = Some(answer);
                        let trigger = Arc::clone(&own.trigger);
                        tokio::spawn(async move { trigger.pass(Place::Answered) });
                        None
                    }
                    _ => None,
                }
            }
        });
        let mut response = Response::new(StreamBody::new(stream).boxed_unsync());
        head_of(&mut response, status);
        response
    }
}

fn whole(status: u16, body: Bytes) -> Response<Body> {
    let body = http_body_util::Full::new(body).map_err(|never| match never {});
    let mut response = Response::new(body.boxed_unsync());
    head_of(&mut response, status);
    response
}

fn head_of(response: &mut Response<Body>, status: u16) {
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    let kind = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", kind);
}

/// A certificate for loopback, made on the spot, and the authority that signed it, as PEM.
pub fn identity() -> Result<(TlsAcceptor, String)> {
    let mut ca = rcgen::CertificateParams::new(Vec::new())?;
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca_key = rcgen::KeyPair::generate()?;
    let ca_pem = ca.self_signed(&ca_key)?.pem();
    let issuer = rcgen::Issuer::new(ca, ca_key);
    let key = rcgen::KeyPair::generate()?;
    let certificate = rcgen::CertificateParams::new(vec![Ipv4Addr::LOCALHOST.to_string()])?
        .signed_by(&key, &issuer)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?,
        )?;
    Ok((TlsAcceptor::from(Arc::new(config)), ca_pem))
}

/// Listens on loopback.
pub async fn listen() -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}
