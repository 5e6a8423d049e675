//! `cargo xtask test`: every test there is.

use std::process::Command;

use anyhow::Result;

use crate::program::{cargo, run, succeeds};
use crate::{browser, crash, web};

/// Whole conversations that are run on PostgreSQL, too: what nodes, crashes and time may do to them.
const ON_POSTGRES: [&str; 9] = [
    "callbacks::",
    "circuit::",
    "events::",
    "handoff::",
    "idempotency::",
    "idempotency_nodes::",
    "live::",
    "outcomes::",
    "recovery::",
];

/// Builds the pages and runs their tests, nothing else.
pub fn pages() -> Result<()> {
    web::web()?;
    browser::test()
}

/// Builds the pages where Node.js is there, runs the examples in the documentation, then every other
/// test: with nextest where it is installed, else with cargo's own runner; at last those of the pages,
/// unless they are left out or the tests are narrowed down.
pub fn test(pages: bool, arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let narrowed = !arguments.is_empty();
    if !narrowed {
        web::web()?;
        run(cargo(["test", "--workspace", "--doc", "--quiet"]))?;
    }
    let runner = if succeeds(cargo(["nextest", "--version"])) {
        "cargo-nextest"
    } else {
        eprintln!("cargo-nextest is not installed: cargo's own test runner is used.");
        "cargo test"
    };
    let mut all = cargo(
        match runner {
            "cargo-nextest" => &["nextest", "run", "--workspace"][..],
            _ => &["test", "--workspace", "--lib", "--bins", "--tests"][..],
        }
        .iter()
        .copied(),
    );
    all.args(&arguments);
    run(all)?;
    if narrowed {
        println!("Passed: the tests asked for, with {runner}.");
    } else {
        println!("Passed: every unit, integration and documentation test, with {runner}.");
        let with_postgres = has_postgres();
        if with_postgres {
            run(on_postgres(runner))?;
            println!("Passed: conversations on PostgreSQL.");
        } else {
            println!("!! PostgreSQL is not installed: NOT TESTED with it.");
        }
        crash::briefly(with_postgres)?;
        println!("Passed: short runs of the crash harness; `cargo xtask crash` makes longer ones.");
        if pages {
            browser::test()?;
        }
    }
    Ok(())
}

fn on_postgres(runner: &str) -> Command {
    let program = match runner {
        "cargo-nextest" => &["nextest", "run", "--package", "deskhand-http"][..],
        _ => &["test", "--package", "deskhand-http", "--test", "it", "--"][..],
    };
    let mut tests = cargo(program.iter().copied());
    tests
        .args(ON_POSTGRES)
        .env("DESKHAND_TEST_DATABASE", "postgres");
    tests
}

/// Whether the server's programs are where the tests look for them.
fn has_postgres() -> bool {
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .any(|version| version.path().join("bin/initdb").exists());
    let mut initdb = Command::new("initdb");
    initdb.arg("--version");
    installed || succeeds(initdb)
}
