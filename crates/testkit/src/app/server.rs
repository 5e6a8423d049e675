//! The API on a port of its own.

use std::net::SocketAddr;

use axum::serve::ListenerExt;
use deskhand_http::{Pages, TrustedProxies};
use deskhand_service::Service;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server that stops when it is dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts one on a free port.
    pub async fn start(service: Service, pages: Pages) -> Self {
        let (listener, _) = free_port().await;
        Self::on(listener, service, pages)
    }

    /// Starts one on this port.
    pub(super) fn on(listener: TcpListener, service: Service, pages: Pages) -> Self {
        let address = listener.local_addr().expect("a bound socket");
        // Tests are a proxy to themselves: they say where they come from as one would.
        let proxies = TrustedProxies::parse("127.0.0.1").expect("an address");
        let router = deskhand_http::router(service, proxies, pages)
            .into_make_service_with_connect_info::<SocketAddr>();
        let task = tokio::spawn(async move {
            let listener = listener.tap_io(|stream| {
                // Only speed is lost where this cannot be set.
                let _ = stream.set_nodelay(true);
            });
            axum::serve(listener, router).await.expect("serving");
        });
        Self { address, task }
    }
}

/// A port that nothing else listens on.
pub(super) async fn free_port() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    (listener, address)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
