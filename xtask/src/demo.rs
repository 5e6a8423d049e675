//! `cargo xtask demo`: builds Deskhand and starts its demonstration.

use std::process::Command;

use anyhow::Result;

use crate::program::{cargo, run};
use crate::web;

/// Builds, then becomes `deskhand demo` with these arguments.
pub fn demo(arguments: &[String]) -> Result<()> {
    eprintln!("Building Deskhand. The first time this takes some minutes; after that, seconds.");
    if let Err(error) = web::web() {
        eprintln!("NOT BUILT: the pages of the dashboard and the widget: {error:#}");
        eprintln!("The demonstration goes on without them.");
    }
    run(cargo(["build", "--package", "deskhand"]))?;
    let mut demo = cargo(["run", "--quiet", "--package", "deskhand", "--", "demo"]);
    demo.args(arguments);
    become_it(demo)
}

/// Nothing stands between the terminal and the program: Ctrl-C and the exit code are its own.
#[cfg(unix)]
fn become_it(mut command: Command) -> Result<()> {
    Err(std::os::unix::process::CommandExt::exec(&mut command).into())
}

#[cfg(not(unix))]
fn become_it(command: Command) -> Result<()> {
    run(command)
}
