//! A webhook that answers at once, or after as many seconds as its path says: `/orders/30`.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::Taken;
use crate::sample::Sample;

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

pub async fn accept(listener: TcpListener, tls: TlsAcceptor, taken: Taken) {
    while let Ok((stream, _)) = listener.accept().await {
        if let Err(error) = stream.set_nodelay(true) {
            eprintln!("webhook stub: {error}");
        }
        tokio::spawn(connection(stream, tls.clone(), taken.clone()));
    }
}

async fn connection(stream: TcpStream, tls: TlsAcceptor, taken: Taken) {
    // A client that goes away in the handshake or later is no matter here.
    let Ok(stream) = tls.accept(stream).await else {
        return;
    };
    let service = service_fn(|request| answer(request, taken.clone()));
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(
    request: Request<Incoming>,
    taken: Taken,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let request = Request::from_parts(head, ());
    {
        let mut taken = taken.lock();
        if taken.call.is_none() {
            taken.call = Some(Sample::of(&request, &body));
        }
    }
    let seconds = request
        .uri()
        .path()
        .rsplit('/')
        .next()
        .and_then(|last| last.parse().ok())
        .unwrap_or(0);
    if seconds > 0 {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
    let call: Value = serde_json::from_slice(&body).unwrap_or_default();
    let answer = json!({
        "success": true,
        "result": {
            "order_number": call["parameters"]["order_number"],
            "status": "shipped",
            "tracking_number": "1Z999AA10123456784",
            "delivery_date": "2026-11-27",
        },
    });
    let mut response = Response::new(Full::new(answer.to_string().into()));
    let kind = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", kind);
    Ok(response)
}
