//! Logs: readable on a terminal, JSON lines otherwise. Always to stderr.

use std::io::{self, IsTerminal};

use anyhow::{Context, bail};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Starts logging for the rest of the process.
pub(crate) fn start(filter: &str) -> anyhow::Result<()> {
    let filter = parse(filter).with_context(|| {
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

/// The library takes a bare word that is no level for the name of a part, and then logs nothing else:
/// a misspelt level would be silence.
fn parse(filter: &str) -> anyhow::Result<EnvFilter> {
    for word in filter.split(',') {
        let bare = !word.is_empty() && !word.contains(['=', '[']);
        if bare && word.parse::<LevelFilter>().is_err() {
            bail!("{word:?} is not a level");
        }
    }
    Ok(EnvFilter::builder().parse(filter)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_level_is_refused() {
        for filter in ["loud", "info,debgu", "a=b=c"] {
            assert!(parse(filter).is_err(), "{filter}");
        }
        for filter in [
            "info",
            "off",
            "INFO",
            "info,deskhand_webhook=debug",
            "warn,a::b=trace",
        ] {
            assert!(parse(filter).is_ok(), "{filter}");
        }
    }
}
