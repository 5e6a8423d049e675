//! The project's chores: `cargo xtask test`, `cargo xtask demo`, `cargo xtask bench`,
//! `cargo xtask crash`, `cargo xtask openapi`, `cargo xtask web`, `cargo xtask tidy`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program talks on the terminal"
)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bench;
mod browser;
mod crash;
mod demo;
mod openapi;
mod program;
mod test;
mod tidy;
mod web;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the Deskhand project")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Measure a release build; `--quick` for rough figures, `--json FILE` to keep them
    Bench {
        /// Handed to the bench: `turns`, `hung`, `history`, `dispatch`, `--quick`, `--json FILE`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Kill a working server over and over and reconcile what it did with what it says it did
    Crash {
        /// Handed to the harness: `--kills N`, `--seed S`, `--json FILE`, `--keep`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build Deskhand and start the demonstration; arguments after `--` go to `deskhand demo`
    Demo {
        /// Handed to `deskhand demo`, for example `--say "Where is my order?"`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Write `openapi.json` and its examples anew, from the code and from real answers
    Openapi,
    /// Run every test; arguments after `--` go to the test runner
    Test {
        /// Leave out the tests of the pages: those that take Node.js and a browser
        #[arg(long)]
        no_web: bool,
        /// Run only the tests of the pages
        #[arg(long, conflicts_with_all = ["no_web", "arguments"])]
        only_web: bool,
        /// Handed to `cargo nextest run` or `cargo test`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Check what the compiler does not: crate directions, file lengths, error pages, links
    Tidy,
    /// Build the pages of the dashboard and the widget, if Node.js is there and they have changed
    Web,
}

fn main() -> ExitCode {
    match run(Arguments::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result<()> {
    match chore {
        Chore::Bench { arguments } => bench::bench(&arguments),
        Chore::Crash { arguments } => crash::crash(&arguments),
        Chore::Demo { arguments } => demo::demo(&arguments),
        Chore::Openapi => openapi::openapi(),
        Chore::Test { only_web: true, .. } => test::pages(),
        Chore::Test {
            no_web, arguments, ..
        } => test::test(!no_web, &arguments),
        Chore::Tidy => tidy::tidy(&root()),
        Chore::Web => web::web(),
    }
}

/// The root of the workspace: the folder above this crate's.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}
