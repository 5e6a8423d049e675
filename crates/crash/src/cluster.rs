//! The servers and what they work with: started once to be set up, then let die over and over.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::client;
use crate::node::{Node, Settings};
use crate::work::Action;

/// The admin key.
const KEY: &str = "crash-crash-crash-crash-crash-crash";

/// Where the nodes listen.
#[derive(Debug)]
pub struct Addresses(pub Vec<SocketAddr>);

impl Addresses {
    /// One of them.
    pub fn nth(&self, n: usize) -> SocketAddr {
        self.0[n % self.0.len()]
    }
}

/// What the servers talk to.
pub struct Counterparts {
    pub model: SocketAddr,
    pub receiver: SocketAddr,
    pub ca_pem: String,
}

/// What every node is started with.
pub fn settings(
    program: &Path,
    folder: &Path,
    database_url: &str,
    counterparts: &Counterparts,
    public: SocketAddr,
) -> Result<Settings> {
    let ca = folder.join("ca.pem");
    std::fs::write(&ca, &counterparts.ca_pem)?;
    let mut environment = vec![
        ("DESKHAND_DATABASE_URL", database_url.to_owned()),
        ("DESKHAND_SECRET_KEY", crate::snapshot::master_key_text()),
        ("DESKHAND_BOOTSTRAP_API_KEY", KEY.to_owned()),
        ("DESKHAND_PUBLIC_URL", format!("http://{public}")),
        ("DESKHAND_MODEL", "openai::crash".to_owned()),
        (
            "DESKHAND_MODEL_URL",
            format!("http://{}", counterparts.model),
        ),
        ("DESKHAND_EGRESS_ALLOW", counterparts.receiver.to_string()),
        // With the name that each run has in the database.
        (
            "DESKHAND_LOG",
            "info,deskhand_service::recovery=debug".to_owned(),
        ),
    ];
    environment.push(("DESKHAND_EGRESS_CA_FILE", ca.display().to_string()));
    Ok(Settings {
        program: program.to_owned(),
        environment: environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    })
}

/// `Authorization` for the API.
pub fn authorization() -> String {
    format!("Bearer {KEY}")
}

/// Asks the API; anything but a success is an error.
pub async fn api(to: SocketAddr, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
    let authorization = authorization();
    let headers = [("authorization", authorization.as_str())];
    let answer = client::request(to, method, path, &headers, body).await?;
    if !(200..300).contains(&answer.status) {
        let text = String::from_utf8_lossy(&answer.body);
        bail!("{method} {path} answered {}: {text}", answer.status);
    }
    Ok(answer.json())
}

/// Makes the agent and its actions; the agent's id.
pub async fn set_up(to: SocketAddr, receiver: SocketAddr) -> Result<String> {
    let agent = json!({ "name": "Willow & Co.", "instructions": "You help." });
    let agent = id_of(&api(to, "POST", "/v1/agents", Some(&agent)).await?)?;
    for action in Action::ALL {
        let definition = action.definition(&format!("https://{receiver}"));
        let id = id_of(&api(to, "POST", "/v1/actions", Some(&definition)).await?)?;
        let path = format!("/v1/agents/{agent}/actions/{id}");
        api(to, "PUT", &path, None).await?;
    }
    Ok(agent)
}

fn id_of(answer: &Value) -> Result<String> {
    let id = answer["id"].as_str().context("an answer without an id")?;
    Ok(id.to_owned())
}

/// Starts every node that is down and waits until all take requests.
pub async fn all_up(nodes: &mut [Node], settings: &Arc<Settings>) -> Result<()> {
    for node in nodes.iter_mut() {
        node.start(settings, None)?;
    }
    for node in nodes {
        if !node.ready().await? {
            bail!("a server does not start: {}", node.log_tail());
        }
    }
    Ok(())
}
