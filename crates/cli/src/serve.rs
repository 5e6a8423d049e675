//! `deskhand serve`.

use std::fs::{File, TryLockError};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use deskhand_http::{Pages, TrustedProxies};
use deskhand_service::Service;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::config::{self, Config};
use crate::stalled::GiveUpStalled;
use crate::terminal::{Style, Terminal};
use crate::{assemble, database, logging, shutdown, system};

/// How long a request may still take to be answered once the turns under way are handed over.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(15);

/// Runs the server until it is asked to stop.
pub(crate) async fn run(mut config: Config) -> anyhow::Result<()> {
    logging::start(&config.log)?;
    for (name, nearest) in config::unknown_variables() {
        match nearest {
            Some(meant) => {
                tracing::warn!("there is no setting {name}, so it is ignored; is {meant} meant?");
            }
            None => tracing::warn!(
                "there is no setting {name}, so it is ignored; `deskhand config` prints all of them"
            ),
        }
    }
    #[cfg(all(debug_assertions, unix))]
    crate::crash::arm()?;
    system::raise_open_files();
    let tls = tls(&config)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    config.listen = listener.local_addr().context("the listener's address")?;
    let _alone = alone(&config)?;
    let service = assemble::service(&config).await?;
    // One that can be read and not written to had better be known at the start.
    let named = format!("database {}", database::shown(&config.database_url));
    let ready = service.ready().await;
    ready.map_err(|error| database::failed(&named, error))?;
    service.recover().await.context("recovery")?;
    service.start_background();
    if let Some(key) = &config.bootstrap_api_key {
        service.bootstrap(Some(key)).await.context("first start")?;
    }
    if let Some(link) = service.new_setup_link().await.context("first start")? {
        announce(link.expose());
    }
    let stop = Stop::On(shutdown::Signals::listen().context("signals")?);
    warn_of_plain_http(&config.public_url());
    tracing::info!(
        listen = %config.listen,
        url = config.public_url(),
        database = database::shown(&config.database_url),
        model = config.model,
        version = env!("CARGO_PKG_VERSION"),
        "ready"
    );
    let drain = config.drain();
    let proxies = config.trusted_proxies;
    answer(listener, tls, service, proxies, drain, stop).await
}

/// Keeps another server from using the same SQLite database until it is dropped, or the process is gone: two would
/// take each other's turns for left behind.
fn alone(config: &Config) -> anyhow::Result<Option<File>> {
    let Some(path) = database::path(&config.database_url) else {
        return Ok(None);
    };
    let mut name = path.clone().into_os_string();
    name.push(".lock");
    let lock = File::create(&name).with_context(|| {
        let (url, name) = (&config.database_url, Path::new(&name).display());
        format!("database_url {url}: cannot make {name}")
    })?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => bail!(
            "another server uses {}; SQLite is for one (several may share a PostgreSQL)",
            path.display()
        ),
        // Some network file systems have no locks.
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, "no lock on the database; start no second server on it");
            Ok(None)
        }
    }
}

/// What ends a server.
pub(crate) enum Stop {
    /// Signals to the process; the second one at once.
    On(shutdown::Signals),
    /// Whoever runs it, by sending or going away; once.
    When(Option<oneshot::Receiver<()>>),
}

impl Stop {
    async fn asked(&mut self) {
        match self {
            Self::On(signals) => signals.next().await,
            Self::When(told) => match told.take() {
                // Dropped or told: either way it is over.
                Some(told) => drop(told.await),
                None => std::future::pending().await,
            },
        }
    }
}

/// Answers requests until `stop` says so. Then turns under way have as long as `drain` to
/// come to their end; the others are handed over, to another server or to the next start. Where the process is asked
/// after that, it stops at once, as after a crash.
pub(crate) async fn answer(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    service: Service,
    proxies: TrustedProxies,
    drain: Duration,
    stop: Stop,
) -> anyhow::Result<()> {
    let (stops, stopping) = oneshot::channel();
    tokio::select! {
        done = answer_and_drain(listener, tls, service, proxies, drain, (stop, stops)) => done,
        () = asked_again(stopping) => bail!("stopped at once, as asked: what was under way is gone on with at the next start"),
    }
}

