//! A webhook receiver: TLS on a local port, scripted replies down to the byte, every request recorded.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::reply::{Reply, Step};

/// How a server presents itself.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// Names and addresses in the certificate; `127.0.0.1` where there are none.
    pub names: Vec<String>,
    /// Sends these bytes in answer to the first bytes it reads, and closes: no TLS at all.
    pub instead_of_tls: Option<Vec<u8>>,
    /// Whether the certificate expired long ago.
    pub expired: bool,
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// The head as it was on the wire, without the empty line.
    pub head: String,
    /// The path and query of the request line.
    pub path: String,
    /// Names as sent, in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Which connection it came by, counted from 1.
    pub connection: usize,
}

impl Received {
    /// The value of a header, by its exact name on the wire.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(n, _)| n == name)?;
        Some(value)
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

#[derive(Debug, Default)]
struct State {
    script: Mutex<VecDeque<Reply>>,
    otherwise: Mutex<Option<Reply>>,
    received: Mutex<Vec<Received>>,
    arrived: Notify,
    connections: AtomicUsize,
    closed: AtomicUsize,
    closing: Notify,
    flooded: AtomicU64,
}

impl State {
    async fn wait_for_requests(&self, count: usize) {
        loop {
            let arrived = self.arrived.notified();
            if self.received.lock().unwrap().len() >= count {
                return;
            }
            arrived.await;
        }
    }
}

/// A running server. It stops when dropped.
#[derive(Debug)]
pub struct WebhookServer {
    address: SocketAddr,
    ca_pem: String,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl Drop for WebhookServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl WebhookServer {
    /// Starts one whose certificate is for these names and addresses.
    pub async fn start(names: &[&str]) -> Self {
        Self::start_with(ServerOptions {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            ..ServerOptions::default()
        })
        .await
    }

    /// Starts one.
    pub async fn start_with(options: ServerOptions) -> Self {
        let (acceptor, ca_pem) = tls(&options);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket");
        let state = Arc::new(State::default());
        let task = tokio::spawn(accept(
            listener,
            acceptor,
            options.instead_of_tls,
            Arc::clone(&state),
        ));
        Self {
            address,
            ca_pem,
            state,
            task,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its URL by address, with this path.
    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    /// The root that its certificate hangs from.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Adds a reply to the script. Each is used once, in order.
    pub fn reply(&self, reply: Reply) {
        self.state.script.lock().unwrap().push_back(reply);
    }

    /// What it replies once the script is over; `{"success":true}` where nothing is set.
    pub fn otherwise(&self, reply: Reply) {
        *self.state.otherwise.lock().unwrap() = Some(reply);
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    /// How many TCP connections it accepted.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// How many bytes it wrote while flooding.
    pub fn flooded(&self) -> u64 {
        self.state.flooded.load(Ordering::SeqCst)
    }

    /// Waits until the server has done with this many connections.
    pub async fn wait_for_closed(&self, count: usize) {
        loop {
            let closing = self.state.closing.notified();
            if self.state.closed.load(Ordering::SeqCst) >= count {
                return;
            }
            closing.await;
        }
    }

    /// Waits until this many requests have arrived.
    pub async fn wait_for_requests(&self, count: usize) {
        self.state.wait_for_requests(count).await;
    }
}

fn tls(options: &ServerOptions) -> (TlsAcceptor, String) {
    let mut ca = CertificateParams::new(Vec::new()).expect("no names");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().expect("a key")).expect("a root");
    let names = match options.names.is_empty() {
        true => vec!["127.0.0.1".to_owned()],
        false => options.names.clone(),
    };
    let mut leaf = CertificateParams::new(names).expect("names a certificate can hold");
    if options.expired {
        leaf.not_before = rcgen::date_time_ymd(2001, 1, 1);
        leaf.not_after = rcgen::date_time_ymd(2002, 1, 1);
    }
    let key = KeyPair::generate().expect("a key");
    let certificate = leaf.signed_by(&key, &ca).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider's own versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a matching key");
    (TlsAcceptor::from(Arc::new(config)), ca.pem())
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    instead_of_tls: Option<Vec<u8>>,
    state: Arc<State>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let connection = state.connections.fetch_add(1, Ordering::SeqCst) + 1;
        let (acceptor, state, instead) =
            (acceptor.clone(), Arc::clone(&state), instead_of_tls.clone());
        tokio::spawn(async move {
            // A client that breaks off is what many tests are about.
            let _ended = match instead {
                Some(bytes) => answer_without_tls(stream, &bytes).await,
                None => serve(stream, &acceptor, &state, connection).await,
            };
            state.closed.fetch_add(1, Ordering::SeqCst);
            state.closing.notify_waiters();
        });
    }
}

async fn answer_without_tls(mut stream: TcpStream, bytes: &[u8]) -> io::Result<()> {
    let mut some = [0; 4096];
    let _hello = stream.read(&mut some).await?;
    stream.write_all(bytes).await?;
    stream.shutdown().await
}

async fn serve(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    state: &State,
    connection: usize,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = acceptor.accept(stream).await?;
    while let Some(request) = receive(&mut stream, connection).await? {
        state.received.lock().unwrap().push(request);
        state.arrived.notify_waiters();
        let scripted = state.script.lock().unwrap().pop_front();
        let reply = scripted.or_else(|| state.otherwise.lock().unwrap().clone());
        let reply =
            reply.unwrap_or_else(|| Reply::json(200, &serde_json::json!({ "success": true })));
        if !play(&mut stream, reply, state).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Does what the reply says; false where the connection is over.
async fn play(stream: &mut TlsStream<TcpStream>, reply: Reply, state: &State) -> io::Result<bool> {
    for step in reply.steps {
        match step {
            Step::Write(bytes) => {
                stream.write_all(&bytes).await?;
                stream.flush().await?;
            }
            Step::Await(count) => state.wait_for_requests(count).await,
            Step::Pause(time) => tokio::time::sleep(time).await,
            Step::Flood => flood(stream, state).await?,
            Step::Hang => {
                // Until the other side gives up.
                let mut some = [0; 1024];
                while stream.read(&mut some).await? > 0 {}
                return Ok(false);
            }
            Step::Close => {
                stream.shutdown().await?;
                return Ok(false);
            }
            Step::Reset => {
                stream.get_ref().0.set_zero_linger()?;
                return Ok(false);
            }
        }
    }
    Ok(true)
}

async fn flood<S: AsyncWrite + Unpin>(stream: &mut S, state: &State) -> io::Result<()> {
    let block = vec![b'a'; 16 * 1024];
    loop {
        stream.write_all(&block).await?;
        state
            .flooded
            .fetch_add(block.len() as u64, Ordering::SeqCst);
    }
}

async fn receive<S: AsyncRead + Unpin>(
    stream: &mut S,
    connection: usize,
) -> io::Result<Option<Received>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let mut body = bytes.split_off(end + 4);
    bytes.truncate(end);
    let head = String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
    let mut lines = head.split("\r\n");
    let path = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .unwrap_or_default()
        .to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    while body.len() < length {
        if stream.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(Received {
        head,
        path,
        headers,
        body,
        connection,
    }))
}
