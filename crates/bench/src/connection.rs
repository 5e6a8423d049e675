//! One HTTP/1.1 connection, kept alive: all that the driver and the bare loop need.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::rt::{Read, Write};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// An open connection to one server.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    /// Over plain TCP.
    pub async fn plain(to: SocketAddr) -> Result<Self> {
        Self::over(to, TokioIo::new(tcp(to).await?)).await
    }

    /// Over TLS, trusting what `tls` trusts.
    pub async fn tls(to: SocketAddr, tls: &TlsConnector) -> Result<Self> {
        let stream = tls
            .connect(ServerName::IpAddress(to.ip().into()), tcp(to).await?)
            .await?;
        Self::over(to, TokioIo::new(stream)).await
    }

    async fn over<S: Read + Write + Unpin + Send + 'static>(
        to: SocketAddr,
        stream: S,
    ) -> Result<Self> {
        let (sender, connection) = Builder::new().handshake(stream).await?;
        tokio::spawn(async move {
            // Whoever waits for an answer gets the error too.
            if let Err(error) = connection.await {
                eprintln!("a connection to {to} broke: {error}");
            }
        });
        Ok(Self {
            sender,
            host: to.to_string(),
        })
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(String, String)],
        body: Bytes,
    ) -> Result<(StatusCode, Bytes)> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.host);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.sender.ready().await?;
        let response = self
            .sender
            .send_request(request.body(Full::new(body))?)
            .await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the bench talks to its own server and stubs on loopback"
)]
async fn tcp(to: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(to)
        .await
        .with_context(|| format!("connecting to {to}"))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A TLS client that trusts this one certificate authority.
pub fn trusting(ca_pem: &str) -> Result<TlsConnector> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca_pem.as_bytes())?)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
