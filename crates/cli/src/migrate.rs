//! `deskhand migrate`: brings the database up to date. `deskhand serve` does it too, at its start.

use anyhow::Context;
use deskhand_store::SqliteStore;
use serde_json::json;

use crate::config::Config;
use crate::terminal::{Style, Terminal};

/// How to tell what was done.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Print one JSON object instead of text.
    #[arg(long)]
    json: bool,
}

/// Brings the database up to date and says what was done.
pub(crate) async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<()> {
    let steps = SqliteStore::migrate(&config.database_url)
        .await
        .with_context(|| format!("database {}", config.database_url))?;
    let mut t = Terminal::stdout();
    let version = steps.last().map_or(0, |step| step.version);
    let taken: Vec<_> = steps.iter().filter(|step| step.now).collect();
    if arguments.json {
        let taken: Vec<_> = taken
            .iter()
            .map(|step| json!({"version": step.version, "about": step.about}))
            .collect();
        t.line(&json!({"version": version, "applied": taken}).to_string());
        return Ok(());
    }
    for step in &taken {
        let done = t.styled(Style::Good, "applied");
        t.line(&format!("{done}  {:04}  {}", step.version, step.about));
    }
    t.line(&match taken.len() {
        0 => format!("{} is up to date (version {version}).", config.database_url),
        _ => format!("{} is at version {version} now.", config.database_url),
    });
    Ok(())
}
