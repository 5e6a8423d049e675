//! `/v1/actions`: made, read, changed, removed, versioned, tried out.

use deskhand_testkit::{Reply, TestApp, id};
use serde_json::{Value, json};

fn path(action: &Value) -> String {
    format!("/v1/actions/{}", id(action))
}

#[tokio::test]
async fn five_fields_make_an_action_and_the_rest_has_defaults() {
    let app = TestApp::start().await;
    let made = app.action(json!({})).await;
    let expected = json!({
        "version": 1, "enabled": true, "timeout_seconds": 30, "headers": [], "effect": "write",
        "idempotent": false, "confirmation": "never", "requires_verified_contact": false,
        "long_running": false, "result_fields": null, "examples": [], "mock_response": null,
        "warnings": [],
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&made[field], value, "{field}");
    }
    for (field, value) in app.order_action(json!({})).as_object().unwrap() {
        assert_eq!(&made[field], value, "{field}");
    }
    assert!(id(&made).starts_with("act_"));
    assert!(made.get("workspace_id").is_none());
}

#[tokio::test]
async fn the_signing_secret_is_shown_once() {
    let app = TestApp::start().await;
    let made = app.action(json!({})).await;
    let secret = made["signing_secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"), "{secret}");
    for path in [
        path(&made),
        "/v1/actions".to_owned(),
        format!("{}/versions", path(&made)),
    ] {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.text.contains("whsec_"), "{path}");
        assert!(!answer.text.contains(&secret[6..]), "{path}");
    }
    let changed = app.patch(&path(&made), json!({"timeout_seconds": 5})).await;
    assert!(!changed.text.contains("signing_secret"), "{}", changed.text);
}

#[tokio::test]
async fn what_is_read_is_what_was_made() {
    let app = TestApp::start().await;
    let full = json!({
        "enabled": false, "timeout_seconds": 7, "headers": [{"name": "x-shop", "value": "1"}],
        "effect": "read", "idempotent": true, "confirmation": "always",
        "requires_verified_contact": true, "long_running": true,
        "result_fields": ["/status", "/a~1b"], "examples": ["Where is my parcel?"],
        "mock_response": {"success": true, "result": {"status": "shipped"}},
    });
    let made = app.action(full.clone()).await;
    let read = app.get(&path(&made)).await.expect(200);
    for (field, value) in full.as_object().unwrap() {
        assert_eq!(&read[field], value, "{field}");
    }
}

#[tokio::test]
async fn a_change_makes_a_version_and_no_change_makes_none() {
    let app = TestApp::start().await;
    let made = app.action(json!({})).await;
    let changed = app
        .patch(&path(&made), json!({"display_name": "Order status"}))
        .await
        .expect(200);
    assert_eq!(changed["version"], 2);
    assert_eq!(changed["display_name"], "Order status");
    assert_eq!(changed["description"], made["description"]);
    assert_eq!(changed["created_at"], made["created_at"]);
    let same = app
        .patch(&path(&made), json!({"display_name": "Order status"}))
        .await
        .expect(200);
    assert_eq!(same["version"], 2);

    let versions = app
        .get(&format!("{}/versions", path(&made)))
        .await
        .expect(200);
    let names: Vec<_> = versions["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| (version["version"].clone(), version["display_name"].clone()))
        .collect();
    assert_eq!(
        names,
        [
            (json!(2), json!("Order status")),
            (json!(1), json!("Check order status"))
        ]
    );
}

#[tokio::test]
async fn null_takes_a_field_back_to_its_default() {
    let app = TestApp::start().await;
    let made = app
        .action(json!({"timeout_seconds": 5, "effect": "read"}))
        .await;
    let changed = app
        .patch(
            &path(&made),
            json!({"timeout_seconds": null, "effect": null}),
        )
        .await
        .expect(200);
    assert_eq!(
        (&changed["timeout_seconds"], &changed["effect"]),
        (&json!(30), &json!("write"))
    );
    let refused = app.patch(&path(&made), json!({"name": null})).await;
    assert_eq!(refused.wrong_fields(), ["name"]);
}

#[tokio::test]
async fn what_was_answered_can_be_sent_back() {
    let app = TestApp::start().await;
    let made = app
        .action(json!({"headers": [{"name": "X-Key", "secret": "canary"}]}))
        .await;
    let mut whole = app.get(&path(&made)).await.expect(200);
    whole["display_name"] = json!("Changed");
    let changed = app.patch(&path(&made), whole).await.expect(200);
    assert_eq!(changed["display_name"], "Changed");
    assert_eq!(changed["version"], 2);
}

#[tokio::test]
async fn a_deleted_action_is_gone_and_its_name_free() {
    let app = TestApp::start().await;
    let made = app.action(json!({})).await;
    assert_eq!(app.delete(&path(&made)).await.status, 204);
    assert_eq!(app.get(&path(&made)).await.problem(404), "not_found");
    assert_eq!(app.delete(&path(&made)).await.problem(404), "not_found");
    assert_eq!(app.get("/v1/actions").await.expect(200)["data"], json!([]));
    app.action(json!({})).await;
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let app = TestApp::start().await;
    app.action(json!({})).await;
    let again = app.post("/v1/actions", app.order_action(json!({}))).await;
    assert_eq!(again.problem(409), "name_taken");
    let other = app.action(json!({"name": "other"})).await;
    let renamed = app
        .patch(&path(&other), json!({"name": "check_order_status"}))
        .await;
    assert_eq!(renamed.problem(409), "name_taken");
}

#[tokio::test]
async fn an_action_with_an_open_call_is_not_deleted() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    let action = app.get("/v1/actions").await.expect(200)["data"][0].clone();
    app.webhook.reply(Reply::nothing().then_hang());
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}));
    let chat = talk.try_to_say("Where is A-1?");
    let delete = async {
        app.webhook.wait_for_requests(1).await;
        let refused = app.delete(&path(&action)).await;
        assert_eq!(refused.problem(409), "conflict");
        app.models.reply("Hm.");
        app.let_pass(std::time::Duration::from_secs(31)).await;
    };
    let (answer, ()) = tokio::join!(chat, delete);
    assert_eq!(answer.expect(200)["invocations"][0]["status"], "unknown");
    assert_eq!(app.delete(&path(&action)).await.status, 204);
    // What it did stays readable.
    assert_eq!(app.last_invocation().await["action"], "check_order_status");
}

