//! `cargo xtask bench`: measures a release build.

use anyhow::Result;

use crate::program::{cargo, run};

/// Builds the product and the bench as they are released, and runs the bench beside it.
pub fn bench(arguments: &[String]) -> Result<()> {
    eprintln!("Building for release. The first time this takes some minutes.");
    run(cargo([
        "build",
        "--release",
        "--package",
        "deskhand",
        "--package",
        "deskhand-bench",
    ]))?;
    let mut bench = cargo([
        "run",
        "--quiet",
        "--release",
        "--package",
        "deskhand-bench",
        "--",
        "run",
        "--deskhand",
        "target/release/deskhand",
        "--folder",
        "target/bench",
    ]);
    bench.args(arguments);
    run(bench)
}
