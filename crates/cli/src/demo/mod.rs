//! `deskhand demo`: a small shop with an agent, its own webhook server, and everything running.

mod data;
mod refunds;
mod say;
mod shop;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context;
use deskhand_domain::secret::Secret;
use deskhand_service::Service;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::config::Config;
use crate::demo::data::Demo;
use crate::demo::shop::Shop;
use crate::serve::Stop;
use crate::terminal::{Style, Terminal};
use crate::{assemble, logging, serve, shutdown};

/// What the demo is asked to do.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Say this to the agent, print what happens, and stop. May be given several times; the messages
    /// are one conversation.
    #[arg(long, value_name = "MESSAGE")]
    say: Vec<String>,
    /// With --say: print one JSON object a step instead of text.
    #[arg(long, requires = "say")]
    json: bool,
}

/// Runs the demo. Its database lives in a folder that is removed afterwards.
pub(crate) async fn run(arguments: Arguments, mut config: Config) -> anyhow::Result<()> {
    // A demo prints for a person; the log is only for what goes wrong.
    logging::start(if config.log == "info" {
        "warn"
    } else {
        &config.log
    })?;
    let folder = tempfile::tempdir().context("cannot make a folder for the demo's database")?;
    let a_step = match arguments.say.is_empty() {
        true => Duration::from_secs(4),
        false => Duration::from_secs(1),
    };
    let shop = Shop::open(a_step)
        .await
        .context("the shop's webhook server")?;
    if !arguments.say.is_empty() {
        // The shop reports to it.
        let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        config.listen = listener.local_addr().context("the address of the demo")?;
        config.public_url = None;
        let service = assemble_demo(&mut config, &folder, &shop).await?;
        service.start_background();
        let demo = data::fill(&service, &shop).await?;
        let (stop, stopped) = oneshot::channel::<()>();
        let own = service.clone();
        let drain = config.drain();
        let proxies = config.trusted_proxies;
        let stopped = Stop::When(Some(stopped));
        let server = tokio::spawn(serve::answer(listener, None, own, proxies, drain, stopped));
        let said = say::run(&service, &demo, &arguments.say, arguments.json).await;
        drop(stop);
        server.await.context("the demo's server")??;
        return said;
    }
    let listener = listen(config.listen).await?;
    config.listen = listener.local_addr().context("the address of the demo")?;
    let service = assemble_demo(&mut config, &folder, &shop).await?;
    service.start_background();
    let demo = data::fill(&service, &shop).await?;
    let link = data::sign_in_link(&service).await?;
    let stop = Stop::On(shutdown::Signals::listen().context("signals")?);
    welcome(config.listen, &demo, &link, &shop, &config.model);
    let drain = config.drain();
    let proxies = config.trusted_proxies;
    serve::answer(listener, None, service, proxies, drain, stop).await
}

async fn assemble_demo(
    config: &mut Config,
    folder: &TempDir,
    shop: &Shop,
) -> anyhow::Result<Service> {
    config.database_url = format!("sqlite://{}", folder.path().join("demo.db").display());
    config.egress_allow = shop.address().to_string();
    let roots = shop.ca_pem().as_bytes().to_vec();
    let service = assemble::service_with_roots(config, Some(roots)).await?;
    service.recover().await.context("recovery")?;
    Ok(service)
}

/// Where it is wanted, or on another port if that one is taken.
async fn listen(wanted: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(wanted).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let free = SocketAddr::new(wanted.ip(), 0);
            TcpListener::bind(free)
                .await
                .with_context(|| format!("cannot listen on {free}"))
        }
        Err(error) => Err(error).with_context(|| format!("cannot listen on {wanted}")),
    }
}

fn welcome(address: SocketAddr, demo: &Demo, link: &Secret, shop: &Shop, model: &str) {
    let mut t = Terminal::stdout();
    let heading = t.styled(Style::Strong, "Deskhand is running.");
    t.line("");
    t.line(&heading);
    t.line("");
    for (name, value) in [
        ("Open", format!("{}  (signs you in, once)", link.expose())),
        ("API", format!("http://{address}")),
        ("Key", demo.key.expose().to_owned()),
        (
            "Agent",
            format!("{}  (Willow & Co., model {model})", demo.agent),
        ),
        ("Actions", format!("{}  check_order_status", demo.action)),
        ("", format!("{}  request_refund", demo.refund)),
        ("Webhook", shop.url()),
    ] {
        let name = t.styled(Style::Faint, &format!("{name:<8}"));
        t.line(&format!("  {name} {value}"));
    }
    let auth = format!("-H 'authorization: Bearer {}'", demo.key.expose());
    let json = "-H 'content-type: application/json'";
    let steps = [
        (
            "Ask as a customer",
            format!(
                "curl -s http://{address}/v1/agents/{}/chat \\\n    {auth} \\\n    {json} \\\n    \
                 -d '{{\"message\": \"Where'\\''s my order? Order number is ORD-12345\"}}'",
                demo.agent
            ),
        ),
        (
            "See exactly what was sent, and what came back",
            format!("curl -s 'http://{address}/v1/invocations?limit=1' \\\n    {auth}"),
        ),
        (
            "Run the action by itself, as a test",
            format!(
                "curl -s http://{address}/v1/actions/{}/test \\\n    {auth} \\\n    {json} \\\n    \
                 -d '{{\"parameters\": {{\"order_number\": \"ORD-67890\"}}}}'",
                demo.action
            ),
        ),
    ];
    for (title, command) in steps {
        let title = t.styled(Style::Strong, title);
        t.line("");
        t.line(&title);
        t.line("");
        t.line(&format!("  {command}"));
    }
    t.line("");
    let orders = shop::ORDERS
        .iter()
        .map(|order| order.number)
        .collect::<Vec<_>>()
        .join(", ");
    t.line(&format!(
        "The shop knows the orders {orders}. Try one it does not know, or none at all."
    ));
    t.line("Everything is gone when you stop this with Ctrl-C.");
    t.line("");
}
