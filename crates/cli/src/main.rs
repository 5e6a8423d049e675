//! Deskhand: self-hosted custom actions for AI support agents.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod assemble;
mod config;
mod demo;
mod keys;
mod logging;
mod migrate;
mod remote;
mod serve;
mod shutdown;
mod system;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::terminal::Terminal;

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
    /// Bring the database up to date; `serve` does it too.
    Migrate(migrate::Arguments),
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

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Serve => serve::run(config::load(arguments.config.as_deref())?).await,
        Command::Demo(demo) => demo::run(demo, config::load(arguments.config.as_deref())?).await,
        Command::Migrate(how) => {
            migrate::run(how, &config::load(arguments.config.as_deref())?).await
        }
        Command::Keys(what) => keys::run(what, &config::load(arguments.config.as_deref())?).await,
        Command::Chat(chat) => remote::chat::run(chat).await,
        Command::Invocations(what) => remote::invocations::run(what).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            let mut command = Arguments::command();
            clap_complete::generate(shell, &mut command, "deskhand", &mut script);
            Terminal::stdout().line(String::from_utf8_lossy(&script).trim_end());
            Ok(())
        }
        Command::Config => {
            Terminal::stdout().line(config::EXAMPLE.trim_end());
            Ok(())
        }
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    Terminal::stderr().line(&format!("deskhand: {error:#}"));
    ExitCode::FAILURE
}
