//! The shop's own webhook server: HTTPS on loopback with a certificate made on the spot. It is what a
//! developer would write on their side: verify the signature, look the order up, answer.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use deskhand_domain::clock::Clock;
use deskhand_webhook::SigningSecret;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::{SignedDuration, Timestamp};
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::refunds::Refunds;
use crate::system::SystemClock;

const ORDERS_PATH: &str = "/deskhand/orders";
const REFUNDS_PATH: &str = "/deskhand/refunds";

/// Largest request body it reads.
const BODY_BYTES: usize = 64 * 1024;
/// How old a signature may be, in seconds (Standard Webhooks recommends five minutes).
const TOLERANCE_SECONDS: i64 = 300;

/// An order the shop knows.
pub(crate) struct Order {
    pub(crate) number: &'static str,
    status: &'static str,
    tracking_number: Option<&'static str>,
    /// Days from today.
    delivery_in_days: Option<i64>,
}

pub(crate) static ORDERS: [Order; 3] = [
    Order {
        number: "ORD-12345",
        status: "shipped",
        tracking_number: Some("1Z999AA10123456784"),
        delivery_in_days: Some(2),
    },
    Order {
        number: "ORD-67890",
        status: "processing",
        tracking_number: None,
        delivery_in_days: Some(6),
    },
    Order {
        number: "ORD-24680",
        status: "delivered",
        tracking_number: Some("1Z999AA10198765432"),
        delivery_in_days: None,
    },
];

/// The running server. It stops with the process.
pub(crate) struct Shop {
    address: SocketAddr,
    ca_pem: String,
    desk: Arc<Desk>,
}

/// What the shop goes by when it answers.
struct Desk {
    /// Of each of its actions; only calls signed with one of them are answered.
    secrets: Mutex<Vec<SigningSecret>>,
    refunds: Refunds,
}

impl Shop {
    /// Makes a certificate and starts answering on a free port. Each step of a refund takes this long.
    pub(crate) async fn open(a_step: Duration) -> anyhow::Result<Self> {
        let mut ca = rcgen::CertificateParams::new(Vec::new())?;
        ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        ca.distinguished_name
            .push(rcgen::DnType::CommonName, "Willow & Co. demo");
        let ca_key = rcgen::KeyPair::generate()?;
        let ca_certificate = ca.self_signed(&ca_key)?;
        let ca_pem = ca_certificate.pem();
        let issuer = rcgen::Issuer::new(ca, ca_key);
        let key = rcgen::KeyPair::generate()?;
        let certificate = rcgen::CertificateParams::new(vec![Ipv4Addr::LOCALHOST.to_string()])?
            .signed_by(&key, &issuer)?;
        let tls = rustls::ServerConfig::builder_with_provider(Arc::new(
            rustls::crypto::aws_lc_rs::default_provider(),
        ))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).map_err(anyhow::Error::msg)?,
        )?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let shop = Self {
            address: listener.local_addr()?,
            ca_pem,
            desk: Arc::new(Desk {
                secrets: Mutex::default(),
                refunds: Refunds::new(a_step)?,
            }),
        };
        let desk = Arc::clone(&shop.desk);
        tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(tls)), desk));
        Ok(shop)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The certificate to trust, as PEM.
    pub(crate) fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Where the webhook of its orders is.
    pub(crate) fn url(&self) -> String {
        format!("https://{}{ORDERS_PATH}", self.address)
    }

    /// Where the webhook of its refunds is.
    pub(crate) fn refunds_url(&self) -> String {
        format!("https://{}{REFUNDS_PATH}", self.address)
    }

    /// From now on calls signed with this secret are answered too.
    pub(crate) fn verify_with(&self, secret: &str) -> anyhow::Result<()> {
        let secret = SigningSecret::parse(secret).context("the demo's signing secret")?;
        self.desk.lock().push(secret);
        Ok(())
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Vec<SigningSecret>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn accept(listener: TcpListener, tls: TlsAcceptor, desk: Arc<Desk>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve(stream, tls.clone(), Arc::clone(&desk)));
            }
            Err(error) => {
                tracing::error!(%error, "the shop cannot accept connections");
                return;
            }
        }
    }
}

