//! The measured server: the real binary on a database on disk, set up through its API.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::connection::Connection;
use crate::load::Worker;
use crate::process::{Cores, Counted};
use crate::stubs::Stubs;

/// The admin key of the measured server.
const KEY: &str = "bench-bench-bench-bench-bench-bench";
/// Its master key: 32 bytes in hexadecimal, so that histories can be laid down in its database.
pub const MASTER_KEY: [u8; 32] = [7; 32];
/// How long it may take to be ready.
const START: Duration = Duration::from_secs(20);

/// What every bench needs.
pub struct Bench {
    pub deskhand: PathBuf,
    pub folder: PathBuf,
    pub stubs: Stubs,
    pub quick: bool,
    /// Those of `turns`; none for the usual ones.
    pub conversations: Vec<usize>,
    /// Those of `history`; none for the usual ones.
    pub turns_before: Vec<u32>,
    /// The length of a row of `turns`, if it is not the usual one.
    pub seconds: Option<u64>,
    pub cores: Cores,
}

/// A running server with one agent that has one action. It is killed with this value.
pub struct Server {
    pub address: SocketAddr,
    pub agent: String,
    pub action: String,
    /// From its start until it was ready.
    pub ready_after: Duration,
    child: Child,
    folder: TempDir,
    database_url: String,
}

impl Server {
    /// Starts it on an empty SQLite database. `delay_seconds` is how long its webhook takes to answer.
    pub async fn start(bench: &Bench, delay_seconds: u32) -> Result<Self> {
        let folder = TempDir::new_in(&bench.folder)?;
        let url = format!("sqlite://{}", folder.path().join("bench.db").display());
        let program = bench.cores.measured(&bench.deskhand);
        let mut server = Self::run(bench, program, folder, url).await?;
        server
            .set_up(bench.stubs.addresses.webhook, delay_seconds)
            .await?;
        Ok(server)
    }

    /// Starts the first node on an empty database of PostgreSQL, on any core.
    pub async fn first_node(bench: &Bench, database_url: &str) -> Result<Self> {
        let mut server = Self::node(bench, database_url).await?;
        server.set_up(bench.stubs.addresses.webhook, 0).await?;
        Ok(server)
    }

    /// Starts another node beside this one.
    pub async fn beside(&self, bench: &Bench) -> Result<Self> {
        let mut server = Self::node(bench, &self.database_url).await?;
        server.agent.clone_from(&self.agent);
        server.action.clone_from(&self.action);
        Ok(server)
    }

    async fn node(bench: &Bench, database_url: &str) -> Result<Self> {
        let folder = TempDir::new_in(&bench.folder)?;
        let program = Command::new(&bench.deskhand);
        Self::run(bench, program, folder, database_url.to_owned()).await
    }

