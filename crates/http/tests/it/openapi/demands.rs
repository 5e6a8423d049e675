//! What the server demands, the document demands too, so that a client that was made from it sends nothing
//! that is refused for its form.

use deskhand_testkit::{TestApp, contract, id};
use serde_json::{Value, json};

fn action(changes: Value) -> Value {
    let mut action = json!({
        "name": "look_up", "display_name": "Look up", "description": "Looks up.",
        "webhook_url": "https://api.example.com/x", "parameters": {"type": "object"},
    });
    for (name, value) in changes.as_object().unwrap() {
        action[name] = value.clone();
    }
    action
}

#[tokio::test]
async fn what_the_document_lets_a_client_send_the_server_takes_and_nothing_else() {
    let app = TestApp::start().await;
    let header = |header: Value| action(json!({"headers": [header]}));
    let mut bodies: Vec<(&str, &str, Value, bool)> = Vec::new();
    for (model, good) in [
        (json!("builtin"), true),
        (json!(" Builtin "), true),
        (json!(null), true),
        (json!("gpt-4"), false),
        (json!("openai::"), false),
        (json!("::x"), false),
        (json!(""), false),
        (json!("openai::a\nb"), false),
    ] {
        for field in ["model", "fallback_model"] {
            let body = json!({"name": "A", (field): model});
            bodies.push(("POST", "/v1/agents", body, good));
        }
    }
    for (budget, good) in [
        (json!(1), true),
        (json!(null), true),
        (json!(0), false),
        (json!(-1), false),
    ] {
        let body = json!({"name": "A", "daily_token_budget": budget});
        bodies.push(("POST", "/v1/agents", body, good));
    }
    for (text, good) in [
        ("A\tB\nC", true),
        ("\u{7}A", false),
        (" \n", false),
        ("A\u{85}", false),
    ] {
        for field in ["display_name", "description"] {
            bodies.push(("POST", "/v1/actions", action(json!({(field): text})), good));
        }
        bodies.push((
            "POST",
            "/v1/actions",
            action(json!({"examples": [text]})),
            good,
        ));
    }
    for (given, good) in [
        (json!({"name": "x-a", "value": "1"}), true),
        (json!({"name": "x-a", "secret": "1", "value": null}), true),
        (json!({"name": "x-a"}), false),
        (json!({"name": "x-a", "value": null, "secret": null}), false),
        (json!({"name": "x-a", "value": "1", "secret": "1"}), false),
    ] {
        bodies.push(("POST", "/v1/actions", header(given), good));
    }
    for (origins, good) in [
        (
            json!(["https://shop.example", "http://localhost:3000/"]),
            true,
        ),
        (json!([]), true),
        (json!(["shop.example"]), false),
        (json!(["https://shop.example/page"]), false),
        (json!(["https://a@shop.example"]), false),
        (json!(vec!["https://shop.example"; 51]), false),
    ] {
        bodies.push((
            "PATCH",
            "/v1/workspace",
            json!({"widget_origins": origins}),
            good,
        ));
    }
    bodies.push(("PATCH", "/v1/workspace", json!({"name": " "}), false));
    bodies.push((
        "PATCH",
        "/v1/workspace",
        json!({"name": "x".repeat(81)}),
        false,
    ));
    for (at, (method, path, mut body, good)) in bodies.into_iter().enumerate() {
        assert_eq!(
            contract().lets_send(method, path, &body),
            good,
            "{path} {body}"
        );
        if path == "/v1/actions" {
            body["name"] = json!(format!("look_up_{at}"));
        }
        let answer = app.send(method, path, body.clone()).await;
        let expected = if good { 200..300 } else { 422..423 };
        assert!(
            expected.contains(&answer.status),
            "{path} {body}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn a_header_that_has_its_secret_may_be_handed_back_without_one() {
    let app = TestApp::start().await;
    let secret = json!({"headers": [{"name": "x-key", "secret": "s"}]});
    let made = app.post("/v1/actions", action(secret)).await.expect(201);
    let path = format!("/v1/actions/{}", id(&made));
    for (header, good) in [
        (json!({"name": "x-key", "has_secret": true}), true),
        (json!({"name": "x-key", "value": "1", "secret": "1"}), false),
    ] {
        let body = json!({"headers": [header]});
        assert_eq!(contract().lets_send("PATCH", &path, &body), good, "{body}");
        let answer = app.patch(&path, body).await;
        assert_eq!(answer.status == 200, good, "{}", answer.text);
    }
}

#[tokio::test]
async fn what_the_document_lets_a_client_ask_the_server_answers_and_nothing_else() {
    let app = TestApp::start().await;
    let made = app.agent(json!({})).await;
    let agent = id(&made);
    for (path, name, value, good) in [
        ("/v1/agents", "cursor", json!(agent), true),
        ("/v1/agents", "cursor", json!("x"), false),
        ("/v1/agents", "cursor", json!(""), false),
        ("/v1/invocations", "cursor", json!("inv_9"), false),
        ("/v1/invocations", "action", json!("look_up"), true),
        ("/v1/invocations", "action", json!("Look up"), false),
        ("/v1/statistics", "action", json!("Look up"), false),
        ("/v1/statistics", "buckets", json!(1), true),
        ("/v1/statistics", "buckets", json!(200), true),
        ("/v1/statistics", "buckets", json!(0), false),
        ("/v1/statistics", "buckets", json!(201), false),
    ] {
        assert_eq!(
            contract().lets_ask(path, name, &value),
            good,
            "{path} {name} {value}"
        );
        let text = value.to_string().trim_matches('"').replace(' ', "%20");
        let answer = app.get(&format!("{path}?{name}={text}")).await;
        assert_eq!(
            answer.status == 200,
            good,
            "{path} {name} {value}: {}",
            answer.text
        );
    }
}
