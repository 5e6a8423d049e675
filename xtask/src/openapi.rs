//! `cargo xtask openapi`: the description of the API, written anew.

use anyhow::Result;

use crate::program::{cargo, run};

/// Runs the test that compares `openapi.json` with the code, told to write instead.
pub fn openapi() -> Result<()> {
    let mut test = cargo(
        "test --quiet -p deskhand-http --test it -- --exact openapi::the_committed_document_is_the_codes"
            .split(' '),
    );
    test.env("UPDATE_OPENAPI", "1");
    run(test)?;
    println!(
        "Written: openapi.json and the examples in it. Look at the difference before you commit."
    );
    Ok(())
}
