//! What is asked for twice under one Idempotency-Key is done once.

use deskhand_testkit::{ADMIN_KEY, Answer, TestApp};
use serde_json::{Value, json};

use super::*;

async fn post(app: &TestApp, path: &str, body: Value) -> Answer {
    let bearer = format!("Bearer {ADMIN_KEY}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let body = match body {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    app.send_raw("POST", path, &headers, body).await
}

#[tokio::test]
async fn endpoints_secrets_tests_and_deliveries() {
    let app = TestApp::start().await;
    let endpoint = json!({"url": app.webhook.url("/events"), "types": ["conversation.started"]});
    let twice = async |path: &str, body: Value, status: u16| {
        let first = post(&app, path, body.clone()).await;
        let again = post(&app, path, body).await;
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{path}");
        assert_eq!(first.text, again.text, "{path}");
        first.expect(status)
    };
    let made = twice("/v1/event_endpoints", endpoint, 201).await;
    let path = format!("/v1/event_endpoints/{}", id(&made));
    let list = app.get("/v1/event_endpoints").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    twice(&format!("{path}/secret"), json!({}), 200).await;
    let test = twice(&format!("{path}/test"), Value::Null, 202).await;
    let redeliver = format!("/v1/deliveries/{}/redeliver", id(&test));
    twice(&redeliver, Value::Null, 202).await;
    assert_eq!(deliver(&app).await, 2);
}
