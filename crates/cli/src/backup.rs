//! `deskhand backup`: a copy of an SQLite database that may be in use.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{anyhow, bail};
use deskhand_store::{Database, StoreError};

use crate::config::Config;
use crate::terminal::Terminal;
use crate::{assemble, database};

/// Where to.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The file to make. It must not be there.
    file: PathBuf,
}

/// Makes the copy, and says what belongs to it.
pub(crate) async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<()> {
    if database::is_postgres(&config.database_url) {
        bail!(
            "PostgreSQL has its own tools for this, such as pg_dump: see docs/guides/postgresql.md"
        );
    }
    let file = arguments.file;
    Database::backup(&config.database_url, &file)
        .await
        .map_err(|error| match error {
            StoreError::File { path, cause } if cause.kind() == ErrorKind::AlreadyExists => {
                anyhow!("{path} is there already: give a file that is not, or remove it")
            }
            error => database::failed(&format!("backup of {}", config.database_url), error),
        })?;
    let mut t = Terminal::stdout();
    t.line(&format!(
        "{} is a copy of {}; it was checked and is sound.",
        file.display(),
        config.database_url
    ));
    let key = database::path(&config.database_url).map(assemble::key_path);
    t.line(&match key {
        Some(key) if config.secret_key.is_none() && key.exists() => format!(
            "Its secrets open only with the key in {}: keep a copy of that too, elsewhere.",
            key.display()
        ),
        _ => "Its secrets open only with DESKHAND_SECRET_KEY: keep that too, elsewhere.".to_owned(),
    });
    Ok(())
}
