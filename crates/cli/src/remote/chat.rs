//! `deskhand chat`: a conversation in the terminal with any agent of a running server.

use std::io::{self, IsTerminal};
use std::time::Duration;

use anyhow::{Context, bail};
use deskhand_domain::clock::Entropy;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::Server;
use super::client::{Client, Failure, an_id};
use super::events::Parser;
use super::screen::Screen;
use super::words::text;
use crate::system::SystemEntropy;
use crate::terminal::{Style, Terminal};

/// How long a message that may have arrived is asked after: longer than the longest turn.
const PATIENCE: Duration = Duration::from_secs(200);
/// Waits between askings double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Whom to talk to.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    server: Server,
    /// The agent, agt_…. May be left out where there is only one.
    #[arg(long, value_name = "ID", value_parser = an_id)]
    agent: Option<String>,
    /// A conversation to go on with, conv_….
    #[arg(long, value_name = "ID")]
    conversation: Option<String>,
    /// Print one JSON object an event instead of text.
    #[arg(long)]
    json: bool,
}

/// Talks until the input ends.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let client = Client::new(&arguments.server)?;
    let agent = match arguments.agent {
        Some(agent) => agent,
        None => only_agent(&client).await?,
    };
    let mut screen = Screen::new(arguments.json);
    let asking = io::stdin().is_terminal() && screen.is_live();
    if asking {
        let base = client.base();
        screen.note(&format!("Talking to {agent} at {base}. Ctrl-D ends."));
    }
    let mut conversation = arguments.conversation;
    let mut failed = 0_u32;
    loop {
        if asking {
            screen.prompt();
        }
        let Some(message) = read_line().await? else {
            if asking {
                screen.note("");
                if let Some(conversation) = conversation {
                    screen.note(&format!("To go on: --conversation {conversation}"));
                }
            } else if failed > 0 {
                bail!(
                    "{failed} of the messages could not be answered properly; see the turns' stop_reason"
                );
            }
            return Ok(());
        };
        if message.trim().is_empty() {
            continue;
        }
        let body = json!({
            "message": message.trim(),
            "conversation_id": conversation,
            "stream": true,
        });
        match say(&client, &agent, &body, &mut screen).await {
            Ok(answer) => {
                failed += u32::from(answer["status"] == "failed");
                conversation = answer["conversation_id"].as_str().map(str::to_owned);
            }
            Err(error) if asking => {
                let mut t = Terminal::stderr();
                let line = t.styled(Style::Bad, &format!("deskhand: {error:#}"));
                t.line(&line);
            }
            Err(error) => return Err(error),
        }
    }
}

/// The agent, where there is no choice.
async fn only_agent(client: &Client) -> anyhow::Result<String> {
    let listed = match client.get("/v1/agents", &[]).await {
        Ok(listed) => listed,
        Err(Failure::Refused(_, code, _)) if code == "forbidden" => {
            bail!("this key cannot list agents; say which one with --agent agt_…");
        }
        Err(failure) => return Err(failure.into()),
    };
    let agents = listed["data"].as_array().map_or(&[][..], Vec::as_slice);
    match agents {
        [] => bail!("the server has no agent yet; make one with POST /v1/agents"),
        [agent] => Ok(text(agent, "id")),
        _ => {
            let all: Vec<_> = agents
                .iter()
                .map(|agent| format!("  {}  {}", text(agent, "id"), text(agent, "name")))
                .collect();
            bail!("say which agent with --agent:\n{}", all.join("\n"))
        }
    }
}

/// Says one thing and shows what happens up to the reply. A cut connection is made up for: under its
/// key the message is handled once, however often it is sent.
async fn say(
    client: &Client,
    agent: &str,
    body: &Value,
    screen: &mut Screen,
) -> anyhow::Result<Value> {
    let path = format!("/v1/agents/{agent}/chat");
    let once = new_key();
    let deadline = Instant::now() + PATIENCE;
    let mut sent = false;
    let mut pause = FIRST_PAUSE;
    loop {
        let said = attempt(client, &path, body, &once, screen).await;
        screen.stop();
        match said {
            Ok(answer) => return Ok(answer),
            Err(failure) => {
                sent |= matches!(failure, Failure::Lost(_));
                let again = match &failure {
                    Failure::Refused(_, code, _) => code == "idempotency_in_progress",
                    Failure::Lost(_) => true,
                    Failure::Unreachable(_) => sent,
                };
                if let Failure::Refused(_, code, _) = &failure
                    && code == "not_found"
                {
                    let base = client.base();
                    match body["conversation_id"].as_str() {
                        Some(conversation) => bail!(
                            "this key knows no agent {agent} at {base} with a conversation {conversation}"
                        ),
                        None => bail!("this key knows no agent {agent} at {base}"),
                    }
                }
                if !again || Instant::now() > deadline {
                    return Err(failure.into());
                }
                sleep(pause).await;
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn attempt(
    client: &Client,
    path: &str,
    body: &Value,
    once: &str,
    screen: &mut Screen,
) -> Result<Value, Failure> {
    let mut opening = std::pin::pin!(client.stream(path, body, once));
    let mut response = loop {
        tokio::select! {
            response = &mut opening => break response?,
            () = screen.tick() => {}
        }
    };
    let mut parser = Parser::default();
    loop {
        let chunk = tokio::select! {
            chunk = response.chunk() => chunk,
            () = screen.tick() => continue,
        };
        let cut = || anyhow::anyhow!("the answer was cut off");
        let bytes = chunk
            .map_err(|error| Failure::Lost(anyhow::Error::new(error).context("a cut answer")))?
            .ok_or_else(|| Failure::Lost(cut()))?;
        for event in parser.take(&bytes) {
            let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
            if screen.show(&event.name, &data) {
                return Ok(data);
            }
        }
    }
}

fn new_key() -> String {
    let mut random = [0; 16];
    SystemEntropy.fill(&mut random);
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The next line of the input; `None` at its end.
async fn read_line() -> anyhow::Result<Option<String>> {
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        let bytes = io::stdin().read_line(&mut line)?;
        Ok::<_, io::Error>((bytes > 0).then_some(line))
    });
    read.await
        .context("reading the input")?
        .context("reading the input")
}
