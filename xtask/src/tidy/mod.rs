//! `cargo xtask tidy`: the rules of the house that the compiler does not know.

mod codes;
mod crates;
mod docs;
mod files;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A text file of the project.
pub struct Text {
    /// From the root, with `/` between the parts.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

/// Runs every check and lists all that was found.
pub fn tidy(root: &Path) -> Result<()> {
    let texts = read_all(root)?;
    let exists = |path: &str| root.join(path).exists();
    let checks: [(&str, Vec<String>); 5] = [
        ("crate directions", crates::check(&crates::read()?)),
        ("file lengths", files::lengths(&texts)),
        ("words and paths", files::words(&texts)),
        ("error pages", codes::check(&texts)),
        ("documents", docs::check(&texts, &exists)),
    ];
    let mut found = 0;
    for (name, problems) in &checks {
        if problems.is_empty() {
            println!("tidy: {name}: ok");
        }
        for problem in problems {
            println!("tidy: {name}: {problem}");
        }
        found += problems.len();
    }
    match found {
        0 => Ok(()),
        1 => bail!("tidy found 1 problem"),
        n => bail!("tidy found {n} problems"),
    }
}

/// Every file of the project that is text, sorted by path.
fn read_all(root: &Path) -> Result<Vec<Text>> {
    let mut texts = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root.join(&folder))
            .with_context(|| format!("reading {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = folder.join(&name);
            if entry.file_type()?.is_dir() {
                if !matches!(name.as_str(), "target" | ".git" | "node_modules" | "dist") {
                    folders.push(path);
                }
            } else if let Ok(text) = fs::read_to_string(entry.path()) {
                // What is not UTF-8 is no text, and none of these rules is about it.
                let path = path.to_string_lossy().replace('\\', "/");
                texts.push(Text { path, text });
            }
        }
    }
    texts.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(texts)
}

#[cfg(test)]
pub fn text(path: &str, text: &str) -> Text {
    Text {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}
