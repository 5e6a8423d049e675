//! What Deskhand says it has done, read back through its API.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::time::sleep;

use crate::cluster::api;
use crate::work::Action;

/// How long what is under way at the end may take to come to an end of its own.
const SETTLE: Duration = Duration::from_secs(150);

/// A conversation with all that is in it.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    pub id: String,
    pub messages: Vec<Message>,
    pub turns: Vec<Turn>,
    pub invocations: Vec<Invocation>,
}

#[derive(Debug, Clone)]
pub struct Message {
    pub turn: String,
    pub by_customer: bool,
    pub text: String,
}

#[derive(Debug, Clone)]
pub struct Turn {
    pub id: String,
    pub status: String,
}

#[derive(Debug, Clone)]
pub struct Invocation {
    pub id: String,
    pub turn: String,
    pub action: Action,
    pub order: String,
    pub status: String,
    /// Why it failed or is uncertain; else empty.
    pub code: String,
    /// Whether a byte may have left.
    pub sent: bool,
}

/// Waits until nothing is under way any more, then reads everything. What does not come to an end is in
/// the record as it stands.
pub async fn read(from: SocketAddr) -> Result<Vec<Conversation>> {
    let began = Instant::now();
    loop {
        let mut open = 0;
        for status in ["intended", "sending"] {
            let path = format!("/v1/invocations?status={status}&limit=1");
            open += data(&api(from, "GET", &path, None).await?)?.len();
        }
        if open == 0 {
            let all = read_all(from).await?;
            let running = |turn: &Turn| turn.status == "running";
            let over = !all.iter().flat_map(|c| &c.turns).any(running);
            if over || began.elapsed() > SETTLE {
                return Ok(all);
            }
        } else if began.elapsed() > SETTLE {
            return read_all(from).await;
        }
        sleep(Duration::from_millis(500)).await;
    }
}

async fn read_all(from: SocketAddr) -> Result<Vec<Conversation>> {
    let mut all = Vec::new();
    let mut path = "/v1/conversations?limit=100".to_owned();
    loop {
        let page = api(from, "GET", &path, None).await?;
        for row in data(&page)? {
            let id = row["id"].as_str().context("a conversation without an id")?;
            let whole = api(from, "GET", &format!("/v1/conversations/{id}"), None).await?;
            all.push(conversation(&whole)?);
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/conversations?limit=100&cursor={cursor}"),
            None => return Ok(all),
        }
    }
}

fn data(page: &Value) -> Result<&Vec<Value>> {
    page["data"].as_array().context("a list without data")
}

fn conversation(whole: &Value) -> Result<Conversation> {
    let list = |name: &str| whole[name].as_array().cloned().unwrap_or_default();
    let text = |of: &Value| of.as_str().unwrap_or_default().to_owned();
    let invocation = |row: &Value| {
        let action = row["action"].as_str().and_then(Action::named);
        let Some(action) = action else {
            bail!("an invocation of an action that is not ours: {row}");
        };
        Ok(Invocation {
            id: text(&row["id"]),
            turn: text(&row["turn_id"]),
            action,
            order: text(&row["parameters"]["order"]),
            status: text(&row["status"]),
            code: text(&row["failure"]["code"]),
            sent: !row["sent_at"].is_null(),
        })
    };
    Ok(Conversation {
        id: text(&whole["id"]),
        messages: list("messages")
            .iter()
            .map(|row| Message {
                turn: text(&row["turn_id"]),
                by_customer: row["role"] == "customer",
                text: text(&row["text"]),
            })
            .collect(),
        turns: list("turns")
            .iter()
            .map(|row| Turn {
                id: text(&row["id"]),
                status: text(&row["status"]),
            })
            .collect(),
        invocations: list("invocations")
            .iter()
            .map(invocation)
            .collect::<Result<_>>()?,
    })
}
