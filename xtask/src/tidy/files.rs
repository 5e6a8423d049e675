//! What a source file may be like.

use super::Text;

/// Longest file. Past this, split it along a seam or move its tests to a sibling.
const LINES: usize = 400;

/// Files that are longer, each with the reason why no seam runs through it.
const LONGER: &[(&str, &str)] = &[];

/// Files that are too long, and entries of the list that are not needed any more.
pub fn lengths(texts: &[Text]) -> Vec<String> {
    judge_lengths(texts, LONGER)
}

fn judge_lengths(texts: &[Text], longer: &[(&str, &str)]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in texts.iter().filter(|file| is_rust(file) || is_web(file)) {
        let lines = file.text.lines().count();
        let listed = longer.iter().any(|(path, _)| *path == file.path);
        if lines > LINES && !listed {
            problems.push(format!(
                "{} has {lines} lines; split it, or list it with a reason in xtask/src/tidy/files.rs",
                file.path
            ));
        }
        if lines <= LINES && listed {
            problems.push(format!(
                "{} has {lines} lines now; take it off the list in xtask/src/tidy/files.rs",
                file.path
            ));
        }
    }
    for (path, _) in longer {
        if !texts.iter().any(|file| file.path == *path) {
            problems.push(format!(
                "{path} is gone; take it off the list in xtask/src/tidy/files.rs"
            ));
        }
    }
    problems
}

/// Lines that belong to one machine or to work that is not finished.
pub fn words(texts: &[Text]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in texts.iter().filter(|file| !file.path.ends_with(".lock")) {
        for (i, line) in file.text.lines().enumerate() {
            let place = || format!("{}:{}", file.path, i + 1);
            if let Some(home) = home_path(line) {
                problems.push(format!("{} names a path of one machine: {home}", place()));
            }
            if conflict_marker(line) {
                problems.push(format!("{} is a leftover of a merge", place()));
            }
            if is_rust(file)
                && let Some(word) = unfinished(line)
            {
                problems.push(format!(
                    "{} says {word}: finish it, or open an issue",
                    place()
                ));
            }
        }
    }
    problems
}

fn is_rust(file: &Text) -> bool {
    file.path.ends_with(".rs")
        && (file.path.starts_with("crates/") || file.path.starts_with("xtask/"))
}

fn is_web(file: &Text) -> bool {
    file.path.starts_with("web/")
        && [".ts", ".tsx", ".css", ".mjs"]
            .iter()
            .any(|end| file.path.ends_with(end))
        // Made from openapi.json.
        && !file.path.ends_with("/src/api/schema.ts")
}

/// The home folder of some user, wherever it stands in the line.
fn home_path(line: &str) -> Option<&str> {
    ["/home/", "/Users/", "/root/"].into_iter().find(|home| {
        line.match_indices(home).any(|(at, _)| {
            // In a URL or below another folder it is something else.
            let before = line[..at].chars().next_back();
            let after = line[at + home.len()..].chars().next();
            !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '/' | '}' | '>'))
                && after.is_some_and(char::is_alphanumeric)
        })
    })
}

fn conflict_marker(line: &str) -> bool {
    ["<<<<<<< ", ">>>>>>> "]
        .iter()
        .any(|marker| line.starts_with(marker))
}

/// A note to oneself, in a comment.
fn unfinished(line: &str) -> Option<&'static str> {
    let (_, comment) = line.split_once("//")?;
    ["TODO", "FIXME", "XXX"].into_iter().find(|word| {
        comment
            .split(|c: char| !c.is_alphanumeric())
            .any(|part| part == *word)
    })
}

#[cfg(test)]
mod tests {
    use super::super::text;
    use super::*;

    fn of_lines(path: &str, lines: usize) -> Text {
        text(path, &"//\n".repeat(lines))
    }

    #[test]
    fn a_long_file_is_reported_unless_it_is_listed() {
        let texts = [
            of_lines("crates/a/src/fits.rs", 400),
            of_lines("crates/a/src/long.rs", 401),
            of_lines("crates/a/src/listed.rs", 401),
            of_lines("docs/long.md", 4_000),
            of_lines("web/dashboard/src/api/schema.ts", 4_000),
            of_lines("web/dashboard/src/long.tsx", 401),
        ];
        let problems = judge_lengths(&texts, &[("crates/a/src/listed.rs", "so it is")]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].starts_with("crates/a/src/long.rs has 401 lines"));
        assert!(problems[1].starts_with("web/dashboard/src/long.tsx has 401 lines"));
    }

    #[test]
    fn an_entry_that_is_not_needed_is_reported() {
        let texts = [of_lines("crates/a/src/short.rs", 10)];
        let longer = [
            ("crates/a/src/short.rs", "was long"),
            ("crates/a/src/gone.rs", "was there"),
        ];
        assert_eq!(judge_lengths(&texts, &longer).len(), 2);
    }

    #[test]
    fn paths_of_one_machine_are_reported() {
        let home = format!("see {}ada/notes", "/home/");
        let url = "https://example.com/home/page".to_owned();
        let texts = [text("docs/a.md", &format!("{home}\n{url}\n"))];
        let problems = words(&texts);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("docs/a.md:1 "));
    }

    #[test]
    fn unfinished_work_and_leftovers_of_a_merge_are_reported() {
        let slashes = "/".repeat(2);
        let note = format!("let a = 1; {slashes} TODO: the other half\n");
        let marker = format!("{}ours\n", "<<<<<<< ");
        let texts = [text("crates/a/src/lib.rs", &format!("{note}{marker}"))];
        assert_eq!(words(&texts).len(), 2);
    }
}
