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
mod database;
mod lives;
mod model;
mod node;
mod plan;
// What starts a PostgreSQL for tests uses nothing else of the testkit.
#[path = "../../testkit/src/postgres.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod postgres;
mod random;
mod receiver;
mod reconcile;
mod record;
mod report;
mod run;
mod snapshot;
mod trigger;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Sqlite,
    Postgres,
}

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
    /// What keeps everything; PostgreSQL is stopped now and then, too
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Kind,
    /// Servers at once; more than one share a PostgreSQL
    #[arg(long, default_value_t = 1)]
    nodes: usize,
    /// Customers at once; 6 of one server, 12 of each of several
    #[arg(long)]
    customers: Option<u64>,
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
        Ok(runtime) => runtime.block_on(run::run(Arguments::parse())),
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
