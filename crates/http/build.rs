//! In a release build, puts the built pages of `web/` into the binary, where there are any. Other
//! builds read them from their folders as they are asked for, so that a page built anew is seen at
//! once.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "this is how a build script talks with cargo"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The folders under `web/`, each with its pages in `dist`.
const PACKAGES: [&str; 2] = ["dashboard", "widget"];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(embed_pages)");
    if env::var_os("PROFILE").is_none_or(|profile| profile != "release") {
        return Ok(());
    }
    println!("cargo:rustc-cfg=embed_pages");
    let mut list = String::from("&[\n");
    for package in PACKAGES {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../web")
            .join(package)
            .join("dist");
        // A folder that is not there yet counts as changed each time, so it is seen once it is.
        println!("cargo:rerun-if-changed={}", root.display());
        for file in files(&root)? {
            let name = file.strip_prefix(&root).unwrap_or(&file);
            let name = format!("{package}/{}", name.display()).replace('\\', "/");
            // Writing to a string does not fail.
            let _ = writeln!(list, "    ({name:?}, include_bytes!({file:?})),");
        }
    }
    list.push(']');
    let out = env::var_os("OUT_DIR").map(PathBuf::from);
    let out = out.ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(out.join("pages.rs"), list)
}

/// Every file below, but for hidden ones; none if the folder is not there.
fn files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
