//! `deskhand keys`: makes, lists and deletes API keys in the database itself, for whoever runs the
//! machine. Works beside a running server.

use anyhow::{Context, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use deskhand_domain::moment;
use deskhand_domain::workspace::{ApiKey, Scope, Workspace};
use deskhand_service::{KeyRequest, Page, Service, ServiceError};
use jiff::Timestamp;
use serde_json::Value;

use crate::config::Config;
use crate::remote::words::plain;
use crate::terminal::{Style, Terminal};
use crate::{assemble, database};

/// What to do with keys.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make a key and print it, this once.
    Create(Create),
    /// List the keys, without their texts.
    List {
        /// Print one JSON object a key instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Take a key out of use.
    Delete {
        /// The key's id, key_….
        id: String,
    },
}

/// A key to be made.
#[derive(clap::Args)]
pub(crate) struct Create {
    /// What it is for.
    name: String,
    /// What it may do: admin, chat or read.
    #[arg(long, default_value = "admin", value_parser = scopes())]
    scope: Scope,
    /// The only agent it may use, agt_…. Not for admin keys.
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// When it stops working, such as 2027-01-01T00:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = moment::parse)]
    expires: Option<Timestamp>,
    /// Print one JSON object instead of text.
    #[arg(long)]
    json: bool,
}

/// Completions list them.
fn scopes() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.as_str()))
        .try_map(|text| text.parse())
}

/// Does it.
pub(crate) async fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    if let Some(path) = database::path(&config.database_url)
        && !path.exists()
    {
        bail!(
            "there is no database at {}; `deskhand serve` makes one, or set DESKHAND_DATABASE_URL",
            path.display()
        );
    }
    if assemble::would_make_a_key(config) {
        bail!("no key for this database; set DESKHAND_SECRET_KEY to what `deskhand serve` has");
    }
    let service = assemble::service(config).await?;
    let done = with(&service, command).await;
    service.shut_down().await;
    done
}

async fn with(service: &Service, command: Command) -> anyhow::Result<()> {
    let workspace = service.first_workspace().await?.context(
        "this database has no workspace yet; open the set-up link that `deskhand serve` prints",
    )?;
    match command {
        Command::Create(key) => create(service, &workspace, key).await,
        Command::List { json } => list(service, &workspace, json).await,
        Command::Delete { id } => delete(service, &workspace, &id).await,
    }
}

async fn create(service: &Service, workspace: &Workspace, key: Create) -> anyhow::Result<()> {
    let request = KeyRequest {
        name: key.name,
        scope: key.scope,
        agent_id: key.agent,
        expires_at: key.expires,
    };
    let made = service
        .create_key(workspace.id, request)
        .await
        .map_err(in_words)?;
    let mut t = Terminal::stdout();
    if key.json {
        let mut record = record(&made.key)?;
        record["key"] = made.text.expose().into();
        t.line(&record.to_string());
        return seen(&t, &made.key);
    }
    let shown = t.styled(Style::Strong, made.text.expose());
    t.line(&format!("Made {}, shown this once:", made.key.id));
    t.line("");
    t.line(&format!("  {shown}"));
    t.line("");
    t.line("Send it as `Authorization: Bearer <key>`, or set DESKHAND_API_KEY to it.");
    seen(&t, &made.key)
}

/// A key that nobody has seen is of no use, and had better not be there.
fn seen(t: &Terminal, key: &ApiKey) -> anyhow::Result<()> {
    if t.is_gone() {
        bail!(
            "{id} was made and could not be shown; `deskhand keys delete {id}` takes it out of use",
            id = key.id
        );
    }
    Ok(())
}

async fn list(service: &Service, workspace: &Workspace, as_json: bool) -> anyhow::Result<()> {
    let mut t = Terminal::stdout();
    let mut before = None;
    loop {
        let page = Page { limit: 100, before };
        let listed = service.keys(workspace.id, page).await?;
        for key in &listed.rows {
            let line = match as_json {
                true => record(key)?.to_string(),
                false => line(key),
            };
            t.line(&line);
        }
        before = listed.rows.last().map(|key| key.id);
        if !listed.more {
            return Ok(());
        }
    }
}

fn line(key: &ApiKey) -> String {
    let agent = key.agent_id.map(|id| format!("  for {id}"));
    let end = key.expires_at.map(|end| format!("  until {end}"));
    format!(
        "{}  {:<5}  {}…  {}{}{}",
        key.id,
        key.scope.as_str(),
        key.prefix,
        plain(&key.name),
        agent.unwrap_or_default(),
        end.unwrap_or_default()
    )
}

async fn delete(service: &Service, workspace: &Workspace, id: &str) -> anyhow::Result<()> {
    let unknown = || format!("there is no key {id}; `deskhand keys list` shows them");
    let parsed = id.parse().ok().with_context(unknown)?;
    match service.delete_key(workspace.id, parsed).await {
        Ok(()) => {
            Terminal::stdout().line(&format!("Deleted {id}. It opens nothing any more."));
            Ok(())
        }
        Err(ServiceError::NotFound) => bail!(unknown()),
        Err(error) => Err(in_words(error)),
    }
}

fn record(key: &ApiKey) -> anyhow::Result<Value> {
    serde_json::to_value(key).context("a key as JSON")
}

/// Field by field what has to be mended.
fn in_words(error: ServiceError) -> anyhow::Error {
    match error {
        ServiceError::Invalid(errors) => {
            let all: Vec<_> = errors
                .iter()
                .map(|e| format!("{} {}", e.field, e.message))
                .collect();
            anyhow::anyhow!("{}", all.join("; "))
        }
        other => other.into(),
    }
}
