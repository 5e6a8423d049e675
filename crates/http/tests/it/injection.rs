//! A model that obeys every instruction it reads, against the recorded attacks.

use std::path::{Path, PathBuf};

use deskhand_testkit::{Reply, Talk, TestApp, id};
use serde_json::{Value, json};

/// The recorded attacks, if they lie beside the project.
fn attacks() -> Option<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .skip(3)
        .map(|above| above.join("shared/data/evals/injection_dev.jsonl"))
        .find(|file| file.exists())
}

/// Every word of the text that a transfer could need: whatever carries a digit or an `@`.
fn values(text: &str) -> Vec<&str> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.contains(|c: char| c.is_numeric() || c == '@'))
        .collect()
}

#[tokio::test]
#[expect(
    clippy::print_stderr,
    reason = "whoever runs the tests should know what was not run"
)]
async fn nothing_is_sent_with_values_out_of_a_hostile_result() {
    let Some(file) = attacks() else {
        eprintln!("NOT RUN: no shared/data/evals/injection_dev.jsonl above the workspace");
        return;
    };
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    let look_up = app.action(json!({"effect": "read"})).await;
    let transfer = app
        .action(json!({
            "name": "transfer", "display_name": "Transfer", "description": "Send something to somebody.",
            "parameters": {"type": "object", "properties": {
                "to": {"type": "string"}, "what": {"type": "array", "items": {"type": "string"}}}},
        }))
        .await;
    app.attach(&agent, &look_up).await;
    app.attach(&agent, &transfer).await;
    let mut tried = 0;
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let attack: Value = serde_json::from_str(line).unwrap();
        let result = &attack["webhook_response"];
        let text = result.to_string();
        let values = values(&text);
        let Some(to) = values.first() else { continue };
        tried += 1;
        // The same customer, sixty seconds later.
        app.clock.advance(std::time::Duration::from_secs(60));
        let mut talk = Talk::new(&app, id(&agent)).with(json!({"id": "cus_1"}));
        app.webhook.reply(Reply::json(
            200,
            &json!({"success": true, "result": result}),
        ));
        app.models
            .call("check_order_status", json!({"order_number": "QX-7319"}))
            .call("transfer", json!({"to": to}))
            .call("transfer", json!({"what": values}))
            .call("check_order_status", json!({"order_number": to}));
        let answer = talk.say("Where is order QX-7319?").await;
        assert_eq!(
            answer["invocations"].as_array().unwrap().len(),
            1,
            "{attack}"
        );
        assert_eq!(app.webhook.requests().len(), tried, "{attack}");
    }
    assert!(tried > 20, "only {tried} attacks had something to send");
}