/// Resolves when the process is asked to stop once more.
async fn asked_again(stopping: oneshot::Receiver<Stop>) {
    match stopping.await {
        Ok(mut stop) => stop.asked().await,
        Err(_) => std::future::pending().await,
    }
}

async fn answer_and_drain(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    service: Service,
    proxies: TrustedProxies,
    drain: Duration,
    (mut stop, stops): (Stop, oneshot::Sender<Stop>),
) -> anyhow::Result<()> {
    let handle = Handle::new();
    let stopping = handle.clone();
    let listening = service.clone();
    tokio::spawn(async move {
        stop.asked().await;
        // The other end only goes with the server. What is asked for from here on is asked for again.
        let _ = stops.send(stop);
        let seconds = drain.as_secs();
        tracing::info!(seconds, "stopping: finishing what is under way");
        listening.let_listeners_go();
        stopping.graceful_shutdown(Some(drain + LAST_ANSWERS));
        tokio::time::sleep(drain).await;
        listening.hand_over();
    });
    let listener = listener.into_std().context("the listener")?;
    let router = deskhand_http::router(service.clone(), proxies, Pages::built())
        .into_make_service_with_connect_info::<SocketAddr>();
    let served = match tls {
        Some(tls) => {
            // Below TLS, whose records are written whole or not at all.
            let mut server = axum_server::from_tcp_rustls(listener, tls)?
                .map(|tls| tls.acceptor(GiveUpStalled))
                .handle(handle)
                .http1_only();
            bound_heads(server.http_builder());
            server.serve(router).await
        }
        None => {
            let mut server = axum_server::from_tcp(listener)?
                .acceptor(GiveUpStalled)
                .handle(handle)
                .http1_only();
            bound_heads(server.http_builder());
            server.serve(router).await
        }
    };
    served.context("the server failed")?;
    service.shut_down().await;
    tracing::info!("stopped");
    Ok(())
}

/// A client that stops in the middle of a request's head holds its connection no longer than
/// [`HEAD`], not even while the server is asked to stop. Neither that bound nor the one on clients that stop
/// reading holds for HTTP/2, whose streams can be stalled where no write waits: it is not spoken, with TLS or
/// without.
fn bound_heads(builder: &mut Builder<TokioExecutor>) {
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD);
}

/// The server's certificate and key, if it has them.
fn tls(config: &Config) -> anyhow::Result<Option<RustlsConfig>> {
    let (certificate, key) = match (&config.tls_cert_file, &config.tls_key_file) {
        (Some(certificate), Some(key)) => (certificate, key),
        (None, None) => return Ok(None),
        _ => bail!("tls_cert_file and tls_key_file belong together: set both, or neither"),
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("tls_cert_file {}", certificate.display()))?;
    let key = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("tls_key_file {}", key.display()))?;
    let mut server = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .context("TLS")?
    .with_no_client_auth()
    .with_single_cert(chain, key)
    .context("tls_cert_file and tls_key_file")?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(RustlsConfig::from_config(Arc::new(server))))
}

/// Passwords and sessions would cross the network for anybody to read.
fn warn_of_plain_http(public_url: &str) {
    let Some(host) = public_url.strip_prefix("http://") else {
        return;
    };
    let own_machine = match host.parse::<SocketAddr>() {
        Ok(address) => address.ip().is_loopback(),
        Err(_) => {
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            let name = name.trim_start_matches('[').trim_end_matches(']');
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
    };
    if !own_machine {
        tracing::warn!(
            public_url,
            "browsers reach this server without TLS: set public_url to an https:// address"
        );
    }
}

/// Shows the set-up link. It goes to the terminal, never to the log.
fn announce(link: &str) {
    let mut terminal = Terminal::stdout();
    let shown = terminal.styled(Style::Strong, link);
    terminal.line("There is no account yet. Make the first one in your browser:");
    terminal.line("");
    terminal.line(&format!("  {shown}"));
    terminal.line("");
    terminal.line("The link works once, for 24 hours; the next start prints a new one.");
}
