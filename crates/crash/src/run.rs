//! A whole run: everything started, killed as often as asked for, and looked through.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures_util::future::{join_all, try_join_all};

use crate::callbacks::Callbacks;
use crate::cluster::{Addresses, Counterparts};
use crate::customer::Desk;
use crate::database::Database;
use crate::lives::Lives;
use crate::node::Node;
use crate::receiver::Receiver;
use crate::reconcile::{Seen, Violation};
use crate::report::Report;
use crate::trigger::Trigger;
use crate::{Arguments, Kind, cluster, model, plan, receiver, reconcile, record};

/// How long the callbacks may take to come to an end after the last kill.
const CALLBACKS: Duration = Duration::from_secs(60);

/// A whole run. True: every promise was kept.
pub async fn run(arguments: Arguments) -> Result<bool> {
    if arguments.database == Kind::Sqlite && arguments.nodes != 1 {
        bail!(
            "--nodes {}: an SQLite database has one server",
            arguments.nodes
        );
    }
    let began = Instant::now();
    let program = arguments
        .deskhand
        .canonicalize()
        .with_context(|| format!("{}", arguments.deskhand.display()))?;
    std::fs::create_dir_all(&arguments.folder)?;
    let mut folder = tempfile::tempdir_in(arguments.folder.canonicalize()?)?;
    folder.disable_cleanup(arguments.keep);
    let database = match arguments.database {
        Kind::Sqlite => Database::sqlite(folder.path()),
        Kind::Postgres => Database::postgres()?,
    };
    let mut nodes = (1..=arguments.nodes)
        .map(|number| Node::new(folder.path(), number))
        .collect::<Result<Vec<_>>>()?;
    let addresses = Arc::new(Addresses(nodes.iter().map(|node| node.address).collect()));

    let trigger = Arc::new(Trigger::default());
    let callbacks = Arc::new(Callbacks::new(Arc::clone(&addresses), Arc::clone(&trigger)));
    let receiver = Arc::new(Receiver::new(Arc::clone(&trigger), Arc::clone(&callbacks)));
    let counterparts = start(&receiver).await?;
    let settings = Arc::new(cluster::settings(
        &program,
        folder.path(),
        &database.url(),
        &counterparts,
        addresses.nth(0),
    )?);
    cluster::all_up(&mut nodes, &settings).await?;
    let agent = cluster::set_up(addresses.nth(0), counterparts.receiver).await?;

    // A turn whose server has died waits until its lease has: then others go on meanwhile.
    let customers = arguments.customers.unwrap_or(match arguments.nodes {
        1 => 6,
        nodes => 12 * nodes as u64,
    });
    let desk = Arc::new(Desk::new(
        Arc::clone(&addresses),
        agent,
        cluster::authorization(),
    ));
    let customers: Vec<_> = (0..customers)
        .map(|worker| tokio::spawn(Arc::clone(&desk).serve(arguments.seed, worker)))
        .collect();
    for node in &mut nodes {
        node.kill()?;
    }
    let lives = Lives::new(
        Arc::clone(&settings),
        trigger,
        database.source().await?,
        nodes.len(),
        plan::deaths(arguments.seed, arguments.kills, arguments.nodes),
    );
    let over = AtomicBool::new(false);
    let killing = async {
        let killed = try_join_all(nodes.iter_mut().map(|node| lives.of(node))).await;
        over.store(true, Ordering::SeqCst);
        killed.map(drop)
    };
    let outages = database.outages(arguments.seed, &over);
    let ((), outages) = tokio::try_join!(killing, outages)?;

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
        database: arguments.database,
        outages,
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