    async fn run(
        bench: &Bench,
        mut program: Command,
        folder: TempDir,
        database_url: String,
    ) -> Result<Self> {
        let stubs = &bench.stubs.addresses;
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, &stubs.ca_pem)?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let address = free_address()?;
        let master: String = MASTER_KEY.iter().map(|b| format!("{b:02x}")).collect();
        let began = Instant::now();
        let child = program
            .arg("serve")
            .current_dir(folder.path())
            .env("DESKHAND_LISTEN", address.to_string())
            .env("DESKHAND_DATABASE_URL", &database_url)
            .env("DESKHAND_SECRET_KEY", master)
            .env("DESKHAND_BOOTSTRAP_API_KEY", KEY)
            .env("DESKHAND_MODEL", "openai::bench")
            .env("DESKHAND_MODEL_URL", format!("http://{}", stubs.model))
            .env("DESKHAND_EGRESS_ALLOW", stubs.webhook.to_string())
            .env("DESKHAND_EGRESS_CA_FILE", ca)
            .env("DESKHAND_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", bench.deskhand.display()))?;
        let mut server = Self {
            address,
            agent: String::new(),
            action: String::new(),
            ready_after: Duration::ZERO,
            child,
            folder,
            database_url,
        };
        server.wait_until_ready(began).await?;
        server.ready_after = began.elapsed();
        Ok(server)
    }

    async fn wait_until_ready(&mut self, began: Instant) -> Result<()> {
        loop {
            if let Ok(mut connection) = Connection::plain(self.address).await
                && let Ok((status, _)) = connection
                    .send(Method::GET, "/readyz", &[], Bytes::new())
                    .await
                && status.is_success()
            {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                let log = std::fs::read_to_string(self.folder.path().join("log"))?;
                bail!("the server ended with {status}: {log}");
            }
            if began.elapsed() > START {
                bail!("the server was not ready after {START:?}");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn set_up(&mut self, webhook: SocketAddr, delay_seconds: u32) -> Result<()> {
        let mut api = self.api().await?;
        let action = json!({
            "name": "check_order_status",
            "display_name": "Check order status",
            "description": "Check the status of a customer's order. Use when the customer asks \
                about their order status, delivery tracking, or where their package is. Requires \
                the order number.",
            "webhook_url": format!("https://{webhook}/orders/{delay_seconds}"),
            "timeout_seconds": 60,
            "effect": "read",
            "headers": [{ "name": "x-shop-key", "secret": "s3cret-s3cret" }],
            "parameters": {
                "type": "object",
                "properties": {
                    "customer_email": { "type": "string", "description": "Customer's email address" },
                    "order_number": {
                        "type": "string",
                        "description": "Order number to look up (e.g., ORD-12345)",
                    },
                },
                "required": ["order_number"],
            },
        });
        let agent = json!({
            "name": "Willow & Co.",
            "instructions": "You help the customers of a small plant shop.",
        });
        self.action = id_of(&api.send(Method::POST, "/v1/actions", &action).await?)?;
        self.agent = id_of(&api.send(Method::POST, "/v1/agents", &agent).await?)?;
        let attach = format!("/v1/agents/{}/actions/{}", self.agent, self.action);
        api.send(Method::PUT, &attach, &Value::Null).await?;
        Ok(())
    }

    /// A connection to its API.
    pub async fn api(&self) -> Result<Api> {
        Ok(Api {
            connection: Connection::plain(self.address).await?,
            headers: vec![
                ("authorization".to_owned(), format!("Bearer {KEY}")),
                ("content-type".to_owned(), "application/json".to_owned()),
            ],
        })
    }

    /// A customer who begins a new conversation every so many turns. A contact may send 30 messages
    /// a minute, so each conversation has a contact of its own.
    pub async fn customer(&self, number: usize, turns_each: u32) -> Result<Customer> {
        Ok(Customer {
            api: self.api().await?,
            path: format!("/v1/agents/{}/chat", self.agent),
            number,
            turns_each,
            turns: 0,
            conversation: None,
        })
    }

    /// So many customers.
    pub async fn customers(&self, count: usize, turns_each: u32) -> Result<Vec<Customer>> {
        let mut customers = Vec::with_capacity(count);
        for number in 0..count {
            customers.push(self.customer(number, turns_each).await?);
        }
        Ok(customers)
    }

    /// What the kernel has counted of it.
    pub fn counted(&self) -> Result<Counted> {
        Counted::of(self.child.id())
    }

    /// Where its database is.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn id_of(answer: &Value) -> Result<String> {
    let id = answer["id"].as_str().context("an answer without an id")?;
    Ok(id.to_owned())
}

/// A port that nobody listened on a moment ago.
fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// A connection to the API with the admin key.
pub struct Api {
    connection: Connection,
    headers: Vec<(String, String)>,
}

impl Api {
    /// Sends JSON, gets JSON; anything but a success is an error.
    pub async fn send(&mut self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let body = match body {
            Value::Null => Bytes::new(),
            body => body.to_string().into(),
        };
        let (status, answer) = self
            .connection
            .send(method, path, &self.headers, body)
            .await?;
        if !status.is_success() {
            bail!(
                "{path} answered {status}: {}",
                String::from_utf8_lossy(&answer)
            );
        }
        if answer.is_empty() {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_slice(&answer)?)
    }
}

/// A customer who asks for one order after the other.
pub struct Customer {
    api: Api,
    path: String,
    number: usize,
    turns_each: u32,
    turns: u32,
    /// The one to go on in.
    pub conversation: Option<String>,
}

impl Worker for Customer {
    async fn turn(&mut self) -> Result<()> {
        if self.turns.is_multiple_of(self.turns_each) && self.turns > 0 {
            self.conversation = None;
        }
        self.turns += 1;
        let order = format!("ORD-{}{:06}", self.number + 1, self.turns);
        let message = json!({
            "message": format!("Where's my order? Order number is {order}"),
            "conversation_id": self.conversation,
        });
        let answer = self.api.send(Method::POST, &self.path, &message).await?;
        let right = answer["status"] == "completed"
            && answer["invocations"][0]["status"] == "succeeded"
            && answer["reply"]
                .as_str()
                .is_some_and(|reply| reply.contains(&order));
        if !right {
            bail!("a turn did not come to the right end: {answer}");
        }
        if self.turns_each > 1 {
            self.conversation = answer["conversation_id"].as_str().map(str::to_owned);
        }
        Ok(())
    }
}
