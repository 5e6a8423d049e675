//! How a refusal looks.

use deskhand_testkit::{ADMIN_KEY, TestApp};
use serde_json::Value;

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/v1").await.problem(404), "not_found");
    assert_eq!(app.get("/v1/nothing").await.problem(404), "not_found");
    let answer = app.send("DELETE", "/v1/agents", Value::Null).await;
    assert_eq!(answer.problem(405), "method_not_allowed");
    let allowed = answer.header("allow").unwrap_or_default();
    assert!(
        allowed.contains("GET") && allowed.contains("POST"),
        "{allowed:?}"
    );
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_a_problem() {
    let app = TestApp::start().await;
    let key = format!("Bearer {ADMIN_KEY}");
    let post = async |kind: Option<&str>, body: Vec<u8>| {
        let mut headers = vec![("authorization", key.as_str())];
        headers.extend(kind.map(|kind| ("content-type", kind)));
        app.send_raw("POST", "/v1/agents", &headers, body).await
    };
    let json = Some("application/json");
    for bad in [
        "{",
        "[]",
        "\"x\"",
        "{\"name\": \"A\",}",
        "nonsense",
        "{\"a\": \u{1}}",
    ] {
        let answer = post(json, bad.as_bytes().to_vec()).await;
        assert_eq!(answer.problem(400), "invalid_json", "{bad}");
    }
    assert_eq!(
        post(json, b"{\"name\": \"\xff\"}".to_vec())
            .await
            .problem(400),
        "invalid_json"
    );
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(
        post(json, deep.into_bytes()).await.problem(400),
        "invalid_json"
    );
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
    ] {
        let answer = post(Some(kind), b"{\"name\": \"A\"}".to_vec()).await;
        assert_eq!(answer.problem(415), "unsupported_media_type", "{kind}");
    }
    let kind = Some("Application/JSON; charset=utf-8");
    assert_eq!(post(kind, b"{\"name\": \"A\"}".to_vec()).await.status, 201);
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(300 * 1024));
    assert_eq!(
        post(json, large.into_bytes()).await.problem(413),
        "payload_too_large"
    );
}

#[tokio::test]
async fn answers_are_neither_sniffed_nor_kept() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/v1/agents", "/v1/nothing"] {
        let answer = app.get(path).await;
        assert_eq!(
            answer.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}
