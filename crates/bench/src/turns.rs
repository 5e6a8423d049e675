//! `turns`: whole turns, as fast as they go, beside the bare loop.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::bare;
use crate::figures::{Latency, Work};
use crate::load::{Stop, drive};
use crate::server::{Bench, Server};

/// Conversations at once.
const CONVERSATIONS: [usize; 3] = [1, 64, 256];
/// Turns of a conversation that is gone on in: under the 30 messages a minute of its contact.
const TURNS_EACH: u32 = 20;

/// One row.
#[derive(Debug, Serialize)]
pub struct Row {
    pub conversations: usize,
    /// Whether each turn begins a conversation, or goes on in one of up to 20 turns.
    pub continuing: bool,
    pub deskhand: Work,
    pub bare: Work,
}

/// Every number of conversations, new ones and continuing ones.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let usual = if bench.quick { 2 } else { 8 };
    let limit = Duration::from_secs(bench.seconds.unwrap_or(usual));
    let counts = match bench.conversations.as_slice() {
        [] => &CONVERSATIONS,
        named => named,
    };
    let mut rows = Vec::new();
    for &conversations in counts {
        for continuing in [false, true] {
            let server = Server::start(bench, 0).await?;
            let turns_each = if continuing { TURNS_EACH } else { 1 };
            let deskhand = under_load(&server, conversations, turns_each, limit).await?;
            // One more turn, for the requests of it.
            bench.stubs.samples().await?;
            drive(&mut server.customers(1, 1).await?, Stop::Turns(1)).await;
            let samples = bench.stubs.samples().await?;
            drop(server);
            let bare = bare::measure(bench, &samples, conversations, Stop::After(limit))?;
            rows.push(Row {
                conversations,
                continuing,
                deskhand,
                bare,
            });
        }
    }
    Ok(rows)
}

async fn under_load(
    server: &Server,
    conversations: usize,
    turns_each: u32,
    limit: Duration,
) -> Result<Work> {
    let idle = server.counted()?;
    let mut customers = server.customers(conversations, turns_each).await?;
    let warm = drive(&mut customers, Stop::After(limit / 5)).await;
    let before = server.counted()?;
    let timed = drive(&mut customers, Stop::After(limit)).await;
    let after = server.counted()?;
    Ok(Work {
        turns: timed.turns(),
        errors: timed.errors + warm.errors,
        turns_per_second: timed.per_second(),
        cpu_ms_per_turn: (after.cpu_seconds - before.cpu_seconds) * 1_000.0
            / timed.turns().max(1) as f64,
        latency: Latency::of(timed.times),
        peak_mib: after.peak_kib as f64 / 1_024.0,
        kib_each: after.peak_kib.saturating_sub(idle.resident_kib) as f64 / conversations as f64,
    })
}
