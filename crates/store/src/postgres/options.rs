//! How to connect to a PostgreSQL server.

use std::fs;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use postgres::config::{Host, SslMode};
use postgres::{Config, NoTls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::DatabaseError;
use crate::sql::{Conn, PostgresConn, SqlError, said};
use crate::{Result, StoreError};

/// How long the server may take to answer the knock.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may be silent before the system asks whether the other side is there.
const KEEPALIVE: Duration = Duration::from_secs(10);
/// How long what was sent may stay without a receipt, as when the network is parted.
const UNANSWERED: Duration = Duration::from_secs(15);

/// What every session is given. A commit is on disk when it is answered (SECURITY 14), and a node that
/// is paused in a transaction does not hold its rows for ever.
const SESSION: &str = "
    SET default_transaction_isolation TO 'read committed';
    SET lock_timeout TO '10s';
    SET idle_in_transaction_session_timeout TO '30s';
    SELECT set_config('synchronous_commit', 'on', FALSE)
        WHERE current_setting('synchronous_commit') IN ('off', 'local')";

/// Where a server is, and how it is spoken to.
#[derive(Clone)]
pub(super) struct Options {
    config: Config,
    /// None: in the clear.
    tls: Option<MakeRustlsConnect>,
}

impl Options {
    /// Reads `postgres://user:password@host:port/database?sslmode=…&sslrootcert=…`.
    ///
    /// TLS is spoken unless `sslmode=disable` is asked for or the server is on this machine; the
    /// server's certificate is always verified, for its name too.
    pub(super) fn of(url: &str) -> Result<Self> {
        let (url, root) = take_root_certificate(url);
        let mut config: Config = url
            .parse()
            .map_err(|error: postgres::Error| StoreError::Database(said(&error)))?;
        let asked = url.contains("sslmode=");
        if !asked {
            config.ssl_mode(match is_here(&config) {
                true => SslMode::Disable,
                false => SslMode::Require,
            });
        }
        if config.get_application_name().is_none() {
            config.application_name("deskhand");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        config.keepalives_idle(KEEPALIVE);
        config.keepalives_interval(KEEPALIVE / 2);
        config.keepalives_retries(3);
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(UNANSWERED);
        }
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => None,
            _ => Some(tls(root.as_deref())?),
        };
        Ok(Self { config, tls })
    }

    /// Connects, and gives the session what every one has.
    pub(super) fn connect(&self) -> std::result::Result<PostgresConn, SqlError> {
        let client = match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        };
        let client = client.map_err(|error| SqlError::Database(said(&error)))?;
        let mut conn = PostgresConn::new(client);
        conn.batch(SESSION)?;
        Ok(conn)
    }

    /// Connects for the first time, and looks whether the server will do.
    pub(super) fn connect_first(&self) -> Result<Conn> {
        let mut conn = self.connect()?;
        let asked = conn.client().query_one(
            "SELECT current_setting('server_encoding'), current_setting('server_version_num')::int",
            &[],
        );
        let row = asked.map_err(|error| StoreError::Database(said(&error)))?;
        let (encoding, version): (String, i32) = (row.get(0), row.get(1));
        let refused = |why: String| Err(StoreError::Database(DatabaseError::new(why)));
        if encoding != "UTF8" {
            return refused(format!(
                "the database's encoding is {encoding}; make it with ENCODING 'UTF8'"
            ));
        }
        if version < 130_000 {
            return refused("PostgreSQL 13 or later is needed".to_owned());
        }
        Ok(Conn::Postgres(Box::new(conn)))
    }
}

/// Parts `sslrootcert=FILE` from the rest of a URL, and spells the modes as the client knows them: a
/// certificate is verified in each.
fn take_root_certificate(url: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else {
        return (url.to_owned(), None);
    };
    let mut root = None;
    let mut kept = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslrootcert", file)) => root = Some(file.replace("%2F", "/")),
            Some(("sslmode", "verify-full" | "verify-ca")) => kept.push("sslmode=require"),
            _ => kept.push(pair),
        }
    }
    (format!("{base}?{}", kept.join("&")), root)
}

fn is_here(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
    })
}

/// Trusts the certificates in a PEM file, or without one those that the system trusts.
fn tls(root: Option<&str>) -> Result<MakeRustlsConnect> {
    let refused = |why: String| StoreError::Database(DatabaseError::new(why));
    let mut roots = RootCertStore::empty();
    match root {
        Some(file) => {
            let pem = fs::read(file).map_err(|cause| StoreError::File {
                path: file.to_owned(),
                cause,
            })?;
            for certificate in CertificateDer::pem_slice_iter(&pem) {
                let certificate = certificate.map_err(|e| refused(format!("{file}: {e}")))?;
                roots
                    .add(certificate)
                    .map_err(|e| refused(format!("{file}: {e}")))?;
            }
        }
        None => {
            let native = rustls_native_certs::load_native_certs();
            for error in &native.errors {
                tracing::warn!(%error, "a system root certificate could not be read");
            }
            roots.add_parsable_certificates(native.certs);
        }
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| refused(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        Options::of(url).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn a_server_elsewhere_is_spoken_to_by_tls() {
        assert_eq!(mode("postgres://u@db.example.com/x"), SslMode::Require);
        assert_eq!(
            mode("postgres://u@db.example.com/x?sslmode=verify-full"),
            SslMode::Require
        );
        assert_eq!(
            mode("postgres://u@db.example.com/x?sslmode=disable"),
            SslMode::Disable
        );
    }

    #[test]
    fn one_on_this_machine_in_the_clear() {
        assert_eq!(mode("postgres://u@localhost/x"), SslMode::Disable);
        assert_eq!(mode("postgresql://u@127.0.0.1:5433/x"), SslMode::Disable);
        assert_eq!(
            mode("postgres://u@/x?host=/var/run/postgresql"),
            SslMode::Disable
        );
    }

    #[test]
    fn a_file_of_certificates_is_told_by_name() {
        let url = "postgres://u@db.example.com/x?sslrootcert=/nowhere/ca.pem";
        let refused = Options::of(url).err().unwrap();
        assert!(refused.to_string().contains("/nowhere/ca.pem"), "{refused}");
    }
}
