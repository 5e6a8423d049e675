//! `cargo xtask web`: builds the pages of the dashboard and the widget, where Node.js is there.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::program::{output, run, succeeds};

/// The packages under `web/`, and what each is made from besides its own files.
const PACKAGES: [(&str, &[&str]); 2] = [
    ("dashboard", &["openapi.json", "web/compress.mjs"]),
    ("widget", &["web/compress.mjs"]),
];

/// What is made, not written.
const MADE: [&str; 4] = ["dist", "node_modules", "schema.ts", "test-results"];

/// The oldest Node.js that the build tools run on.
const NODE: (u32, u32) = (20, 19);

/// Builds what has changed since the last time. Without Node.js it says so, and that is no error.
pub fn web() -> Result<()> {
    let missing = missing_tool()?;
    for (package, also) in PACKAGES {
        let folder = crate::root().join("web").join(package);
        if !folder.join("package.json").exists() {
            continue;
        }
        let stamp = folder.join("dist/.stamp");
        let sources = hash_of(&folder, also)?;
        if fs::read_to_string(&stamp).is_ok_and(|built| built == sources) {
            continue;
        }
        if let Some(missing) = &missing {
            eprintln!("NOT BUILT: web/{package}. {missing}");
            continue;
        }
        install(&folder)?;
        run(npm(&folder, &["run", "build"]))?;
        let mut compress = Command::new("node");
        compress
            .args(["../compress.mjs", "dist"])
            .current_dir(&folder);
        run(compress)?;
        fs::write(&stamp, sources).with_context(|| stamp.display().to_string())?;
    }
    Ok(())
}

/// What keeps the pages from being built, if anything does.
pub fn missing_tool() -> Result<Option<String>> {
    let (major, minor) = NODE;
    let needed =
        format!("It takes Node.js {major}.{minor} or later with npm: see https://nodejs.org.");
    let version = |program: &str| {
        let mut command = Command::new(program);
        command.arg("--version");
        command
    };
    if !succeeds(version("node")) || !succeeds(version("npm")) {
        return Ok(Some(format!("{needed} Everything else works without it.")));
    }
    let text = String::from_utf8_lossy(&output(version("node"))?)
        .trim()
        .to_owned();
    let new_enough = parse_version(&text).is_some_and(|version| version >= NODE);
    Ok((!new_enough).then(|| format!("{needed} This is {text}.")))
}

/// `v20.20.2` as major and minor.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Installs exactly what the lock file names, unless it is installed.
pub fn install(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let locked = fs::read_to_string(&lock).with_context(|| lock.display().to_string())?;
    let stamp = folder.join("node_modules/.stamp");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == locked) {
        return Ok(());
    }
    run(npm(folder, &["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&stamp, locked).with_context(|| stamp.display().to_string())
}

/// `npm` with these arguments, in a package's folder.
pub fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(folder);
    command
}

/// Stands for everything that a package is built from.
fn hash_of(folder: &Path, also: &[&str]) -> Result<String> {
    let mut files: Vec<PathBuf> = also.iter().map(|path| crate::root().join(path)).collect();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let name = entry.file_name();
            if MADE.iter().any(|made| name == *made) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
        bytes.hash(&mut hasher);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node_are_read() {
        assert_eq!(parse_version("v20.19.0"), Some((20, 19)));
        assert_eq!(parse_version("v22.1.0-nightly"), Some((22, 1)));
        assert_eq!(parse_version("20.19.0"), None);
        assert_eq!(parse_version(""), None);
    }

    #[test]
    fn a_change_to_a_source_shows_and_a_change_to_what_is_made_does_not() {
        let folder = std::env::temp_dir().join(format!("deskhand-web-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("src/main.ts", "one");
        let first = hash_of(&folder, &[]).unwrap();
        write("dist/main.js", "built");
        write("node_modules/a/b.js", "installed");
        assert_eq!(hash_of(&folder, &[]).unwrap(), first);
        write("src/main.ts", "two");
        assert_ne!(hash_of(&folder, &[]).unwrap(), first);
        assert_ne!(
            hash_of(&folder, &["Cargo.toml"]).unwrap(),
            hash_of(&folder, &[]).unwrap()
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
