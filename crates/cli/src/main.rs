//! Deskhand: self-hosted custom actions for AI support agents.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod assemble;
mod backup;
mod check;
mod config;
#[cfg(all(debug_assertions, unix))]
mod crash;
mod database;
mod demo;
mod keys;
mod logging;
mod migrate;
mod remote;
mod serve;
mod shutdown;
mod stalled;
mod system;
mod terminal;
mod variables;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::terminal::Terminal;

/// A turn makes some thousands of small allocations, on several threads: the system's allocator took
/// an eighth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Let your AI support agent do things in your own systems.
#[derive(Parser)]
#[command(name = "deskhand", version, propagate_version = true)]
struct Arguments {
    /// A settings file; without it, deskhand.toml in this folder is read if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve,
    /// Start everything on this machine with a small shop in it, to try Deskhand.
    Demo(demo::Arguments),
    /// Review action definitions in files before an agent uses them.
    Check(check::Arguments),
    /// Bring the database up to date (`serve` does it too), or move everything to another one.
    Migrate(migrate::Arguments),
    /// Copy an SQLite database into a file, also while a server uses it.
    Backup(backup::Arguments),
    /// Make, list and delete API keys in the database itself.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Talk to an agent of a running server.
    Chat(remote::chat::Arguments),
    /// See what the agents of a running server have run.
    Invocations(remote::invocations::Arguments),
    /// Print the completions for a shell; put them where it looks for them.
    Completions {
        /// bash, elvish, fish, powershell or zsh.
        shell: clap_complete::Shell,
    },
    /// Print every setting with its default and what it does.
    Config,
}

/// The exit code of a command that is not understood.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(run(arguments)) {
        Ok(_) if terminal::output_was_lost() => {
            fail(&anyhow::anyhow!("not all of the output could be written"))
        }
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let settings = || config::load(arguments.config.as_deref());
    match arguments.command {
        Command::Serve => serve::run(settings()?).await?,
        Command::Demo(demo) => demo::run(demo, settings()?).await?,
        Command::Migrate(how) => migrate::run(how, &settings()?).await?,
        Command::Backup(to) => backup::run(to, &settings()?).await?,
        Command::Keys(what) => keys::run(what, &settings()?).await?,
        Command::Chat(chat) => remote::chat::run(chat).await?,
        Command::Invocations(what) => remote::invocations::run(what).await?,
        Command::Check(files) => return Ok(check(files, settings()).await),
        Command::Completions { shell } => completions(shell),
        Command::Config => Terminal::stdout().line(config::EXAMPLE.trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Has exit codes of its own, so that a script can tell a bad definition from a bad file.
async fn check(files: check::Arguments, settings: anyhow::Result<config::Config>) -> ExitCode {
    let reviewed = match settings {
        Ok(settings) => check::run(files, &settings).await,
        Err(error) => Err(error),
    };
    reviewed.unwrap_or_else(|error| {
        fail(&error);
        ExitCode::from(check::UNREADABLE)
    })
}

/// Prints the help that was asked for, or what is wrong with the command. `check` has its own codes: a script must
/// not take a wrong flag for a bad definition.
fn usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell where it cannot be printed.
    let _ = error.print();
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    let is_check = std::env::args_os()
        .nth(1)
        .is_some_and(|verb| verb == "check");
    ExitCode::from(if is_check { check::UNREADABLE } else { USAGE })
}

fn completions(shell: clap_complete::Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "deskhand", &mut script);
    Terminal::stdout().line(String::from_utf8_lossy(&script).trim_end());
}

fn fail(error: &anyhow::Error) -> ExitCode {
    Terminal::stderr().line(&format!("deskhand: {error:#}"));
    ExitCode::FAILURE
}
