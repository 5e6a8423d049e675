//! The raw TCP connection: the one place in the product that opens one to an address a tenant named.
//! Everything here runs after the address policy.

use std::io;
use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use tokio::net::{TcpStream, UdpSocket};

/// A connection, with the peer it ended up at.
#[derive(Debug)]
pub struct Dialled {
    /// The connection.
    pub stream: TcpStream,
    /// Who is at the other end.
    pub peer: SocketAddr,
}

/// Opens TCP connections. A trait only so that tests can lead a public address to a local server;
/// outside of the `testing` feature there is no way to replace the
/// operating system's.
#[async_trait]
pub trait Dial: Send + Sync + std::fmt::Debug {
    /// Connects to exactly this address.
    ///
    /// # Errors
    /// As the operating system gives them.
    async fn dial(&self, address: SocketAddr) -> io::Result<Dialled>;

    /// Whether the address is one of this machine's own.
    async fn is_own(&self, ip: IpAddr) -> bool;
}

/// The operating system's.
#[derive(Debug)]
pub(crate) struct SystemDial;

#[async_trait]
impl Dial for SystemDial {
    #[expect(
        clippy::disallowed_methods,
        reason = "the only connection to tenants' addresses; they have been vetted"
    )]
    async fn dial(&self, address: SocketAddr) -> io::Result<Dialled> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let peer = stream.peer_addr()?;
        Ok(Dialled { stream, peer })
    }

    /// Connecting a datagram socket sends nothing, but makes the kernel choose a source address; it
    /// is the destination itself only where the destination is this machine.
    async fn is_own(&self, ip: IpAddr) -> bool {
        let any: SocketAddr = match ip {
            IpAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
            IpAddr::V6(_) => ([0u16; 8], 0).into(),
        };
        let source = async {
            let socket = UdpSocket::bind(any).await?;
            socket.connect((ip, 9)).await?;
            socket.local_addr()
        };
        // Without a route there is no connection to make either.
        source.await.is_ok_and(|source| source.ip() == ip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_machine_knows_its_own_addresses() {
        assert!(SystemDial.is_own(IpAddr::from([127, 0, 0, 1])).await);
        assert!(!SystemDial.is_own(IpAddr::from([8, 8, 8, 8])).await);
    }
}
