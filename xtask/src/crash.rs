//! `cargo xtask crash`: kills a debug build over and over and reconciles what it did.

use std::process::Command;

use anyhow::Result;

use crate::program::{cargo, run};

/// Enough kills to pass every point, in well under a minute.
const FEW: [&str; 4] = ["--kills", "40", "--seed", "1"];

/// Builds the server as the tests build it (only a debug build has crash points) and the harness, and
/// runs that.
pub fn crash(arguments: &[String]) -> Result<()> {
    // The whole workspace, as the tests build it: a part of it would choose other features of what all
    // use, and build it all anew.
    run(cargo(["build", "--quiet", "--workspace", "--bins"]))?;
    let built = crate::root().join("target/debug");
    let mut crash = Command::new(built.join("deskhand-crash"));
    crash
        .current_dir(crate::root())
        .arg("--deskhand")
        .arg(built.join("deskhand"))
        .args(["--folder", "target/crash"])
        .args(arguments);
    run(crash)
}

/// The same with nodes that share a PostgreSQL, which is stopped and started meanwhile.
const FEW_NODES: [&str; 8] = [
    "--kills",
    "15",
    "--seed",
    "1",
    "--database",
    "postgres",
    "--nodes",
    "3",
];

/// A short run, the same every time; another with nodes that share a PostgreSQL where it is installed.
pub fn briefly(with_postgres: bool) -> Result<()> {
    crash(&FEW.map(str::to_owned))?;
    if with_postgres {
        crash(&FEW_NODES.map(str::to_owned))?;
    }
    Ok(())
}
