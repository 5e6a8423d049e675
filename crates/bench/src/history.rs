//! `history`: what a turn costs after so many others in its conversation.

use anyhow::Result;
use serde::Serialize;

use crate::bare;
use crate::figures::{Latency, Work};
use crate::load::{Stop, drive};
use crate::seed;
use crate::server::{Bench, Customer, Server};

/// Turns that the conversation has had, where nobody says how many.
const TURNS_BEFORE: [u32; 4] = [1, 10, 50, 150];

/// One row.
#[derive(Debug, Serialize)]
pub struct Row {
    pub turns_before: u32,
    /// Whether it is the first message that the server sees of the conversation since it started; else
    /// the one right after it.
    pub first: bool,
    /// Both requests to the model: what grows with the conversation by nature.
    pub model_input_bytes: usize,
    pub deskhand: Work,
    pub bare: Work,
}

/// Every length: two turns in each of many conversations, one conversation after the other.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let conversations = if bench.quick { 60 } else { 200 };
    let server = Server::start(bench, 0).await?;
    drive(&mut server.customers(1, 1).await?, Stop::Turns(50)).await;
    let mut rows = Vec::new();
    let lengths = match bench.turns_before.as_slice() {
        [] => &TURNS_BEFORE,
        named => named,
    };
    for &turns_before in lengths {
        let seeded = seed::conversations(&server, turns_before, conversations).await?;
        let mut customers = server.customers(seeded.len(), 2).await?;
        for (customer, conversation) in customers.iter_mut().zip(seeded) {
            customer.conversation = Some(conversation);
        }
        for first in [true, false] {
            rows.push(round(bench, &server, &mut customers, turns_before, first).await?);
        }
    }
    Ok(rows)
}

/// One turn in each conversation.
async fn round(
    bench: &Bench,
    server: &Server,
    customers: &mut [Customer],
    turns_before: u32,
    first: bool,
) -> Result<Row> {
    bench.stubs.samples().await?;
    let before = server.counted()?;
    let (mut times, mut errors, mut seconds) = (Vec::new(), 0, 0.0);
    for customer in customers {
        let timed = drive(std::slice::from_mut(customer), Stop::Turns(1)).await;
        seconds += timed.elapsed.as_secs_f64();
        errors += timed.errors;
        times.extend(timed.times);
    }
    let after = server.counted()?;
    let turns = times.len() as u64;
    let samples = bench.stubs.samples().await?;
    let bodies = [&samples.ask, &samples.tell].into_iter().flatten();
    let limit = std::time::Duration::from_secs(1);
    Ok(Row {
        turns_before,
        first,
        model_input_bytes: bodies.map(|sample| sample.body.len()).sum(),
        deskhand: Work {
            turns,
            errors,
            turns_per_second: turns as f64 / seconds,
            cpu_ms_per_turn: (after.cpu_seconds - before.cpu_seconds) * 1_000.0
                / turns.max(1) as f64,
            latency: Latency::of(times),
            peak_mib: after.peak_kib as f64 / 1_024.0,
            kib_each: 0.0,
        },
        bare: bare::measure(bench, &samples, 1, Stop::After(limit))?,
    })
}
