//! Logs: readable on a terminal, JSON lines otherwise. Always to stderr.

use std::io::{self, IsTerminal};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

/// Starts logging for the rest of the process.
pub(crate) fn start(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::builder().parse(filter).with_context(|| {
        format!("log: {filter:?} is not a filter such as info or info,deskhand_webhook=debug")
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    if io::stderr().is_terminal() {
        builder.with_ansi(crate::config::colours_welcome()).init();
    } else {
        builder.json().flatten_event(true).init();
    }
    Ok(())
}
