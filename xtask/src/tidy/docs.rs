//! Documents name files and tests that exist, and the README says the two commands.

use super::Text;

/// What a newcomer needs and no more.
const COMMANDS: [&str; 2] = ["cargo xtask demo", "cargo xtask test"];

/// Links and paths that lead nowhere, tests that are not where they are said to be, and what the README
/// leaves out.
pub fn check(texts: &[Text], exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    let readme = texts.iter().find(|file| file.path == "README.md");
    for command in COMMANDS {
        if !readme.is_some_and(|readme| readme.text.contains(command)) {
            problems.push(format!("README.md does not say `{command}`"));
        }
    }
    for file in texts.iter().filter(|file| file.path.ends_with(".md")) {
        for (i, line) in file.text.lines().enumerate() {
            let nowhere = links(line)
                .map(|link| resolve(&file.path, link))
                .chain(paths(line).map(str::to_owned))
                .filter(|path| !exists(path));
            problems.extend(
                nowhere.map(|path| {
                    format!("{}:{} names {path}, which is not there", file.path, i + 1)
                }),
            );
            let missing = tests(line)
                .map(|(name, link)| (name, resolve(&file.path, link)))
                .filter(|(name, path)| !has_function(texts, path, name));
            problems.extend(missing.map(|(name, path)| {
                format!(
                    "{}:{} says that {name} is in {path}, and it is not",
                    file.path,
                    i + 1
                )
            }));
        }
    }
    problems
}

/// Links to a function of ours, by its name: what is promised names the test that shows it.
fn tests(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split("[`").skip(1).filter_map(|rest| {
        let (name, rest) = rest.split_once("`](")?;
        let (link, _) = rest.split_once(')')?;
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        (link.ends_with(".rs") && name.chars().all(is_name)).then_some((name, link))
    })
}

fn has_function(texts: &[Text], path: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    let file = texts.iter().find(|file| file.path == path);
    file.is_some_and(|file| file.text.contains(&head))
}

/// The targets of links to other files, without their fragments.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let (link, _) = rest.split_once(')')?;
        let (link, _) = link.split_once('#').unwrap_or((link, ""));
        (!link.is_empty() && !link.contains(':')).then_some(link)
    })
}

/// Paths of the project in backticks. `<…>`, `{…}` and `*` stand for something else.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    const FOLDERS: [&str; 5] = ["crates/", "docs/", "xtask/", ".github/", ".ci/"];
    line.split('`').skip(1).step_by(2).filter(|code| {
        FOLDERS.iter().any(|folder| code.starts_with(folder))
            && !code.contains(['<', '{', '*', ' ', '…'])
    })
}

/// A link in the file at `from`, as a path from the root.
fn resolve(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." | "" => {}
            other => parts.push(other),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::text;
    use super::*;

    fn readme() -> Text {
        text("README.md", "`cargo xtask demo` and `cargo xtask test`")
    }

    #[test]
    fn the_two_commands_are_asked_for() {
        assert!(check(&[readme()], &|_| true).is_empty());
        assert_eq!(check(&[text("README.md", "")], &|_| true).len(), 2);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_reported() {
        let there = |path: &str| path == "docs/errors/timeout.md" || path == "README.md";
        let texts = [
            readme(),
            text(
                "docs/a.md",
                "[a](errors/timeout.md#mend) [b](../README.md) [c](#here) [d](https://example.com)",
            ),
            text("docs/errors/b.md", "[gone](../gone.md)"),
        ];
        assert_eq!(
            check(&texts, &there),
            ["docs/errors/b.md:1 names docs/gone.md, which is not there"]
        );
    }

    #[test]
    fn a_test_that_is_not_where_it_is_said_to_be_is_reported() {
        let texts = [
            readme(),
            text("crates/a.rs", "async fn it_holds() {}"),
            text(
                "docs/b.md",
                "[`it_holds`](../crates/a.rs), [`it_does_not`](../crates/a.rs), [`a.rs`](../crates/a.rs)",
            ),
        ];
        assert_eq!(
            check(&texts, &|_| true),
            ["docs/b.md:1 says that it_does_not is in crates/a.rs, and it is not"]
        );
    }

    #[test]
    fn a_path_in_backticks_that_is_not_there_is_reported() {
        let texts = [
            readme(),
            text("A.md", "`crates/a.rs`, `docs/errors/<code>.md`, `crates`"),
        ];
        assert_eq!(
            check(&texts, &|_| false),
            ["A.md:1 names crates/a.rs, which is not there"]
        );
    }
}
