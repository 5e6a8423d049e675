//! `turns --database postgres`: nodes that share one PostgreSQL, each number of them beside one node
//! alone. Every commit is synced. Nodes and database run on any core, so that on a machine with few
//! cores the ratios say what sharing costs, not how far it carries.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::figures::{Latency, Work};
use crate::load::{Stop, drive};
use crate::postgres::{Durability, PostgresServer};
use crate::process::{Counted, cpu_seconds_of_family};
use crate::server::{Bench, Server};

const NODES: [usize; 3] = [1, 2, 4];
/// Conversations at once, over all nodes.
const CONVERSATIONS: [usize; 2] = [4, 64];

/// One row. Each turn begins a conversation.
#[derive(Debug, Serialize)]
pub struct Row {
    pub nodes: usize,
    pub conversations: usize,
    /// Memory is that of the largest node.
    pub work: Work,
    /// Turns a second, as a share of what one node came to.
    pub of_one_node: f64,
    /// User and system time of all processes of the database.
    pub database_cpu_ms_per_turn: f64,
}

/// Every number of nodes, with few conversations and with many.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let own = std::process::id();
    // Paths of sockets are short, and the user that PostgreSQL runs as has to reach it.
    let directory = std::env::temp_dir().join(format!("deskhand-bench-{own}"));
    let postgres = PostgresServer::start(&directory, own, Durability::Power)
        .context("starting PostgreSQL")?
        .context("PostgreSQL is not installed (initdb, pg_ctl, createdb)")?;
    let mut rows: Vec<Row> = Vec::new();
    for conversations in CONVERSATIONS {
        let first = rows.len();
        for nodes in NODES {
            let url = postgres.create_database(&format!("bench_{nodes}_{conversations}"));
            let (work, database_cpu_ms_per_turn) =
                under_load(bench, &postgres, &url, nodes, conversations).await?;
            let one = rows.get(first).map_or(&work, |row| &row.work);
            rows.push(Row {
                nodes,
                conversations,
                of_one_node: work.turns_per_second / one.turns_per_second.max(f64::EPSILON),
                work,
                database_cpu_ms_per_turn,
            });
        }
    }
    Ok(rows)
}

async fn under_load(
    bench: &Bench,
    postgres: &PostgresServer,
    url: &str,
    nodes: usize,
    conversations: usize,
) -> Result<(Work, f64)> {
    let limit = Duration::from_secs(if bench.quick { 3 } else { 10 });
    let mut servers = vec![Server::first_node(bench, url).await?];
    while servers.len() < nodes {
        let next = servers[0].beside(bench).await?;
        servers.push(next);
    }
    let mut customers = Vec::with_capacity(conversations);
    for number in 0..conversations {
        customers.push(servers[number % nodes].customer(number, 1).await?);
    }
    let idle = counted(&servers)?;
    let warm = drive(&mut customers, Stop::After(limit / 5)).await;
    let before = counted(&servers)?;
    let database_before = cpu_seconds_of_family(postgres.process()?)?;
    let timed = drive(&mut customers, Stop::After(limit)).await;
    let database = cpu_seconds_of_family(postgres.process()?)? - database_before;
    let after = counted(&servers)?;
    let turns = timed.turns().max(1) as f64;
    let work = Work {
        turns: timed.turns(),
        errors: timed.errors + warm.errors,
        turns_per_second: timed.per_second(),
        cpu_ms_per_turn: (after.cpu_seconds - before.cpu_seconds) * 1_000.0 / turns,
        latency: Latency::of(timed.times),
        peak_mib: after.peak_kib as f64 / 1_024.0,
        kib_each: after.peak_kib.saturating_sub(idle.resident_kib) as f64 / conversations as f64,
    };
    Ok((work, database * 1_000.0 / turns))
}

/// The CPU time of all, and the memory of the largest.
fn counted(servers: &[Server]) -> Result<Counted> {
    let mut all = servers[0].counted()?;
    for server in &servers[1..] {
        let one = server.counted()?;
        all.cpu_seconds += one.cpu_seconds;
        all.resident_kib = all.resident_kib.max(one.resident_kib);
        all.peak_kib = all.peak_kib.max(one.peak_kib);
    }
    Ok(all)
}
