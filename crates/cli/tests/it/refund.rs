//! The demo's refund: work that takes long, and a shop that reports on it.

use std::process::Command;

use serde_json::Value;

/// What `demo --say` tells of a conversation, step by step.
fn told(messages: &[&str]) -> Vec<Value> {
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
        .output()
        .unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success(), "{said}");
    let steps = said.lines().map(|line| serde_json::from_str(line).unwrap());
    steps.collect()
}

#[test]
fn the_demos_shop_reports_that_the_refund_is_done() {
    let steps = told(&["Please refund my order ORD-12345", "Is it done yet?"]);
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
