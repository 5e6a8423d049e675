//! Kills a working `deskhand serve` over and over, at random moments and at the worst ones, while
//! customers go on asking for things; then holds what reached the endpoint and what the customers were
//! told against what Deskhand has recorded.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program talks on the terminal"
)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod callbacks;
mod client;
mod cluster;
mod customer;
mod lives;
mod model;
mod node;
mod plan;
mod random;
mod receiver;
mod reconcile;
mod record;
mod report;
mod snapshot;
mod trigger;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Parser;
use futures_util::future::{join_all, try_join_all};

use crate::callbacks::Callbacks;
use crate::cluster::{Addresses, Counterparts};
use crate::customer::Desk;
use crate::lives::Lives;
use crate::node::Node;
use crate::receiver::Receiver;
use crate::reconcile::{Seen, Violation};
use crate::report::Report;
use crate::trigger::Trigger;

/// How long the callbacks may take to come to an end after the last kill.
const CALLBACKS: Duration = Duration::from_secs(60);

/// Kill Deskhand and see what it makes of it.
#[derive(Parser)]
#[command(name = "deskhand-crash")]
struct Arguments {
    /// A debug build of the server: only that has the points at which it dies
    #[arg(long, value_name = "FILE")]
    deskhand: PathBuf,
    /// Where the database is made; a folder on a real disk
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
    /// How often it is killed
    #[arg(long, default_value_t = 100)]
    kills: usize,
    /// Fixes what is asked and where it dies
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// `sqlite`
    #[arg(long, default_value = "sqlite")]
    database: String,
    /// Customers at once
    #[arg(long, default_value_t = 6)]
    customers: u64,
    /// Also write the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Leave database and logs behind
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ran = match runtime {
        Ok(runtime) => runtime.block_on(run(Arguments::parse())),
        Err(error) => Err(error.into()),
    };
    match ran {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("crash: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// A whole run. True: every promise was kept.
async fn run(arguments: Arguments) -> Result<bool> {
    if arguments.database != "sqlite" {
        bail!("--database {}: there is only sqlite", arguments.database);
    }
    let began = Instant::now();
    let program = arguments
        .deskhand
        .canonicalize()
        .with_context(|| format!("{}", arguments.deskhand.display()))?;
    std::fs::create_dir_all(&arguments.folder)?;
    let mut folder = tempfile::tempdir_in(arguments.folder.canonicalize()?)?;
    folder.disable_cleanup(arguments.keep);
    let mut nodes = [Node::new(folder.path(), 1)?];
    let addresses = Arc::new(Addresses(nodes.iter().map(|node| node.address).collect()));

    let trigger = Arc::new(Trigger::default());
    let callbacks = Arc::new(Callbacks::new(Arc::clone(&addresses), Arc::clone(&trigger)));
    let receiver = Arc::new(Receiver::new(Arc::clone(&trigger), Arc::clone(&callbacks)));
    let counterparts = start(&receiver).await?;
    let settings = Arc::new(cluster::settings(
        &program,
        folder.path(),
        &snapshot::database_url(folder.path()),
        &counterparts,
        addresses.nth(0),
    )?);
    cluster::all_up(&mut nodes, &settings).await?;
    let agent = cluster::set_up(addresses.nth(0), counterparts.receiver).await?;

    let desk = Arc::new(Desk::new(
        Arc::clone(&addresses),
        agent,
        cluster::authorization(),
    ));
    let customers: Vec<_> = (0..arguments.customers)
        .map(|worker| tokio::spawn(Arc::clone(&desk).serve(arguments.seed, worker)))
        .collect();
    for node in &mut nodes {
        node.kill()?;
    }
    let lives = Lives::new(
        Arc::clone(&settings),
        trigger,
        Some(folder.path().to_owned()),
        plan::deaths(arguments.seed, arguments.kills, false),
    );
    try_join_all(nodes.iter_mut().map(|node| lives.of(node))).await?;

    eprintln!("{} messages; everything may come to its end", desk.count());
    cluster::all_up(&mut nodes, &settings).await?;
    desk.stop.store(true, Ordering::SeqCst);
    for ended in join_all(customers).await {
        ended.context("a customer")?;
    }
    let waiting = Instant::now();
    while callbacks.open() > 0 && waiting.elapsed() < CALLBACKS {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let conversations = record::read(addresses.nth(0)).await?;
    let (deaths, snapshots, strange) = lives.told();
    let seen = Seen {
        asked: desk.all(),
        received: receiver.log.all(),
        reported: callbacks.all(),
        snapshots,
        conversations,
    };
    let mut violations = reconcile::reconcile(&seen);
    violations.extend(strange.into_iter().map(|what| Violation {
        rule: "the server ended by itself",
        what,
    }));
    let report = Report {
        seed: arguments.seed,
        database: &arguments.database,
        nodes: nodes.len(),
        deaths,
        took: began.elapsed(),
        seen: &seen,
        violations: &violations,
    };
    report.print();
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&report.json())?;
        std::fs::write(path, text).with_context(|| format!("{}", path.display()))?;
    }
    if arguments.keep {
        println!("\n  Kept: {}", folder.path().display());
    }
    Ok(violations.is_empty())
}

/// Starts what the server talks to.
async fn start(receiver: &Arc<Receiver>) -> Result<Counterparts> {
    let (tls, ca_pem) = receiver::identity()?;
    let (model, model_address) = receiver::listen().await?;
    let (endpoint, endpoint_address) = receiver::listen().await?;
    tokio::spawn(model::accept(model, Arc::clone(&receiver.trigger)));
    tokio::spawn(Arc::clone(receiver).accept(endpoint, tls));
    Ok(Counterparts {
        model: model_address,
        receiver: endpoint_address,
        ca_pem,
    })
}
