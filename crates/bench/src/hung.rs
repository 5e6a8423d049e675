//! `hung`: webhooks that take half a minute to answer, thousands at once.

use anyhow::Result;
use serde::Serialize;

use crate::bare;
use crate::figures::{Latency, Work};
use crate::load::{Stop, drive};
use crate::server::{Bench, Server};

/// One row.
#[derive(Debug, Serialize)]
pub struct Row {
    pub webhooks: usize,
    pub answering_after_seconds: u32,
    pub deskhand: Work,
    pub bare: Work,
}

/// Every number of webhooks, one turn each.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (counts, seconds): (&[usize], u32) = if bench.quick {
        (&[1_000], 5)
    } else {
        (&[1_000, 4_000], 30)
    };
    let mut rows = Vec::new();
    for &webhooks in counts {
        let server = Server::start(bench, seconds).await?;
        bench.stubs.samples().await?;
        // One turn first, so that what is only ever made once is not shared out among the calls.
        drive(&mut server.customers(1, 1).await?, Stop::Turns(1)).await;
        let samples = bench.stubs.samples().await?;
        let mut customers = server.customers(webhooks, 1).await?;
        let before = server.counted()?;
        let timed = drive(&mut customers, Stop::Turns(1)).await;
        let after = server.counted()?;
        let deskhand = Work {
            turns: timed.turns(),
            errors: timed.errors,
            turns_per_second: timed.per_second(),
            cpu_ms_per_turn: (after.cpu_seconds - before.cpu_seconds) * 1_000.0 / webhooks as f64,
            latency: Latency::of(timed.times),
            peak_mib: after.peak_kib as f64 / 1_024.0,
            kib_each: after.peak_kib.saturating_sub(before.resident_kib) as f64 / webhooks as f64,
        };
        drop(customers);
        drop(server);
        rows.push(Row {
            webhooks,
            answering_after_seconds: seconds,
            deskhand,
            bare: bare::measure(bench, &samples, webhooks, Stop::Turns(1))?,
        });
    }
    Ok(rows)
}
