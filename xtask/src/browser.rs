//! The tests of the pages: their own, and the stories in a browser. What cannot be run is said so that
//! nobody overlooks it; where everything must be there, it is an error.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::program::{cargo, run};
use crate::web::{install, missing_tool, npm};

/// What runs with Node.js alone: the package, its script, what it is.
const LOGIC: [(&str, &str, &str); 3] = [
    ("dashboard", "check", "the types of the dashboard"),
    ("dashboard", "test", "the dashboard's own tests"),
    ("widget", "test", "the widget's own tests"),
];

/// What takes a browser as well.
const BROWSER: [(&str, &str, &str); 2] = [
    ("widget", "test:browser", "the widget in a browser"),
    ("e2e", "test", "the stories in a browser"),
];

/// Where Debian, Ubuntu and the pages' own tests have Chromium.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Runs every test of the pages for which the tools are there.
pub fn test() -> Result<()> {
    let mut skipped = Vec::new();
    if let Some(missing) = missing_tool()? {
        skipped.extend(LOGIC.iter().chain(&BROWSER).map(|(.., what)| *what));
        return tell(&skipped, &missing);
    }
    for (package, script, _) in LOGIC {
        run_script(package, script)?;
    }
    if !chromium().exists() {
        skipped.extend(BROWSER.iter().map(|(.., what)| *what));
        let how = format!(
            "There is no {}. It takes Chromium: `apt-get install chromium`, or set CHROMIUM to another.",
            chromium().display()
        );
        return tell(&skipped, &how);
    }
    run(cargo(["build", "--package", "deskhand"]))?;
    for (package, script, _) in BROWSER {
        run_script(package, script)?;
    }
    println!(
        "Passed: every test of the pages, in {}.",
        chromium().display()
    );
    Ok(())
}

fn run_script(package: &str, script: &str) -> Result<()> {
    let folder = crate::root().join("web").join(package);
    install(&folder)?;
    run(npm(&folder, &["run", "--silent", script]))
}

/// The browser that the tests start.
#[expect(clippy::disallowed_methods, reason = "no setting of Deskhand's")]
fn chromium() -> PathBuf {
    std::env::var_os("CHROMIUM").map_or_else(|| Path::new(CHROMIUM).to_owned(), PathBuf::from)
}

/// Says what was not run, where it stands out; an error where it had to run.
fn tell(skipped: &[&str], how: &str) -> Result<()> {
    let skipped = skipped.join(", ");
    if is_required() {
        bail!("not run: {skipped}. {how}");
    }
    let line = "!".repeat(78);
    eprintln!("\n{line}\n!! NOT TESTED: {skipped}.\n!! {how}\n{line}");
    Ok(())
}

/// Whether a missing tool is an error: as DESKHAND_REQUIRE_BROWSER says, else in CI.
#[expect(clippy::disallowed_methods, reason = "no setting of Deskhand's")]
fn is_required() -> bool {
    ["DESKHAND_REQUIRE_BROWSER", "CI"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .is_some_and(|value| is_set(&value))
}

fn is_set(value: &str) -> bool {
    !matches!(value, "" | "0" | "false")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_says_no_is_not_set() {
        assert!(is_set("1") && is_set("true"));
        assert!(!is_set("") && !is_set("0") && !is_set("false"));
    }
}
