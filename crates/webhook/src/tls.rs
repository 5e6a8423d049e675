//! TLS as it is spoken to endpoints: 1.2 or later, names verified, HTTP/1.1 only. There is no setting
//! that weakens it.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use crate::error::Error;
use crate::url::Host;

/// A connector that trusts the system's roots (where `native_roots`) and those in `extra_pem`.
pub(crate) fn connector(
    native_roots: bool,
    extra_pem: Option<&[u8]>,
) -> Result<TlsConnector, Error> {
    let mut roots = RootCertStore::empty();
    if native_roots {
        let native = rustls_native_certs::load_native_certs();
        for error in &native.errors {
            tracing::warn!(%error, "a system root certificate could not be read");
        }
        let (added, ignored) = roots.add_parsable_certificates(native.certs);
        tracing::debug!(added, ignored, "system root certificates");
    }
    if let Some(pem) = extra_pem {
        let mut found = false;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|e| Error::CaFile(e.to_string()))?;
            roots
                .add(certificate)
                .map_err(|e| Error::CaFile(e.to_string()))?;
            found = true;
        }
        if !found {
            return Err(Error::CaFile("it holds no certificate".to_owned()));
        }
    }
    if roots.is_empty() {
        tracing::warn!("no root certificates: every call to an endpoint will fail");
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    // The first random bytes of a process take some 20 ms, in which it gathers them. Better now than in
    // the first call, for which a customer waits.
    provider
        .secure_random
        .fill(&mut [0; 32])
        .map_err(|_| Error::Tls("no random bytes can be had".to_owned()))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Tls(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The name the certificate must be for.
pub(crate) fn server_name(host: &Host) -> Option<ServerName<'static>> {
    match host {
        Host::Name(name) => ServerName::try_from(name.clone()).ok(),
        Host::Ip(IpAddr::V4(ip)) => Some(ServerName::IpAddress((*ip).into())),
        Host::Ip(IpAddr::V6(ip)) => Some(ServerName::IpAddress((*ip).into())),
    }
}

/// A failed handshake in words that hold nothing the other side said.
pub(crate) fn describe(error: &std::io::Error) -> &'static str {
    let Some(tls) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    else {
        return "the connection broke during the TLS handshake";
    };
    match tls {
        rustls::Error::InvalidCertificate(why) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the certificate has expired"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the certificate is not valid yet"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is for another name"
            }
            CertificateError::UnknownIssuer => {
                "the certificate was issued by an authority that is not trusted here"
            }
            CertificateError::Revoked => "the certificate has been revoked",
            _ => "the certificate is not valid",
        },
        rustls::Error::AlertReceived(_) => "the endpoint refused the TLS handshake",
        rustls::Error::PeerIncompatible(_) => "the endpoint does not speak TLS 1.2 or later",
        _ => "the TLS handshake failed",
    }
}