async fn serve(stream: TcpStream, tls: TlsAcceptor, desk: Arc<Desk>) {
    let served = async {
        let stream = tls.accept(stream).await?;
        hyper::server::conn::http1::Builder::new()
            .serve_connection(
                TokioIo::new(stream),
                service_fn(|request| answer(request, &desk)),
            )
            .await
            .map_err(anyhow::Error::from)
    };
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection to the shop ended");
    }
}

async fn answer(request: Request<Incoming>, desk: &Desk) -> anyhow::Result<Response<Full<Bytes>>> {
    let known = [ORDERS_PATH, REFUNDS_PATH].contains(&request.uri().path());
    if request.method() != Method::POST || !known {
        return reply(
            StatusCode::NOT_FOUND,
            &json!({"success": false, "error": "Nothing here"}),
        );
    }
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            return reply(
                StatusCode::PAYLOAD_TOO_LARGE,
                &json!({"success": false, "error": "Too large"}),
            );
        }
    };
    let now = SystemClock.now();
    let signed = |secret: &SigningSecret| is_signed(&head.headers, &body, secret, now);
    if !desk.lock().iter().any(signed) {
        return reply(
            StatusCode::UNAUTHORIZED,
            &json!({"success": false, "error": "Bad signature"}),
        );
    }
    let Ok(call) = serde_json::from_slice::<Value>(&body) else {
        return reply(
            StatusCode::BAD_REQUEST,
            &json!({"success": false, "error": "Not JSON"}),
        );
    };
    let number = call["parameters"]["order_number"]
        .as_str()
        .unwrap_or_default();
    if head.uri.path() == REFUNDS_PATH {
        let report_to = head.headers.get("deskhand-callback-url");
        let report_to = report_to.and_then(|value| value.to_str().ok());
        let (status, body) = match (order(number), report_to) {
            (Some(order), Some(url)) => (
                StatusCode::ACCEPTED,
                desk.refunds.begin(order.number, url.to_owned()),
            ),
            _ => (StatusCode::OK, not_found()),
        };
        return reply(status, &body);
    }
    reply(StatusCode::OK, &look_up(number, now))
}

fn is_signed(
    headers: &hyper::HeaderMap,
    body: &[u8],
    secret: &SigningSecret,
    now: Timestamp,
) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(id), Some(timestamp), Some(signatures)) = (
        text("webhook-id"),
        text("webhook-timestamp").and_then(|text| text.parse::<i64>().ok()),
        text("webhook-signature"),
    ) else {
        return false;
    };
    let expected = secret.sign(id, timestamp, body);
    (now.as_second() - timestamp).abs() <= TOLERANCE_SECONDS
        && signatures.split(' ').any(|signature| signature == expected)
}

fn order(number: &str) -> Option<&'static Order> {
    let wanted: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
    ORDERS
        .iter()
        .find(|order| order.number.replace('-', "").eq_ignore_ascii_case(&wanted))
}

fn not_found() -> Value {
    json!({"success": false, "error": "Order not found"})
}

fn look_up(number: &str, now: Timestamp) -> Value {
    let Some(order) = order(number) else {
        return not_found();
    };
    let mut result = json!({"order_number": order.number, "status": order.status});
    if let Some(tracking) = order.tracking_number {
        result["tracking_number"] = json!(tracking);
    }
    if let Some(days) = order.delivery_in_days
        && let Ok(day) = now.checked_add(SignedDuration::from_hours(24 * days))
    {
        result["estimated_delivery"] = json!(day.strftime("%Y-%m-%d").to_string());
    }
    json!({"success": true, "result": result})
}

fn reply(status: StatusCode, body: &Value) -> anyhow::Result<Response<Full<Bytes>>> {
    Ok(Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.to_string())))?)
}
