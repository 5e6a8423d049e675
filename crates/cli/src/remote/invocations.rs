//! `deskhand invocations`: what was run, what was sent, what came back.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use super::Server;
use super::client::{Client, Failure, an_id};
use super::watched::Watched;
use super::words::{outcome, parameters, plain, plain_lines, style, text};
use crate::terminal::{Style, Terminal};

/// How often `follow` asks for news.
const PAUSE: Duration = Duration::from_secs(1);
/// Rows of one answer.
const ROWS: usize = 100;

/// What to do.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    server: Server,
    /// Print JSON instead of text, one object a line.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List invocations, newest first.
    List {
        /// How many at most.
        #[arg(long, default_value_t = 20, value_parser = at_least_one)]
        limit: usize,
        #[command(flatten)]
        filter: Filter,
    },
    /// Show one with every request and response.
    Show {
        /// The invocation's id, inv_….
        #[arg(value_parser = an_id)]
        id: String,
    },
    /// Print invocations as they happen, until Ctrl-C.
    Follow {
        #[command(flatten)]
        filter: Filter,
    },
}

/// Which ones.
#[derive(clap::Args, Clone)]
struct Filter {
    /// By this agent, agt_….
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// In this conversation, conv_….
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
    /// Of the action of this name, or with this id, act_….
    #[arg(long, value_name = "NAME")]
    action: Option<String>,
    /// Where they stand, such as succeeded, failed or unknown.
    #[arg(long)]
    status: Option<String>,
    /// Why they failed, such as timeout.
    #[arg(long, value_name = "CODE")]
    failure_code: Option<String>,
    /// Made at this time or later, such as 2026-11-23T12:00:00Z.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Made before this time.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
}

impl Filter {
    fn query(&self) -> Vec<(&'static str, String)> {
        [
            ("agent_id", &self.agent),
            ("conversation_id", &self.conversation),
            ("action", &self.action),
            ("status", &self.status),
            ("failure_code", &self.failure_code),
            ("from", &self.from),
            ("to", &self.to),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.clone()?)))
        .collect()
    }

    /// The same, whatever becomes of them.
    fn of_any_outcome(&self) -> Self {
        Self {
            status: None,
            failure_code: None,
            ..self.clone()
        }
    }

    /// Whether what has become of it is asked for.
    fn takes(&self, row: &Value) -> bool {
        let is = |wanted: &Option<String>, found: &Value| {
            wanted.as_deref().is_none_or(|wanted| found == wanted)
        };
        is(&self.status, &row["status"]) && is(&self.failure_code, &row["failure"]["code"])
    }
}

/// Does it.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let client = Client::new(&arguments.server)?;
    let mut t = Terminal::stdout();
    match arguments.command {
        Command::List { limit, filter } => {
            for row in newest(&client, &filter, limit, |_| true).await? {
                print(&mut t, &row, arguments.json);
            }
            Ok(())
        }
        Command::Show { id } => {
            let path = format!("/v1/invocations/{id}");
            let found = match client.get(&path, &[]).await {
                Err(Failure::Refused(_, code, _)) if code == "not_found" => {
                    anyhow::bail!(
                        "there is no invocation {id}; `deskhand invocations list` shows them"
                    )
                }
                other => other?,
            };
            if arguments.json {
                t.line(&found.to_string());
            } else {
                show(&mut t, &found);
            }
            Ok(())
        }
        Command::Follow { filter } => follow(&client, &filter, &mut t, arguments.json).await,
    }
}

fn at_least_one(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(0) | Err(_) => Err("must be a whole number from 1"),
        Ok(number) => Ok(number),
    }
}

/// The newest rows, newest first, as long as they are wanted.
async fn newest(
    client: &Client,
    filter: &Filter,
    limit: usize,
    wanted: impl Fn(&Value) -> bool,
) -> Result<Vec<Value>, Failure> {
    let mut rows = Vec::new();
    let mut cursor = None;
    while rows.len() < limit {
        let mut query = filter.query();
        query.push(("limit", (limit - rows.len()).min(ROWS).to_string()));
        query.extend(cursor.map(|cursor| ("cursor", cursor)));
        let mut page = client.get("/v1/invocations", &query).await?;
        let Value::Array(found) = page["data"].take() else {
            break;
        };
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        let all = rows.len() + found.len();
        rows.extend(found.into_iter().take_while(&wanted));
        if cursor.is_none() || rows.len() < all {
            break;
        }
    }
    Ok(rows)
}

