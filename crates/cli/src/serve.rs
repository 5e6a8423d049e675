//! `deskhand serve`.

use std::time::Duration;

use anyhow::Context;
use deskhand_service::Service;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::terminal::{Style, Terminal};
use crate::{assemble, logging, shutdown};

/// How long requests under way may take to finish when the server is asked to stop. Longer than the
/// longest turn.
const DRAIN: Duration = Duration::from_secs(190);

/// Runs the server until it is asked to stop.
pub(crate) async fn run(config: Config) -> anyhow::Result<()> {
    logging::start(&config.log)?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let service = assemble::service(&config).await?;
    service.recover().await.context("recovery")?;
    if let Some(made) = service
        .bootstrap(config.bootstrap_api_key.as_ref())
        .await
        .context("first start")?
        && config.bootstrap_api_key.is_none()
    {
        announce(made.text.expose());
    }
    tracing::info!(
        listen = %config.listen,
        url = config.public_url(),
        database = config.database_url,
        model = config.model,
        version = env!("CARGO_PKG_VERSION"),
        "ready"
    );
    answer(listener, service, shutdown::requested()).await
}

/// Answers requests until `stop` resolves, then finishes those under way.
pub(crate) async fn answer(
    listener: TcpListener,
    service: Service,
    stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let router = deskhand_http::router(service.clone());
    let server = axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            stop.await;
            tracing::info!("stopping: finishing what is under way");
            // Nobody listens only if the server has ended already.
            let _ = stopping.send(());
        })
        .into_future();
    let overdue = async {
        match stopped.await {
            Ok(()) => tokio::time::sleep(DRAIN).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = server => ended.context("the server failed")?,
        () = overdue => tracing::warn!("stopped with requests still open"),
    }
    service.shut_down().await;
    tracing::info!("stopped");
    Ok(())
}

/// Shows the first key once. It goes to the terminal, never to the log.
fn announce(key: &str) {
    let mut terminal = Terminal::stdout();
    let shown = terminal.styled(Style::Strong, key);
    terminal.line("This database is new. Your admin API key, shown this once:");
    terminal.line("");
    terminal.line(&format!("  {shown}"));
    terminal.line("");
    terminal.line("Send it as `Authorization: Bearer <key>`.");
}
