//! Every stable code has a page under `docs/errors/`, and every page a code.

use std::collections::{BTreeMap, BTreeSet};

use super::Text;

const PAGES: &str = "docs/errors/";

/// Enums of the domain whose words are codes: where each stands.
const ENUMS: &[(&str, &str)] = &[
    ("FailureCode", "crates/domain/src/invocation.rs"),
    ("StopReason", "crates/domain/src/conversation.rs"),
];

/// Where the rules of the address policy have their codes, and the page that lists them.
const RULES: (&str, &str) = (
    "crates/webhook/src/policy.rs",
    "docs/errors/blocked_destination.md",
);

/// Codes without a page, pages without a code, and pages that nobody can find.
pub fn check(texts: &[Text]) -> Vec<String> {
    let mut problems = unlisted_rules(texts);
    let mut codes: BTreeMap<String, String> = BTreeMap::new();
    for (name, path) in ENUMS {
        let words = texts
            .iter()
            .find(|file| file.path == *path)
            .map(|file| words_of_enum(&file.text, name))
            .unwrap_or_default();
        if words.is_empty() {
            problems.push(format!("{name} was not found in {path}"));
        }
        for word in words {
            codes.entry(word).or_insert_with(|| (*path).to_owned());
        }
    }
    for file in texts.iter().filter(|file| gives_codes(&file.path)) {
        let source = without_tests(&file.text);
        for code in problem_codes(source)
            .into_iter()
            .chain(code_fields(source))
            .chain(warning_codes(source))
        {
            codes.entry(code).or_insert_with(|| file.path.clone());
        }
    }

    let pages: BTreeSet<&str> = texts
        .iter()
        .filter_map(|file| file.path.strip_prefix(PAGES)?.strip_suffix(".md"))
        .filter(|name| *name != "README")
        .collect();
    for (code, path) in &codes {
        if !pages.contains(code.as_str()) {
            problems.push(format!("{code} ({path}) has no page {PAGES}{code}.md"));
        }
    }
    let index = texts
        .iter()
        .find(|file| file.path == format!("{PAGES}README.md"));
    for page in pages {
        if !codes.contains_key(page) {
            problems.push(format!("{PAGES}{page}.md is about a code nobody gives"));
        }
        if !index.is_some_and(|index| index.text.contains(&format!("({page}.md)"))) {
            problems.push(format!("{PAGES}README.md does not link {page}.md"));
        }
    }
    problems
}

/// Rules that the page on refused addresses does not list.
fn unlisted_rules(texts: &[Text]) -> Vec<String> {
    let text_of = |path: &str| {
        texts
            .iter()
            .find(|file| file.path == path)
            .map_or("", |file| &file.text)
    };
    let (source, page) = RULES;
    let listed = text_of(page);
    without_tests(text_of(source))
        .split(" => ")
        .skip(1)
        .filter_map(|rest| literal_after(rest, ""))
        .filter(|rule| !listed.contains(&format!("`{rule}`")))
        .map(|rule| format!("{page} does not list the rule {rule} ({source})"))
        .collect()
}

/// The crates whose source gives codes to clients: as problems, conflicts, findings or warnings.
fn gives_codes(path: &str) -> bool {
    let source = ["http", "service", "webhook"]
        .iter()
        .any(|name| path.starts_with(&format!("crates/{name}/src/")));
    source && path.ends_with(".rs") && !path.ends_with("tests.rs")
}

/// A module of tests, by the convention of this project, ends its file.
fn without_tests(source: &str) -> &str {
    source
        .split_once("#[cfg(test)]\nmod ")
        .map_or(source, |(before, _)| before)
}

/// `Word = "code"` inside a `text_enum! { Name { … } }`.
fn words_of_enum(source: &str, name: &str) -> Vec<String> {
    let Some((_, body)) = source.split_once(&format!(" {name} {{")) else {
        return Vec::new();
    };
    let body = body.split_once('}').map_or(body, |(body, _)| body);
    body.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .filter_map(|line| literal_after(line, "= "))
        .collect()
}

/// The second argument of `Problem::new(status, "code", …)`, also where it is called `Self::new`.
fn problem_codes(source: &str) -> Vec<String> {
    let calls = ["Problem::new(", "Self::new("];
    calls
        .iter()
        .flat_map(|call| source.split(call).skip(1))
        .filter(|arguments| arguments.trim_start().starts_with("StatusCode::"))
        .filter_map(|arguments| {
            let (_, rest) = arguments.split_once(',')?;
            literal_after(rest.trim_start(), "")
        })
        .collect()
}

