//! The bare loop: the requests of a turn, recorded from Deskhand, made again over kept connections
//! with nothing in between. It runs in a process of its own on the core that the server gets, and is
//! what the server's figures are compared with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::connection::{Connection, trusting};
use crate::figures::{Latency, Work};
use crate::load::{Stop, Worker, drive};
use crate::process::Counted;
use crate::sample::{Sample, Samples};
use crate::server::Bench;

#[derive(clap::Args)]
pub struct Arguments {
    #[arg(long)]
    model: SocketAddr,
    #[arg(long)]
    webhook: SocketAddr,
    #[arg(long)]
    ca_file: PathBuf,
    #[arg(long)]
    samples_file: PathBuf,
    #[arg(long)]
    conversations: usize,
    /// Zero: one turn each
    #[arg(long)]
    milliseconds: u64,
}

/// Repeats these requests in so many conversations at once.
pub fn measure(bench: &Bench, samples: &Samples, conversations: usize, stop: Stop) -> Result<Work> {
    let folder = tempfile::tempdir_in(&bench.folder)?;
    let (ca, recorded) = (folder.path().join("ca.pem"), folder.path().join("samples"));
    let stubs = &bench.stubs.addresses;
    std::fs::write(&ca, &stubs.ca_pem)?;
    std::fs::write(&recorded, serde_json::to_vec(samples)?)?;
    let milliseconds = match stop {
        Stop::After(limit) => limit.as_millis(),
        Stop::Turns(_) => 0,
    };
    let output = bench
        .cores
        .measured(&std::env::current_exe()?)
        .arg("bare")
        .args(["--model", &stubs.model.to_string()])
        .args(["--webhook", &stubs.webhook.to_string()])
        .args(["--conversations", &conversations.to_string()])
        .args(["--milliseconds", &milliseconds.to_string()])
        .arg("--ca-file")
        .arg(ca)
        .arg("--samples-file")
        .arg(recorded)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("starting the bare loop")?;
    serde_json::from_slice(&output.stdout).context("the bare loop failed")
}

/// The loop itself; prints its figures as JSON.
pub async fn run(arguments: Arguments) -> Result<()> {
    let tls = trusting(&std::fs::read_to_string(&arguments.ca_file)?)?;
    let samples: Samples = serde_json::from_slice(&std::fs::read(&arguments.samples_file)?)?;
    let missing = "no such request was recorded";
    let ask = samples.ask.context(missing)?;
    let call = samples.call.context(missing)?;
    let tell = samples.tell.context(missing)?;
    let mut loops = Vec::with_capacity(arguments.conversations);
    let before = Counted::of_self()?;
    for _ in 0..arguments.conversations {
        loops.push(Loop {
            model: Connection::plain(arguments.model).await?,
            webhook: Connection::tls(arguments.webhook, &tls).await?,
            samples: (&ask, &call, &tell),
        });
    }
    let stop = match arguments.milliseconds {
        0 => Stop::Turns(1),
        limit => {
            let limit = Duration::from_millis(limit);
            drive(&mut loops, Stop::After(limit / 5)).await;
            Stop::After(limit)
        }
    };
    let start = Counted::of_self()?;
    let timed = drive(&mut loops, stop).await;
    let end = Counted::of_self()?;
    let work = Work {
        turns: timed.turns(),
        errors: timed.errors,
        turns_per_second: timed.per_second(),
        cpu_ms_per_turn: (end.cpu_seconds - start.cpu_seconds) * 1_000.0
            / timed.turns().max(1) as f64,
        latency: Latency::of(timed.times),
        peak_mib: end.peak_kib as f64 / 1_024.0,
        kib_each: end.peak_kib.saturating_sub(before.resident_kib) as f64
            / arguments.conversations as f64,
    };
    println!("{}", serde_json::to_string(&work)?);
    Ok(())
}

struct Loop<'a> {
    model: Connection,
    webhook: Connection,
    samples: (&'a Sample, &'a Sample, &'a Sample),
}

impl Worker for Loop<'_> {
    async fn turn(&mut self) -> Result<()> {
        let (ask, call, tell) = self.samples;
        ask.repeat(&mut self.model).await?;
        call.repeat(&mut self.webhook).await?;
        tell.repeat(&mut self.model).await?;
        Ok(())
    }
}
