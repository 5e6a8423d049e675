//! A network in which public addresses lead to local servers. The address policy runs above it and
//! sees the public addresses; no packet leaves the machine.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use async_trait::async_trait;
use deskhand_webhook::dial::{Dial, Dialled};
use tokio::net::TcpStream;

#[derive(Debug, Clone, Copy)]
enum Route {
    To {
        server: SocketAddr,
        peer: SocketAddr,
    },
    Nowhere,
}

/// Routes by address and port, and a record of every address dialled.
#[derive(Debug, Default)]
pub struct FakeNetwork {
    routes: Mutex<HashMap<SocketAddr, Route>>,
    dials: Mutex<Vec<SocketAddr>>,
    own: Mutex<Vec<IpAddr>>,
}

impl FakeNetwork {
    /// One in which every connection is refused.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leads `address` to the server at `local`.
    pub fn lead(&self, address: SocketAddr, local: SocketAddr) {
        self.route(
            address,
            Route::To {
                server: local,
                peer: address,
            },
        );
    }

    /// Leads `address` to the server at `local`, with `peer` showing at the other end.
    pub fn lead_astray(&self, address: SocketAddr, local: SocketAddr, peer: SocketAddr) {
        self.route(
            address,
            Route::To {
                server: local,
                peer,
            },
        );
    }

    /// Lets connections to `address` hang.
    pub fn swallow(&self, address: SocketAddr) {
        self.route(address, Route::Nowhere);
    }

    /// Makes `ip` one of the machine's own.
    pub fn own(&self, ip: IpAddr) {
        self.own.lock().unwrap().push(ip);
    }

    /// Every address dialled, in order.
    pub fn dials(&self) -> Vec<SocketAddr> {
        self.dials.lock().unwrap().clone()
    }

    fn route(&self, address: SocketAddr, route: Route) {
        self.routes.lock().unwrap().insert(address, route);
    }
}

#[async_trait]
impl Dial for FakeNetwork {
    #[expect(
        clippy::disallowed_methods,
        reason = "connects to a server of the same test, on loopback"
    )]
    async fn dial(&self, address: SocketAddr) -> io::Result<Dialled> {
        self.dials.lock().unwrap().push(address);
        let route = self.routes.lock().unwrap().get(&address).copied();
        match route {
            Some(Route::To { server, peer }) => {
                let stream = TcpStream::connect(server).await?;
                Ok(Dialled { stream, peer })
            }
            Some(Route::Nowhere) => std::future::pending().await,
            None => Err(io::ErrorKind::ConnectionRefused.into()),
        }
    }

    async fn is_own(&self, ip: IpAddr) -> bool {
        self.own.lock().unwrap().contains(&ip)
    }
}
