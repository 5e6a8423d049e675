//! `deskhand check`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

fn order(changes: Value) -> Value {
    let mut action = json!({
        "name": "check_order_status",
        "display_name": "Check order status",
        "description": "Check the status of a customer's order. Use when the customer asks about their order status, delivery tracking, or where their package is. Requires the order number.",
        "webhook_url": "https://api.example.com/deskhand/orders",
        "parameters": {
            "type": "object",
            "properties": {
                "customer_email": {"type": "string", "description": "Customer's email address"},
                "order_number": {"type": "string", "description": "Order number to look up (e.g., ORD-12345)"}
            },
            "required": ["order_number"]
        }
    });
    for (field, value) in changes.as_object().unwrap() {
        action[field] = value.clone();
    }
    action
}

fn cancel() -> Value {
    order(json!({
        "name": "cancel_order",
        "display_name": "Cancel order",
        "description": "Cancel an order that has not shipped. Use when the customer no longer wants it.",
        "confirmation": "always",
    }))
}

/// Runs in a folder of its own, with nothing of ours in the environment.
fn run(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_deskhand"))
        .arg("check")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input may be gone before all of it is written.
    if let Err(error) = child.stdin.take().unwrap().write_all(input.as_bytes()) {
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    }
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Checks these values, each in a file of its own: `0.json`, `1.json`, …
fn check(values: &[Value], options: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    let mut arguments = options.to_vec();
    let names: Vec<String> = (0..values.len()).map(|i| format!("{i}.json")).collect();
    for (name, value) in names.iter().zip(values) {
        std::fs::write(folder.path().join(name), value.to_string()).unwrap();
        arguments.push(name);
    }
    run(folder.path(), &arguments, "")
}

#[test]
fn a_clean_definition_exits_with_0() {
    let output = check(&[order(json!({"effect": "read"}))], &[]);
    assert_eq!(code(&output), 0);
    assert_eq!(
        text(&output.stdout),
        "check_order_status  0.json  nothing found\n1 action: 0 errors, 0 warnings, 0 to consider.\n"
    );
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn nothing_to_review_is_no_success() {
    let output = check(&[json!([])], &[]);
    assert_eq!(code(&output), 3);
    assert!(text(&output.stderr).contains("there is no action"));
}

#[test]
fn information_alone_exits_with_0() {
    let output = check(&[order(json!({}))], &[]);
    assert_eq!(code(&output), 0);
    assert!(text(&output.stdout).contains("read_marked_write"));
}

#[test]
fn warnings_exit_with_1_and_say_what_to_do() {
    let output = check(
        &[order(
            json!({"effect": "read", "description": "Order lookup"}),
        )],
        &[],
    );
    assert_eq!(code(&output), 1);
    let shown = text(&output.stdout);
    assert!(
        shown.contains("  warning  description  description_vague\n"),
        "{shown}"
    );
    assert!(
        shown.contains(
            "Add when to use it, such as \"Use when the customer asks about their order status.\"\n"
        ),
        "{shown}"
    );
    assert!(
        shown.ends_with("1 action: 0 errors, 2 warnings, 0 to consider.\n"),
        "{shown}"
    );
    assert!(!shown.contains('\u{1b}'), "colours without a terminal");
}

#[test]
fn errors_exit_with_2() {
    let output = check(
        &[order(
            json!({"webhook_url": "http://localhost/hook", "timeout_seconds": 500}),
        )],
        &[],
    );
    assert_eq!(code(&output), 2);
    let shown = text(&output.stdout);
    assert!(
        shown.contains("  error    webhook_url  url_refused\n"),
        "{shown}"
    );
    assert!(
        shown.contains("timeout_seconds must be from 1 to 120.\n"),
        "{shown}"
    );
}

#[test]
fn an_unfinished_definition_is_reviewed_all_the_same() {
    let output = check(&[json!({"name": "cancel_order"})], &[]);
    assert_eq!(code(&output), 2);
    let shown = text(&output.stdout);
    assert!(shown.contains("description is required.\n"), "{shown}");
    assert!(shown.contains("write_without_confirmation"), "{shown}");
}

#[test]
fn what_cannot_be_read_exits_with_3() {
    for value in [json!("text"), json!(7), json!([1]), json!(null)] {
        let output = check(std::slice::from_ref(&value), &[]);
        assert_eq!(code(&output), 3, "{value}");
        assert!(
            text(&output.stderr).starts_with("deskhand: 0.json: "),
            "{value}"
        );
        assert_eq!(text(&output.stdout), "");
    }
    let folder = TempDir::new().unwrap();
    // Nor is a wrong command a bad definition.
    for wrong in [&[][..], &["--jsn", "-"]] {
        let output = run(folder.path(), wrong, "");
        assert_eq!(code(&output), 3, "{output:?}");
        assert!(text(&output.stderr).contains("Usage:"), "{output:?}");
    }
    let missing = run(folder.path(), &["nothing.json"], "");
    assert_eq!(code(&missing), 3);
    assert!(text(&missing.stderr).contains("nothing.json"));
    let broken = run(folder.path(), &["-"], "{\"name\": ");
    assert_eq!(code(&broken), 3);
    assert!(
        text(&broken.stderr).contains("standard input: is not valid JSON"),
        "{broken:?}"
    );
}

#[test]
fn json_is_for_scripts() {
    let output = check(
        &[json!([
            order(json!({"description": "Order lookup"})),
            cancel()
        ])],
        &["--json"],
    );
    assert_eq!(code(&output), 1);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer[0]["file"], "0.json");
    assert_eq!(answer[0]["action"], "check_order_status");
    let finding = &answer[0]["findings"][0];
    assert_eq!(finding["code"], "description_vague");
    assert_eq!(finding["severity"], "warning");
    assert_eq!(finding["field"], "description");
    assert!(finding["message"].is_string() && finding["suggestion"].is_string());
    assert_eq!(
        answer[1],
        json!({"file": "0.json", "action": "cancel_order", "findings": []})
    );
}

#[test]
fn all_files_are_compared_with_each_other() {
    let near = order(json!({"effect": "read", "name": "track_order"}));
    let output = check(&[order(json!({"effect": "read"})), near, cancel()], &[]);
    assert_eq!(code(&output), 1);
    let shown = text(&output.stdout);
    assert_eq!(shown.matches("description_overlap").count(), 2, "{shown}");
    let twice = check(&[cancel(), cancel()], &[]);
    assert_eq!(code(&twice), 2);
    assert_eq!(text(&twice.stdout).matches("name_taken").count(), 2);
}

#[test]
fn the_answer_of_a_server_can_be_checked_from_standard_input() {
    let mut exported = cancel();
    exported["id"] = json!("act_00000000000000000000000001");
    exported["version"] = json!(3);
    exported["headers"] = json!([{"name": "authorization", "has_secret": true}]);
    let folder = TempDir::new().unwrap();
    let listed = json!({"data": [exported], "next_cursor": null}).to_string();
    let output = run(folder.path(), &["-"], &listed);
    assert_eq!(code(&output), 0, "{output:?}");
    assert!(text(&output.stdout).starts_with("cancel_order  standard input  nothing found\n"));
}

#[test]
fn the_operators_exceptions_count_and_broken_settings_are_no_finding() {
    let folder = TempDir::new().unwrap();
    let action =
        order(json!({"effect": "read", "webhook_url": "https://10.1.2.3/hook"})).to_string();
    assert_eq!(code(&run(folder.path(), &["-"], &action)), 2);
    let settings = folder.path().join("deskhand.toml");
    std::fs::write(&settings, "egress_allow = \"10.1.2.3:443\"").unwrap();
    assert_eq!(code(&run(folder.path(), &["-"], &action)), 0);
    std::fs::write(&settings, "egress_allow = \"everything\"").unwrap();
    assert_eq!(code(&run(folder.path(), &["-"], &action)), 3);
}

#[test]
fn a_literal_address_needs_no_look_up_to_be_checked_with_resolve() {
    let action = order(json!({"effect": "read", "webhook_url": "https://93.184.216.34/hook"}));
    let output = check(&[action], &["--resolve"]);
    assert_eq!(code(&output), 0, "{output:?}");
}

#[test]
fn text_from_a_file_does_not_reach_the_terminal_as_commands() {
    let output = check(&[order(json!({"\u{1b}[31m": 1}))], &[]);
    assert!(!output.stdout.contains(&0x1b));
}

#[test]
fn the_help_tells_the_exit_codes() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["--help"], "");
    assert!(text(&output.stdout).contains("3  a file or the settings cannot be read"));
}
