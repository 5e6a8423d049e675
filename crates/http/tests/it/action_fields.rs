//! Every field of an action that can be wrong.

use deskhand_testkit::TestApp;
use serde_json::{Value, json};

#[tokio::test]
async fn a_wrong_field_is_named() {
    let app = TestApp::start().await;
    let schema = |properties: Value| json!({"type": "object", "properties": properties});
    let deep = (0..8).fold(
        json!({"type": "string"}),
        |inner, _| json!({"type": "object", "properties": {"x": inner}}),
    );
    let wide: serde_json::Map<String, Value> =
        (0..65).map(|i| (format!("p{i}"), json!({}))).collect();
    let cases = [
        (json!({"name": "Check"}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": 5}), "name"),
        (json!({"name": "a".repeat(65)}), "name"),
        (json!({"display_name": ""}), "display_name"),
        (json!({"display_name": "x".repeat(81)}), "display_name"),
        (json!({"description": "x".repeat(1025)}), "description"),
        (json!({"description": null}), "description"),
        (json!({"enabled": "yes"}), "enabled"),
        (json!({"timeout_seconds": 0}), "timeout_seconds"),
        (json!({"timeout_seconds": 121}), "timeout_seconds"),
        (json!({"timeout_seconds": -1}), "timeout_seconds"),
        (json!({"timeout_seconds": 1.5}), "timeout_seconds"),
        (json!({"effect": "delete"}), "effect"),
        (json!({"confirmation": true}), "confirmation"),
        (json!({"headers": {}}), "headers"),
        (json!({"headers": [{"value": "1"}]}), "headers.0"),
        (json!({"headers": [{"name": "x-a"}]}), "headers.0"),
        (
            json!({"headers": [{"name": "x-a", "value": "1", "secret": "2"}]}),
            "headers.0",
        ),
        (
            json!({"headers": [{"name": "Host", "value": "1"}]}),
            "headers.0.name",
        ),
        (
            json!({"headers": [{"name": "webhook-id", "value": "1"}]}),
            "headers.0.name",
        ),
        (
            json!({"headers": [{"name": "x a", "value": "1"}]}),
            "headers.0.name",
        ),
        (
            json!({"headers": [{"name": "x-a", "value": "1\r\nx: y"}]}),
            "headers.0.value",
        ),
        (
            json!({"headers": [{"name": "x-a", "secret": "1\n"}]}),
            "headers.0.secret",
        ),
        (
            json!({"headers": [{"name": "x-a", "value": "1"}, {"name": "X-A", "value": "2"}]}),
            "headers.1.name",
        ),
        (json!({"result_fields": ["status"]}), "result_fields.0"),
        (json!({"result_fields": ["/a", "/b~2"]}), "result_fields.1"),
        (json!({"examples": [""]}), "examples.0"),
        (json!({"examples": "Where?"}), "examples"),
        (json!({"parameters": []}), "parameters"),
        (json!({"parameters": {"type": "array"}}), "parameters.type"),
        (json!({"parameters": {}}), "parameters.type"),
        (
            json!({"parameters": schema(json!({"a": {"type": "text"}}))}),
            "parameters.properties.a.type",
        ),
        (
            json!({"parameters": schema(json!({"a": {"pattern": "("}}))}),
            "parameters.properties.a.pattern",
        ),
        (
            json!({"parameters": schema(json!({"a": {"x-source": "contact.secret"}}))}),
            "parameters.properties.a.x-source",
        ),
        (
            json!({"parameters": schema(json!({"a": {"x-grounding": "maybe"}}))}),
            "parameters.properties.a.x-grounding",
        ),
        (
            json!({"parameters": schema(json!({"a": {"$ref": "https://example.com/x"}}))}),
            "parameters.properties.a.$ref",
        ),
        (json!({"parameters": schema(json!(wide))}), "parameters"),
        (
            json!({"parameters": {"type": "object", "description": "x".repeat(33_000)}}),
            "parameters",
        ),
        (json!({"webhook_url": "http://example.com/"}), "webhook_url"),
        (json!({"webhook_url": "https://10.0.0.1/"}), "webhook_url"),
        (json!({"webhook_url": "https://localhost/"}), "webhook_url"),
        (
            json!({"webhook_url": "https://a:b@example.com/"}),
            "webhook_url",
        ),
        (
            json!({"webhook_url": "https://example.com:22/"}),
            "webhook_url",
        ),
        (json!({"webhook_url": "orders"}), "webhook_url"),
        (json!({"colour": "red"}), "colour"),
    ];
    for (change, field) in cases {
        let answer = app
            .post("/v1/actions", app.order_action(change.clone()))
            .await;
        assert!(
            answer.wrong_fields().contains(&field),
            "{change} should name {field}: {}",
            answer.text
        );
    }
    let answer = app
        .post("/v1/actions", app.order_action(json!({"parameters": deep})))
        .await;
    assert!(
        answer.wrong_fields()[0].starts_with("parameters"),
        "{}",
        answer.text
    );
    assert_eq!(app.get("/v1/actions").await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let app = TestApp::start().await;
    let answer = app.post("/v1/actions", json!({})).await;
    assert_eq!(
        answer.wrong_fields(),
        [
            "name",
            "display_name",
            "description",
            "webhook_url",
            "parameters"
        ]
    );
    let wrong = json!({"name": "No", "timeout_seconds": 500, "webhook_url": "http://x/"});
    let answer = app.post("/v1/actions", app.order_action(wrong)).await;
    let mut fields = answer.wrong_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["name", "timeout_seconds", "webhook_url"]);
}

#[tokio::test]
async fn limits_are_inclusive() {
    let app = TestApp::start().await;
    app.action(json!({
        "name": "a".repeat(64),
        "display_name": "é".repeat(80),
        "description": "é".repeat(1024),
        "timeout_seconds": 120,
    }))
    .await;
}

#[tokio::test]
async fn a_host_that_does_not_resolve_is_only_a_warning() {
    let app = TestApp::start().await;
    let made = app
        .action(json!({"webhook_url": "https://not-yet.example.com/hook"}))
        .await;
    assert_eq!(made["warnings"][0]["code"], "does_not_resolve");
    assert_eq!(made["warnings"][0]["field"], "webhook_url");
}

#[tokio::test]
async fn a_host_that_resolves_inside_is_refused_without_saying_to_what() {
    let app = TestApp::start().await;
    app.dns
        .answer("inside.example.com", &["93.184.216.34", "10.1.2.3"]);
    let url = json!({"webhook_url": "https://inside.example.com/"});
    let answer = app.post("/v1/actions", app.order_action(url)).await;
    assert_eq!(answer.wrong_fields(), ["webhook_url"]);
    assert!(!answer.text.contains("10.1.2.3"), "{}", answer.text);
}
