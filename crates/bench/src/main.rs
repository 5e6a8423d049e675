//! Measures a built `deskhand serve`: against a model and a webhook that answer at once, from a
//! process of their own, and beside a bare loop that makes the same requests with nothing in between.
//! Wall-clock figures are only as good as the machine is quiet; compare the ratios and the CPU times.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program talks on the terminal"
)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bare;
mod connection;
mod dispatch;
mod figures;
mod history;
mod hung;
mod load;
mod nodes;
// What starts a PostgreSQL for tests uses nothing else of the testkit.
#[path = "../../testkit/src/postgres.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod postgres;
mod process;
mod report;
mod sample;
mod seed;
mod server;
mod stubs;
mod turns;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};

use crate::process::Cores;
use crate::report::Report;
use crate::server::Bench;
use crate::stubs::Stubs;

/// Measure Deskhand on this machine.
#[derive(Parser)]
#[command(name = "deskhand-bench")]
struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Subcommand)]
enum Part {
    /// Run benches and print a table
    Run(Run),
    /// Answer as the model and as the webhook, until standard input closes
    #[command(hide = true)]
    Stubs,
    /// Make a turn's requests with nothing in between
    #[command(hide = true)]
    Bare(bare::Arguments),
}

#[derive(clap::Args)]
struct Run {
    /// Which; all of them if none is named
    #[arg(value_enum)]
    benches: Vec<Which>,
    /// The release binary to measure
    #[arg(long, value_name = "FILE")]
    deskhand: PathBuf,
    /// With `postgres`, `turns` measures 1, 2 and 4 nodes that share one PostgreSQL, which it starts
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Database,
    /// Where databases are made; a folder on a real disk
    #[arg(long, value_name = "FOLDER")]
    folder: PathBuf,
    /// Also write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Shorter runs: rougher figures in about a minute
    #[arg(long)]
    quick: bool,
    /// How many conversations at once `turns` has, one after another; 1, 64 and 256 if none is named
    #[arg(long, value_name = "COUNT", value_delimiter = ',')]
    conversations: Vec<usize>,
    /// How many turns conversations of `history` have had; 1, 10, 50 and 150 if none is named
    #[arg(long, value_name = "COUNT", value_delimiter = ',')]
    turns_before: Vec<u32>,
    /// How long each row of `turns` lasts, as for a profiler to look
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Which {
    Turns,
    Hung,
    History,
    Dispatch,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
}

fn main() -> ExitCode {
    match run(Arguments::parse().part) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(part: Part) -> Result<()> {
    // One thread: the stubs, the driver and the bare loop each stay on the core they are given.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match part {
        Part::Run(run) => {
            process::raise_open_files();
            runtime.block_on(measure(run))
        }
        Part::Stubs => runtime.block_on(stubs::serve()),
        Part::Bare(arguments) => runtime.block_on(bare::run(arguments)),
    }
}

async fn measure(run: Run) -> Result<()> {
    std::fs::create_dir_all(&run.folder)?;
    let cores = Cores::find();
    eprintln!("{cores}");
    cores.pin_self();
    let bench = Bench {
        deskhand: run
            .deskhand
            .canonicalize()
            .with_context(|| format!("{}", run.deskhand.display()))?,
        folder: run.folder.canonicalize()?,
        stubs: Stubs::start(&cores)?,
        quick: run.quick,
        conversations: run.conversations,
        turns_before: run.turns_before,
        seconds: run.seconds,
        cores,
    };
    let wanted = |which| run.benches.is_empty() || run.benches.contains(&which);
    let mut report = Report::new(&bench);
    if run.database == Database::Postgres {
        anyhow::ensure!(
            run.benches == [Which::Turns],
            "only `turns` is measured with --database postgres"
        );
        report.nodes(nodes::measure(&bench).await.context("turns")?);
        return run.json.map_or(Ok(()), |path| report.write(&path));
    }
    if wanted(Which::Turns) {
        report.turns(turns::measure(&bench).await.context("turns")?);
    }
    if wanted(Which::History) {
        report.history(history::measure(&bench).await.context("history")?);
    }
    if wanted(Which::Dispatch) {
        report.dispatch(dispatch::measure(&bench).await.context("dispatch")?);
    }
    if wanted(Which::Hung) {
        report.hung(hung::measure(&bench).await.context("hung")?);
    }
    run.json.map_or(Ok(()), |path| report.write(&path))
}
