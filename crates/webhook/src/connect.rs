//! From a target to a connection: resolve, vet, dial, verify, shake hands.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use deskhand_domain::invocation::Timings;
use deskhand_domain::limits::{
    CONNECT_TIMEOUT, DNS_RECORDS, DNS_TIMEOUT, RESPONSE_HEADER_BYTES, RESPONSE_HEADERS,
};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use crate::address::canonical;
use crate::dial::{Dial, Dialled};
use crate::policy::{EgressPolicy, Refusal, Rule};
use crate::pool::{Connection, Driver};
use crate::resolve::{Resolve, ResolveError};
use crate::tls;
use crate::url::{Host, Target};

/// Why there is no connection. In every case no byte of a request was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoConnection {
    Refused(Refusal),
    Dns(ResolveError),
    Connect(&'static str),
    Tls(&'static str),
}

impl From<Refusal> for NoConnection {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub(crate) struct Connector {
    pub(crate) policy: EgressPolicy,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) dial: Arc<dyn Dial>,
    pub(crate) tls: TlsConnector,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("policy", &self.policy)
            .field("resolver", &self.resolver)
            .field("dial", &self.dial)
            .finish_non_exhaustive()
    }
}

impl Connector {
    /// The socket addresses that may be dialled for this target now. One that may not be refuses all.
    pub(crate) async fn vet(
        &self,
        target: &Target,
        timings: &mut Timings,
    ) -> Result<Vec<SocketAddr>, NoConnection> {
        let vetted = self.look_up_and_check(target, timings).await;
        if matches!(vetted, Err(NoConnection::Refused(_))) {
            // How long a refused name took to resolve is nobody's business.
            timings.dns_ms = None;
        }
        vetted
    }

    async fn look_up_and_check(
        &self,
        target: &Target,
        timings: &mut Timings,
    ) -> Result<Vec<SocketAddr>, NoConnection> {
        let addresses = match target.host() {
            Host::Ip(ip) => vec![*ip],
            Host::Name(name) => {
                let started = Instant::now();
                let addresses = self.resolve(name, DNS_TIMEOUT).await;
                timings.dns_ms = Some(millis(started));
                addresses?
            }
        };
        Ok(self.check_all(&addresses, target.port()).await?)
    }

    /// One look-up; every alias on the way is judged as a name.
    pub(crate) async fn resolve(
        &self,
        name: &str,
        at_most: Duration,
    ) -> Result<Vec<IpAddr>, NoConnection> {
        let answer = timeout(at_most, self.resolver.resolve(name))
            .await
            .unwrap_or(Err(ResolveError::TimedOut))
            .map_err(NoConnection::Dns)?;
        for alias in &answer.aliases {
            self.policy.check_name(alias)?;
        }
        if answer.addresses.is_empty() {
            return Err(NoConnection::Dns(ResolveError::NoAddress));
        }
        Ok(answer.addresses)
    }

    /// Judges all of them, also those beyond the number that is used.
    pub(crate) async fn check_all(
        &self,
        addresses: &[IpAddr],
        port: u16,
    ) -> Result<Vec<SocketAddr>, Refusal> {
        let mut vetted = Vec::new();
        for ip in addresses {
            let ip = canonical(*ip);
            self.policy.check_address(ip, port)?;
            let address = SocketAddr::new(ip, port);
            if vetted.len() < DNS_RECORDS && !vetted.contains(&address) {
                if !self.policy.is_exception(ip, port) && self.dial.is_own(ip).await {
                    return Err(Rule::AddressNotPublic.into());
                }
                vetted.push(address);
            }
        }
        Ok(vetted)
    }

    /// A new connection to one of `vetted`, ready for a request.
    pub(crate) async fn open(
        &self,
        target: &Target,
        vetted: &[SocketAddr],
        timings: &mut Timings,
    ) -> Result<Connection, NoConnection> {
        let started = Instant::now();
        let dialled = self.dial_first(vetted).await;
        timings.connect_ms = Some(millis(started));
        let Dialled { stream, peer } = dialled?;

        let name = tls::server_name(target.host())
            .ok_or(NoConnection::Tls("the host cannot be named in TLS"))?;
        let started = Instant::now();
        let stream = self.tls.connect(name, stream).await;
        timings.tls_ms = Some(millis(started));
        let stream = stream.map_err(|error| NoConnection::Tls(tls::describe(&error)))?;

        let (sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_headers(RESPONSE_HEADERS)
            .max_header_size(RESPONSE_HEADER_BYTES)
            .max_buf_size(2 * RESPONSE_HEADER_BYTES)
            .handshake::<_, Full<Bytes>>(TokioIo::new(stream))
            .await
            .map_err(|_| NoConnection::Connect("the connection broke before it was used"))?;
        let task = tokio::spawn(async move {
            // Whoever waits for a response gets the error too; here it only ends the task.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to an endpoint ended");
            }
        });
        Ok(Connection {
            sender,
            peer: SocketAddr::new(canonical(peer.ip()), peer.port()),
            _driver: Driver(task.abort_handle()),
        })
    }

    /// Tries the addresses in order; each may take an equal part of the time that is left.
    async fn dial_first(&self, vetted: &[SocketAddr]) -> Result<Dialled, NoConnection> {
        let deadline = Instant::now() + CONNECT_TIMEOUT;
        let mut last = "no address to connect to";
        for (i, address) in vetted.iter().enumerate() {
            let left = deadline.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(vetted.len() - i).unwrap_or(1);
            match timeout(share, self.dial.dial(*address)).await {
                Ok(Ok(dialled))
                    if canonical(dialled.peer.ip()) == address.ip()
                        && dialled.peer.port() == address.port() =>
                {
                    return Ok(dialled);
                }
                Ok(Ok(_)) => {
                    return Err(NoConnection::Connect(
                        "the connection led to another address than was asked for",
                    ));
                }
                Ok(Err(error)) => last = describe(&error),
                Err(_) => last = "the connection was not accepted in time",
            }
        }
        Err(NoConnection::Connect(last))
    }
}

pub(crate) fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

fn describe(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "the connection was refused",
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
            "the connection was reset"
        }
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "the host cannot be reached"
        }
        io::ErrorKind::TimedOut => "the connection was not accepted in time",
        _ => "no connection could be made",
    }
}
