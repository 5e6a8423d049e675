//! Endpoints: made, changed, removed.

use std::time::Duration;

use deskhand_testkit::TestApp;
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn one_is_made_with_defaults_and_its_secret_is_shown_once() {
    let app = TestApp::start().await;
    let url = app.webhook.url("/events");
    let made = app.post("/v1/event_endpoints", json!({"url": url})).await;
    let mut made = made.expect(201);
    let secret = made.as_object_mut().unwrap().remove("signing_secret");
    assert!(secret.unwrap().as_str().unwrap().starts_with("whsec_"));
    for (field, value) in [
        ("url", json!(url)),
        ("types", Value::Null),
        ("description", json!("")),
        ("enabled", json!(true)),
        ("disabled", Value::Null),
    ] {
        assert_eq!(made[field], value, "{field}");
    }
    let path = format!("/v1/event_endpoints/{}", id(&made));
    assert_eq!(app.get(&path).await.expect(200), made);
    let list = app.get("/v1/event_endpoints").await.expect(200);
    assert_eq!(list["data"], json!([made]));
}

#[tokio::test]
async fn what_cannot_be_accepted_is_named() {
    let app = TestApp::start().await;
    let url = app.webhook.url("/events");
    for (body, field) in [
        (json!({}), "url"),
        (json!({"url": "http://example.com/"}), "url"),
        (json!({"url": "https://10.0.0.7/"}), "url"),
        (json!({"url": "https://shop.internal/"}), "url"),
        (json!({"url": url, "types": []}), "types"),
        (json!({"url": url, "types": ["everything"]}), "types.0"),
        (
            json!({"url": url, "description": "x".repeat(201)}),
            "description",
        ),
        (json!({"url": url, "enabled": "yes"}), "enabled"),
        (json!({"url": url, "secret": "x"}), "secret"),
    ] {
        let answer = app.post("/v1/event_endpoints", body.clone()).await;
        assert_eq!(answer.wrong_fields(), [field], "{body}");
    }
    let list = app.get("/v1/event_endpoints").await.expect(200);
    assert_eq!(list["data"], json!([]));
    let endpoint = listen(&app, Value::Null).await;
    let inside = json!({"url": "https://192.168.1.1/"});
    let answer = app.patch(&endpoint.path, inside).await;
    assert_eq!(answer.wrong_fields(), ["url"]);
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused() {
    let app = TestApp::start().await;
    app.dns.answer("sneaky.example.com", &["10.0.0.7"]);
    let url = json!({"url": "https://sneaky.example.com/"});
    let answer = app.post("/v1/event_endpoints", url).await;
    assert_eq!(answer.wrong_fields(), ["url"]);
    assert!(!answer.text.contains("10.0.0.7"), "{}", answer.text);
}

#[tokio::test]
async fn it_changes_in_what_is_given_and_null_is_the_default() {
    let app = TestApp::start().await;
    let endpoint = listen(&app, json!(["invocation.failed"])).await;
    let before = app.get(&endpoint.path).await.expect(200);
    let change = json!({"description": "Our CRM"});
    let after = app.patch(&endpoint.path, change).await.expect(200);
    assert_eq!(after["description"], "Our CRM");
    assert_eq!(after["types"], before["types"]);
    // What was answered may be handed back.
    assert_eq!(
        app.patch(&endpoint.path, after.clone()).await.expect(200),
        after
    );
    let twice = json!([
        "invocation.unknown",
        "invocation.failed",
        "invocation.unknown"
    ]);
    let after = app.patch(&endpoint.path, json!({"types": twice})).await;
    assert_eq!(
        after.expect(200)["types"],
        json!(["invocation.failed", "invocation.unknown"])
    );
    let change = json!({"types": null, "description": null});
    let after = app.patch(&endpoint.path, change).await.expect(200);
    assert_eq!(
        (&after["types"], &after["description"]),
        (&Value::Null, &json!(""))
    );
    let answer = app.patch(&endpoint.path, json!({"url": null})).await;
    assert_eq!(answer.wrong_fields(), ["url"]);
}

#[tokio::test]
async fn a_removed_one_is_gone_with_its_deliveries() {
    let app = TestApp::start().await;
    let endpoint = listen(&app, Value::Null).await;
    greet(&app).await;
    let delivery = newest(&app, &endpoint).await;
    assert_eq!(app.delete(&endpoint.path).await.status, 204);
    app.get(&endpoint.path).await.problem(404);
    app.delete(&endpoint.path).await.problem(404);
    redeliver(&app, &delivery).await.problem(404);
    assert_eq!(deliver(&app).await, 0);
}

#[tokio::test]
async fn there_are_at_most_twenty() {
    let app = TestApp::start().await;
    for _ in 0..20 {
        listen(&app, Value::Null).await;
    }
    let more = json!({"url": app.webhook.url("/events")});
    let refused = app.post("/v1/event_endpoints", more).await;
    assert_eq!(refused.problem(409), "conflict");
}

#[tokio::test]
async fn while_a_secret_is_rotated_both_sign() {
    let app = TestApp::start().await;
    let endpoint = listen(&app, json!(["conversation.started"])).await;
    let path = format!("{}/secret", endpoint.path);
    let rotated = app.post(&path, json!({"overlap_seconds": 3600})).await;
    let new = rotated.expect(200)["signing_secret"]
        .as_str()
        .unwrap()
        .to_owned();
    greet(&app).await;
    deliver(&app).await;
    app.clock.advance(Duration::from_secs(3600));
    greet(&app).await;
    deliver(&app).await;
    let events = arrived(&app);
    let signed: Vec<_> = events
        .iter()
        .map(|event| (verifies(&endpoint.secret, event), verifies(&new, event)))
        .collect();
    assert_eq!(signed, [(true, true), (false, true)]);
    let answer = app.post(&path, json!({"overlap_seconds": 2_592_001})).await;
    assert_eq!(answer.wrong_fields(), ["overlap_seconds"]);
}
