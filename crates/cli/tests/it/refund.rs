//! The demo's refund: work that takes long, and a shop that reports on it.

use std::process::Command;

use serde_json::Value;

/// What `demo --say` tells of a conversation, step by step.
fn told(messages: &[&str], settings: &[(&str, &str)]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskhand"));
    command.args(["demo", "--json"]);
    for message in messages {
        command.args(["--say", message]);
    }
    let done = command
        .env_clear()
        .current_dir(folder.path())
        .env("DESKHAND_LISTEN", "127.0.0.1:0")
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success(), "{said}");
    let steps = said.lines().map(|line| serde_json::from_str(line).unwrap());
    steps.collect()
}

#[test]
fn the_demos_shop_reports_that_the_refund_is_done() {
    let steps = told(
        &["Please refund my order ORD-12345", "Is it done yet?"],
        &[],
    );
    let all = steps.iter().map(Value::to_string).collect::<Vec<_>>();
    let at = |part: &str| {
        let at = all.iter().position(|step| step.contains(part));
        at.unwrap_or_else(|| panic!("no {part:?} in:\n{}", all.join("\n")))
    };
    let accepted = at("\"accepted\"");
    let asked = at("Is it done yet?");
    let done = at("is done. Reference");
    assert!(accepted < asked && asked < done, "{}", all.join("\n"));
    assert!(all.last().unwrap().contains("RF-12345"));
}

#[test]
fn the_shop_may_report_for_as_long_as_the_operator_says() {
    let hours = [("DESKHAND_CALLBACK_HOURS", "2")];
    let steps = told(&["Please refund my order ORD-12345"], &hours);
    let all = steps.iter().map(Value::to_string).collect::<Vec<_>>();
    let invocation = steps
        .iter()
        .find_map(|step| expires(step))
        .unwrap_or_else(|| panic!("no expires_at in:\n{}", all.join("\n")));
    let time = |field: &str| {
        let text = invocation[field].as_str().unwrap();
        text.parse::<jiff::Timestamp>().unwrap()
    };
    let works_for = time("expires_at").duration_since(time("created_at"));
    assert_eq!(works_for.as_hours(), 2, "{invocation}");
}

/// The invocation in it that somebody reports on.
fn expires(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(fields) if fields.get("expires_at").is_some_and(Value::is_string) => {
            Some(value)
        }
        Value::Object(fields) => fields.values().find_map(expires),
        Value::Array(items) => items.iter().find_map(expires),
        _ => None,
    }
}
