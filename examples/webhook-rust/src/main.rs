//! A small shop that answers Deskhand's action `check_order_status`: HTTPS, the signature verified,
//! every `Idempotency-Key` worked on once.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program of its own, with its own environment and output"
)]

use std::collections::{HashMap, VecDeque};
use std::env;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Deskhand sends at most this much.
const BODY_BYTES: usize = 256 * 1024;
/// Keys to remember. A real system has them in its database, in the transaction that does the work.
const KEYS: usize = 10_000;

struct Shop {
    webhook: Webhook,
    answers: Mutex<Answers>,
}

/// What was answered, by key; the oldest goes when it is full.
#[derive(Default)]
struct Answers {
    by_key: HashMap<String, Value>,
    in_order: VecDeque<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let secret = env::var("WEBHOOK_SECRET").context("WEBHOOK_SECRET: whsec_…")?;
    let shop = Arc::new(Shop {
        webhook: Webhook::new(&secret).context("WEBHOOK_SECRET")?,
        answers: Mutex::default(),
    });
    let tls = tls()?;
    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8443".to_owned());
    let listener = TcpListener::bind(&listen).await.context(listen)?;
    println!("listening on https://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let (tls, shop) = (tls.clone(), Arc::clone(&shop));
        tokio::spawn(async move {
            if let Err(error) = serve(stream, tls, shop).await {
                eprintln!("a connection ended: {error:#}");
            }
        });
    }
}

fn tls() -> anyhow::Result<TlsAcceptor> {
    let certificate = env::var("TLS_CERT_FILE").context("TLS_CERT_FILE: a PEM file")?;
    let key = env::var("TLS_KEY_FILE").context("TLS_KEY_FILE: a PEM file")?;
    let chain = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .context(certificate)?;
    let key = PrivateKeyDer::from_pem_file(&key).context(key)?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, shop: Arc<Shop>) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let stream = tls.accept(stream).await?;
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(
            TokioIo::new(stream),
            service_fn(|request| answer(request, &shop)),
        )
        .await?;
    Ok(())
}

async fn answer(
    request: Request<Incoming>,
    shop: &Shop,
) -> Result<Response<Full<Bytes>>, hyper::http::Error> {
    if request.method() != Method::POST || request.uri().path() != "/deskhand/orders" {
        return reply(StatusCode::NOT_FOUND, &no("Nothing here"));
    }
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return reply(StatusCode::PAYLOAD_TOO_LARGE, &no("Too large")),
    };
    // The signature is over the bytes as they came: verify first, then parse.
    if let Err(error) = shop.webhook.verify(&body, &head.headers) {
        println!("refused: {error}");
        return reply(StatusCode::UNAUTHORIZED, &no("Bad signature"));
    }
    let key = head.headers.get("idempotency-key");
    let Some(key) = key.and_then(|key| key.to_str().ok()) else {
        return reply(StatusCode::BAD_REQUEST, &no("No idempotency key"));
    };
    match serde_json::from_slice::<Value>(&body) {
        Ok(call) if call["action"] == "check_order_status" => {
            reply(StatusCode::OK, &shop.once(key, &call["parameters"]))
        }
        _ => reply(StatusCode::BAD_REQUEST, &no("Not an action of this shop")),
    }
}

impl Shop {
    /// Does the work for a key the first time, and gives the same answer every time after. The lock is
    /// held meanwhile, so that a second request with the key waits for the first.
    fn once(&self, key: &str, parameters: &Value) -> Value {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers.by_key.get(key) {
            println!("{key}: answered before");
            return answer.clone();
        }
        let answer = look_up(parameters["order_number"].as_str().unwrap_or_default());
        println!("{key}: {answer}");
        if answers.in_order.len() == KEYS
            && let Some(oldest) = answers.in_order.pop_front()
        {
            answers.by_key.remove(&oldest);
        }
        answers.in_order.push_back(key.to_owned());
        answers.by_key.insert(key.to_owned(), answer.clone());
        answer
    }
}

fn look_up(number: &str) -> Value {
    let order = match number.trim().to_uppercase().as_str() {
        "ORD-12345" => json!({"status": "shipped", "tracking_number": "1Z999AA10123456784"}),
        "ORD-67890" => json!({"status": "processing"}),
        "ORD-24680" => json!({"status": "delivered"}),
        _ => return no("Order not found"),
    };
    json!({"success": true, "result": order})
}

fn no(error: &str) -> Value {
    json!({"success": false, "error": error})
}

fn reply(status: StatusCode, body: &Value) -> Result<Response<Full<Bytes>>, hyper::http::Error> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.to_string())))
}