/// `code: "…"` in a conflict, a warning or a finding.
fn code_fields(source: &str) -> Vec<String> {
    source
        .split(" code: ")
        .skip(1)
        .filter_map(|rest| literal_after(rest, ""))
        .collect()
}

/// `warnings.push(NAME…)` where `NAME` is a constant of the same file.
fn warning_codes(source: &str) -> Vec<String> {
    source
        .split("warnings.push(")
        .skip(1)
        .filter_map(|rest| {
            let name: String = rest
                .chars()
                .take_while(|c| c.is_ascii_uppercase() || *c == '_')
                .collect();
            let (_, value) = source.split_once(&format!("const {name}: &str"))?;
            literal_after(value, " = ").filter(|_| !name.is_empty())
        })
        .collect()
}

/// The code that stands in quotes right after `before`, if it is one.
fn literal_after(text: &str, before: &str) -> Option<String> {
    let at = text.find(before)? + before.len();
    let (literal, _) = text[at..].strip_prefix('"')?.split_once('"')?;
    let is_code = !literal.is_empty()
        && literal
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    is_code.then(|| literal.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::text;
    use super::*;

    const INVOCATION: &str = r#"
        /// Why an invocation is `failed`.
        FailureCode {
            /// Such as "none = this".
            DnsError = "dns_error",
            Timeout = "timeout",
        }
    "#;
    const CONVERSATION: &str = r#"StopReason is below. text_enum! { StopReason {
        Internal = "internal",
    } }"#;

    fn house(more: Vec<Text>) -> Vec<Text> {
        let mut texts = vec![
            text("crates/domain/src/invocation.rs", INVOCATION),
            text("crates/domain/src/conversation.rs", CONVERSATION),
            text("docs/errors/dns_error.md", ""),
            text("docs/errors/timeout.md", ""),
            text("docs/errors/internal.md", ""),
            text(
                "docs/errors/README.md",
                "(dns_error.md) (timeout.md) (internal.md) (taken.md)",
            ),
        ];
        texts.extend(more);
        texts
    }

    #[test]
    fn a_house_in_order() {
        assert_eq!(check(&house(Vec::new())), Vec::<String>::new());
    }

    #[test]
    fn a_code_without_a_page_is_reported() {
        for source in [
            r#"Problem::new(StatusCode::GONE, "taken", "It is.")"#,
            "Self::new(\n    StatusCode::GONE,\n    \"taken\",\n    first,\n)",
            r#"ServiceError::Conflict { code: "taken", message }"#,
            r#"const TAKEN: &str = "taken"; fn f() { outcome.warnings.push(TAKEN.to_owned()); }"#,
        ] {
            let problems = check(&house(vec![text("crates/http/src/a.rs", source)]));
            assert_eq!(
                problems,
                ["taken (crates/http/src/a.rs) has no page docs/errors/taken.md"],
                "{source}"
            );
        }
    }

    #[test]
    fn a_page_without_a_code_is_reported() {
        let problems = check(&house(vec![text("docs/errors/taken.md", "")]));
        assert_eq!(
            problems,
            ["docs/errors/taken.md is about a code nobody gives"]
        );
    }

    #[test]
    fn a_page_that_the_index_leaves_out_is_reported() {
        let problems = check(&house(vec![
            text("docs/errors/new.md", ""),
            text("crates/service/src/a.rs", r#"Warning { code: "new" }"#),
        ]));
        assert_eq!(problems, ["docs/errors/README.md does not link new.md"]);
    }

    #[test]
    fn a_rule_that_its_page_leaves_out_is_reported() {
        let source = r#"Self::TooLong => "too_long", Self::Userinfo => "userinfo","#;
        let problems = check(&house(vec![
            text("crates/webhook/src/policy.rs", source),
            text("docs/errors/blocked_destination.md", "`too_long`"),
        ]));
        assert!(problems[0].ends_with("userinfo (crates/webhook/src/policy.rs)"));
    }

    #[test]
    fn tests_and_variables_give_no_codes() {
        let source = "Self::new(StatusCode::CONFLICT, code, message)\n\
                      #[cfg(test)]\nmod tests { Problem::new(StatusCode::GONE, \"taken\", 1) }";
        assert!(check(&house(vec![text("crates/http/src/a.rs", source)])).is_empty());
    }

    #[test]
    fn an_enum_that_has_moved_is_reported() {
        let problems = check(&[]);
        assert_eq!(problems.len(), ENUMS.len(), "{problems:?}");
    }
}