#[tokio::test]
async fn a_secret_header_is_kept_where_a_change_does_not_repeat_it() {
    let app = TestApp::start().await;
    let made = app
        .action(json!({"headers": [
            {"name": "X-Api-Key", "secret": "first-secret"},
            {"name": "X-Plain", "value": "shown"},
        ]}))
        .await;
    assert_eq!(
        made["headers"],
        json!([{"name": "x-api-key", "has_secret": true}, {"name": "x-plain", "value": "shown"}])
    );
    let sent = |n: usize| {
        app.webhook.requests()[n]
            .header("x-api-key")
            .map(str::to_owned)
    };
    let run = || async {
        let body = json!({"parameters": {"order_number": "A-1"}});
        app.post(&format!("{}/test", path(&made)), body)
            .await
            .expect(200)
    };
    run().await;
    assert_eq!(sent(0).as_deref(), Some("first-secret"));

    let kept = json!({"headers": [{"name": "x-api-key"}]});
    let changed = app.patch(&path(&made), kept).await.expect(200);
    assert_eq!(
        changed["headers"],
        json!([{"name": "x-api-key", "has_secret": true}])
    );
    run().await;
    assert_eq!(sent(1).as_deref(), Some("first-secret"));
    assert_eq!(app.webhook.requests()[1].header("x-plain"), None);

    let replaced = json!({"headers": [{"name": "x-api-key", "secret": "second-secret"}]});
    let changed = app.patch(&path(&made), replaced).await.expect(200);
    assert_eq!(changed["version"], 3);
    run().await;
    assert_eq!(sent(2).as_deref(), Some("second-secret"));

    let removed = app
        .patch(&path(&made), json!({"headers": []}))
        .await
        .expect(200);
    assert_eq!(removed["headers"], json!([]));
    run().await;
    assert_eq!(sent(3), None);
    // Once removed it does not come back.
    let again = json!({"headers": [{"name": "x-api-key"}]});
    assert_eq!(
        app.patch(&path(&made), again).await.wrong_fields(),
        ["headers.0"]
    );
}

#[tokio::test]
async fn a_test_run_answers_with_the_exact_request_and_response() {
    let app = TestApp::start().await;
    let made = app.action(json!({})).await;
    app.webhook.reply(Reply::json(
        200,
        &json!({"success": true, "result": {"status": "shipped"}}),
    ));
    let run = app
        .post(
            &format!("{}/test", path(&made)),
            json!({"parameters": {"order_number": "A-1"}}),
        )
        .await
        .expect(200);
    assert_eq!(run["test"], true);
    assert_eq!(run["status"], "succeeded");
    assert_eq!(run["result"], json!({"status": "shipped"}));
    assert_eq!(run["agent_id"], Value::Null);
    let attempt = &run["attempts"][0];
    let request = &app.webhook.requests()[0];
    assert_eq!(request.header("deskhand-test"), Some("true"));
    assert_eq!(
        attempt["request"]["body"].as_str().unwrap().as_bytes(),
        request.body
    );
    let shown: Vec<_> = attempt["request"]["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|header| {
            let text = |field: &str| header[field].as_str().unwrap().to_owned();
            (text("name"), text("value"))
        })
        .collect();
    assert_eq!(shown, request.headers);
    assert_eq!(attempt["request"]["url"], made["webhook_url"]);
    assert_eq!(attempt["response"]["status"], 200);
    assert_eq!(
        attempt["response"]["body"],
        "{\"success\":true,\"result\":{\"status\":\"shipped\"}}"
    );
    for timing in ["connect_ms", "tls_ms", "first_byte_ms", "total_ms"] {
        assert!(attempt["timings"][timing].is_number(), "{timing}");
    }
}

#[tokio::test]
async fn a_test_run_with_wrong_parameters_names_them_and_sends_nothing() {
    let app = TestApp::start().await;
    let made = app.action(json!({})).await;
    let test = format!("{}/test", path(&made));
    for (parameters, field) in [
        (json!({}), "parameters.order_number"),
        (json!({"order_number": 5}), "parameters.order_number"),
        (json!({"order_number": "A", "extra": 1}), "parameters.extra"),
    ] {
        let answer = app.post(&test, json!({"parameters": parameters})).await;
        assert_eq!(answer.wrong_fields(), [field]);
    }
    assert_eq!(app.post(&test, json!({"parameter": {}})).await.status, 422);
    assert!(app.webhook.requests().is_empty());
}
