//! The model and the webhook, in a process of their own.

mod model;
mod webhook;

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use bytes::Bytes;
use hyper::Method;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpSocket};

use crate::connection::Connection;
use crate::process::Cores;
use crate::sample::Samples;

/// Connections that may wait to be accepted: thousands come at once.
const BACKLOG: u32 = 4_096;

/// Where they are, as their process says on its first line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Addresses {
    /// The model's; plain HTTP.
    pub model: SocketAddr,
    /// The webhook's; HTTPS.
    pub webhook: SocketAddr,
    /// Who signed the webhook's certificate.
    pub ca_pem: String,
}

/// The running process; it ends with this value.
pub struct Stubs {
    pub addresses: Addresses,
    child: Child,
    /// Open as long as the process is to live, even if this one is killed.
    _stdin: Option<ChildStdin>,
}

impl Stubs {
    /// Starts it on the cores that the server does not use.
    pub fn start(cores: &Cores) -> Result<Self> {
        let mut child = cores
            .others(&std::env::current_exe()?)
            .arg("stubs")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the stubs")?;
        let stdin = child.stdin.take();
        let mut hello = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut hello)?;
        }
        Ok(Self {
            addresses: serde_json::from_str(&hello).context("the stubs did not start")?,
            child,
            _stdin: stdin,
        })
    }

    /// The requests of the first turn since this was last asked.
    pub async fn samples(&self) -> Result<Samples> {
        let mut connection = Connection::plain(self.addresses.model).await?;
        let (_, body) = connection
            .send(Method::GET, "/samples", &[], Bytes::new())
            .await?;
        Ok(serde_json::from_slice(&body)?)
    }
}

impl Drop for Stubs {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first request of each kind since they were last taken.
#[derive(Debug, Clone, Default)]
struct Taken(Arc<Mutex<Samples>>);

impl Taken {
    fn lock(&self) -> MutexGuard<'_, Samples> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers until standard input closes.
pub async fn serve() -> Result<()> {
    let taken = Taken::default();
    let (model, webhook) = (listen()?, listen()?);
    let (acceptor, ca_pem) = webhook::identity()?;
    let hello = Addresses {
        model: model.local_addr()?,
        webhook: webhook.local_addr()?,
        ca_pem,
    };
    tokio::spawn(model::accept(model, taken.clone()));
    tokio::spawn(webhook::accept(webhook, acceptor, taken));
    println!("{}", serde_json::to_string(&hello)?);
    std::io::stdout().flush()?;
    tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0])).await??;
    Ok(())
}

fn listen() -> Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    Ok(socket.listen(BACKLOG)?)
}
