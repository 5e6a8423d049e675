//! `deskhand migrate`: brings the database up to date. `deskhand serve` does it too, at its start. With
//! two databases it moves everything from one to the other.

use anyhow::{Context, bail};
use deskhand_store::{Database, StoreError};
use serde_json::json;

use crate::config::Config;
use crate::terminal::{Style, Terminal};
use crate::{assemble, database};

/// How to tell what was done.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Print one JSON object instead of text.
    #[arg(long)]
    json: bool,
    /// The database to move from, such as sqlite://deskhand.db. Stop its server first.
    #[arg(long, value_name = "URL", requires = "to")]
    from: Option<String>,
    /// The database to move to, such as postgres://deskhand:…@db.internal/deskhand. It must be empty.
    #[arg(long, value_name = "URL", requires = "from")]
    to: Option<String>,
}

/// Brings the database up to date and says what was done.
pub(crate) async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<()> {
    if let (Some(from), Some(to)) = (&arguments.from, &arguments.to) {
        return move_all(from, to, arguments.json).await;
    }
    let shown = database::shown(&config.database_url);
    let steps = Database::migrate(&config.database_url)
        .await
        .map_err(|error| database::failed(&format!("database {shown}"), error))?;
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
        0 => format!("{shown} is up to date (version {version})."),
        _ => format!("{shown} is at version {version} now."),
    });
    Ok(())
}

/// Moves everything, and says what was found to be the same on both sides.
async fn move_all(from: &str, to: &str, json: bool) -> anyhow::Result<()> {
    database::check(from).context("--from")?;
    database::check(to).context("--to")?;
    if let Some(path) = database::path(from)
        && !path.exists()
    {
        bail!("there is no database at {}", path.display());
    }
    let copied = match Database::copy(from, to).await {
        Err(StoreError::Conflict(_)) => bail!(
            "{} holds data already: nothing was moved; give an empty database",
            database::shown(to)
        ),
        copied => copied.map_err(|error| {
            let what = format!("{} to {}", database::shown(from), database::shown(to));
            database::failed(&what, error)
        })?,
    };
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    let mut t = Terminal::stdout();
    if json {
        let tables: Vec<_> = copied
            .iter()
            .map(|table| json!({"table": table.name, "rows": table.rows, "sha256": table.checksum}))
            .collect();
        t.line(&json!({"rows": rows, "verified": true, "tables": tables}).to_string());
        return Ok(());
    }
    for table in copied.iter().filter(|table| table.rows > 0) {
        let same = t.styled(Style::Good, "same");
        let sum = &table.checksum[..16];
        t.line(&format!(
            "{same}  {:>9} rows  sha256 {sum}…  {}",
            table.rows, table.name
        ));
    }
    t.line("");
    t.line(&format!(
        "Moved {rows} rows in {} tables; each was read back and is the same.",
        copied.len()
    ));
    t.line(&format!(
        "Now set DESKHAND_DATABASE_URL to {}.",
        database::shown(to)
    ));
    match database::path(from).map(assemble::key_path) {
        Some(key) if key.exists() => t.line(&format!(
            "Secrets stay sealed with the same key: set DESKHAND_SECRET_KEY to what {} holds.",
            key.display()
        )),
        _ => t.line("Secrets stay sealed with the same key: keep DESKHAND_SECRET_KEY as it is."),
    }
    Ok(())
}
