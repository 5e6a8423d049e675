//! `cargo xtask test`: every test there is.

use anyhow::Result;

use crate::program::{cargo, run, succeeds};
use crate::{browser, crash, web};

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
        crash::briefly()?;
        println!(
            "Passed: a short run of the crash harness; `cargo xtask crash` makes longer ones."
        );
        if pages {
            browser::test()?;
        }
    }
    Ok(())
}