/// Prints each once as it comes, and again whenever its status has changed. Ends when nobody reads
/// any more.
async fn follow(
    client: &Client,
    filter: &Filter,
    t: &mut Terminal,
    as_json: bool,
) -> anyhow::Result<()> {
    // A wrong name of a status is refused at once.
    newest(client, filter, 1, |_| true).await?;
    let all = filter.of_any_outcome();
    let mut watched = Watched::default();
    loop {
        let (oldest, limit) = (watched.oldest(), watched.limit());
        match newest(client, &all, limit, |row| {
            text(row, "id").as_str() >= oldest
        })
        .await
        {
            Ok(rows) => {
                for row in watched.news(rows, |row| filter.takes(row)) {
                    print(t, &row, as_json);
                }
            }
            // The server may be starting anew; what it refuses, it will go on refusing.
            Err(Failure::Refused(status, _, why)) if status.is_client_error() => anyhow::bail!(why),
            Err(failure) if !watched.has_looked() => return Err(failure.into()),
            Err(failure) => {
                let error = anyhow::Error::from(failure);
                Terminal::stderr().line(&format!("deskhand: {error:#}; trying again"));
            }
        }
        if t.is_gone() {
            return Ok(());
        }
        sleep(PAUSE).await;
    }
}

fn print(t: &mut Terminal, row: &Value, as_json: bool) {
    if as_json {
        return t.line(&row.to_string());
    }
    let how = t.styled(style(row), &outcome(row));
    let when = t.styled(Style::Faint, &text(row, "created_at"));
    let test = if row["test"] == true { "  (test)" } else { "" };
    let (id, action) = (text(row, "id"), text(row, "action"));
    let parameters = parameters(row);
    t.line(&format!(
        "{when}  {id}  {action}  {parameters}   {how}{test}"
    ));
}

fn show(t: &mut Terminal, found: &Value) {
    print(t, found, false);
    for (name, field) in [("failure", &found["failure"]), ("error", &found["error"])] {
        if !field.is_null() {
            t.line(&format!("  {name}  {}", plain_lines(&field.to_string())));
        }
    }
    if !found["result"].is_null() {
        t.line(&format!(
            "  result  {}",
            plain_lines(&found["result"].to_string())
        ));
    }
    for attempt in found["attempts"].as_array().into_iter().flatten() {
        t.line("");
        let (request, response) = (&attempt["request"], &attempt["response"]);
        let title = format!(
            "  attempt {}  POST {}",
            attempt["number"],
            text(request, "url")
        );
        let title = t.styled(Style::Strong, &title);
        t.line(&title);
        message(t, request);
        if response.is_null() {
            t.line(&format!(
                "    no response: {}",
                text(&attempt["failure"], "message")
            ));
        } else {
            t.line(&format!("    {}", response["status"]));
            message(t, response);
        }
        let timings = attempt["timings"].as_object();
        let timings = timings
            .into_iter()
            .flatten()
            .filter_map(|(name, ms)| Some(format!("{} {:.1}", plain(name), ms.as_f64()?)));
        let timings: Vec<_> = timings.collect();
        let timings = t.styled(Style::Faint, &format!("    {}", timings.join("  ")));
        t.line(&timings);
    }
}

fn message(t: &mut Terminal, of: &Value) {
    for header in of["headers"].as_array().into_iter().flatten() {
        let line = format!("    {}: {}", text(header, "name"), text(header, "value"));
        let line = t.styled(Style::Faint, &line);
        t.line(&line);
    }
    let body = plain_lines(of["body"].as_str().unwrap_or_default());
    for line in body.lines() {
        t.line(&format!("    {line}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filter_takes_what_has_become_of_it() {
        let filter = |status: Option<&str>, failure_code: Option<&str>| Filter {
            agent: None,
            conversation: None,
            action: None,
            status: status.map(str::to_owned),
            failure_code: failure_code.map(str::to_owned),
            from: None,
            to: None,
        };
        let failed = json!({"status": "failed", "failure": {"code": "timeout"}});
        assert!(filter(None, None).takes(&failed));
        assert!(filter(Some("failed"), Some("timeout")).takes(&failed));
        assert!(!filter(Some("succeeded"), None).takes(&failed));
        assert!(!filter(Some("failed"), Some("dns_error")).takes(&failed));
        assert!(!filter(None, Some("timeout")).takes(&json!({"status": "succeeded"})));
    }
}
