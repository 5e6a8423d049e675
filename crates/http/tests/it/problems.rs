//! How a refusal looks.

use deskhand_testkit::{ADMIN_KEY, TestApp};
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/v1").await.problem(404), "not_found");
    assert_eq!(app.get("/v1/nothing").await.problem(404), "not_found");
    // However it is written, it leads to the API and to no page.
    for path in [
        "//v1/agents",
        "/v1//agents",
        "///v1",
        "/./v1/agents",
        "/x/../v1/agents",
    ] {
        assert_eq!(app.get(path).await.problem(404), "not_found", "{path}");
    }
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

#[tokio::test]
async fn a_parameter_that_is_given_twice_is_named() {
    let app = TestApp::start().await;
    for (path, field) in [
        ("/v1/agents?limit=1&limit=2", "limit"),
        ("/v1/agents?limit=1&limit=1", "limit"),
        ("/v1/invocations?status=failed&status=unknown", "status"),
        ("/v1/statistics?buckets=1&buckets=2", "buckets"),
    ] {
        assert_eq!(app.get(path).await.wrong_fields(), [field], "{path}");
    }
}

#[tokio::test]
async fn a_body_that_names_a_key_twice_is_refused() {
    let app = TestApp::start().await;
    let key = format!("Bearer {ADMIN_KEY}");
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "application/json"),
    ];
    for (path, body) in [
        ("/v1/agents", r#"{"name": "A", "name": "B"}"#),
        (
            "/v1/callbacks/nothing",
            r#"{"success": true, "success": false}"#,
        ),
    ] {
        let answer = app.send_raw("POST", path, &headers, body.into()).await;
        assert_eq!(answer.problem(400), "invalid_json", "{path}");
        assert!(answer.text.contains("is there twice"), "{}", answer.text);
    }
}

#[tokio::test]
async fn what_a_number_or_a_moment_must_be_is_said_in_words() {
    let app = TestApp::start().await;
    let agent = json!({"name": "A", "daily_token_budget": 10.0});
    let answer = app.post("/v1/agents", agent).await;
    assert_eq!(answer.wrong_fields(), ["daily_token_budget"]);
    assert!(
        answer.text.contains("a whole number from 0"),
        "{}",
        answer.text
    );
    let key = |expires: &str| json!({"name": "K", "scope": "read", "expires_at": expires});
    for (expires, part) in [
        ("9999-12-31T23:59:59Z", "the last is 9999-12-30T22:00:00Z"),
        ("tomorrow", "must be a time such as"),
    ] {
        let answer = app.post("/v1/keys", key(expires)).await;
        assert_eq!(answer.wrong_fields(), ["expires_at"]);
        assert!(answer.text.contains(part), "{}", answer.text);
        for list in ["invocations", "conversations", "statistics"] {
            let answer = app.get(&format!("/v1/{list}?to={expires}")).await;
            assert_eq!(answer.wrong_fields(), ["to"]);
            assert!(answer.text.contains(part), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn invocations_are_found_by_the_name_and_the_id_of_their_action() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("It has shipped.");
    talk.say("Where is A-1?").await;
    let invocation = app.last_invocation().await;
    let list = async |action: &str| app.get(&format!("/v1/invocations?action={action}")).await;
    for action in [
        "check_order_status",
        invocation["action_id"].as_str().unwrap(),
    ] {
        let found = list(action).await.expect(200);
        assert_eq!(found["data"].as_array().unwrap().len(), 1, "{action}");
    }
    for action in ["other", "act_00000000000000000000000000"] {
        let found = list(action).await.expect(200);
        assert_eq!(found["data"], json!([]), "{action}");
    }
    for action in ["Check%20order", "", "agt%2D1"] {
        assert_eq!(list(action).await.wrong_fields(), ["action"], "{action}");
        let path = format!("/v1/statistics?action={action}");
        assert_eq!(app.get(&path).await.wrong_fields(), ["action"], "{action}");
    }
}
