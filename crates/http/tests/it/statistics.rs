//! What was done, in numbers; and what an owner looks at before and after.

use std::time::Duration;

use deskhand_domain::workspace::Scope;
use deskhand_testkit::{Reply, TestApp, id};
use serde_json::{Value, json};

async fn statistics(app: &TestApp, query: &str) -> Value {
    app.get(&format!("/v1/statistics{query}")).await.expect(200)
}

#[tokio::test]
async fn without_anything_done_there_are_zeros() {
    let app = TestApp::start().await;
    let found = statistics(&app, "").await;
    assert_eq!(found["series"].as_array().unwrap().len(), 24);
    assert_eq!(found["totals"]["invocations"], 0);
    assert_eq!(found["totals"]["success_rate"], Value::Null);
    assert_eq!(found["totals"]["p95_ms"], Value::Null);
    for list in ["actions", "endpoints", "unanswered"] {
        assert_eq!(found[list], json!([]), "{list}");
    }
}

#[tokio::test]
async fn calls_are_counted_by_action_endpoint_and_part() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    for (status, answer) in [
        (200, json!({"success": true, "result": {}})),
        (500, json!({})),
        (200, json!({"success": false, "error": "No"})),
    ] {
        app.webhook.reply(Reply::json(status, &answer));
    }
    for order in ["A-1", "B-2", "C-3"] {
        app.models
            .call("check_order_status", json!({"order_number": order}))
            .reply("So.");
        talk.say(&format!("Where is {order}?")).await;
        app.clock.advance(Duration::from_secs(3_600));
    }
    let found = statistics(&app, "?buckets=12").await;
    let totals = &found["totals"];
    assert_eq!(
        [
            &totals["turns"],
            &totals["conversations"],
            &totals["invocations"],
            &totals["succeeded"],
            &totals["failed"],
            &totals["declined"],
            &totals["other"]
        ],
        [3, 1, 3, 1, 1, 1, 0]
    );
    assert!((totals["success_rate"].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-9);
    assert!(totals["input_tokens"].as_u64().unwrap() > 0);
    let parts = found["series"].as_array().unwrap();
    assert_eq!(parts.len(), 12);
    let succeeded: u64 = parts.iter().map(|p| p["succeeded"].as_u64().unwrap()).sum();
    assert_eq!(succeeded, 1);

    let action = &found["actions"][0];
    assert_eq!(action["name"], "check_order_status");
    assert_eq!(action["invocations"], 3);
    assert_eq!(
        (&action["slow"], &action["enabled"]),
        (&json!(0), &json!(true))
    );
    let series = action["series"].as_array().unwrap();
    assert_eq!(series.iter().map(|n| n.as_u64().unwrap()).sum::<u64>(), 3);
    assert_eq!(action["last_failure"]["code"], "http_error");
    let endpoint = &found["endpoints"][0];
    assert_eq!(endpoint["host"], "127.0.0.1");
    assert_eq!(
        (&endpoint["invocations"], &endpoint["failed"]),
        (&json!(3), &json!(1))
    );
    assert_eq!(endpoint["last_failure"], action["last_failure"]);
    let open = &found["unanswered"];
    assert_eq!(open.as_array().unwrap().len(), 1);
    assert_eq!(open[0]["message"], "Where is B-2?");
    assert_eq!(open[0]["reason"], "calls_failed");
    let path = format!(
        "/v1/invocations/{}",
        action["last_failure"]["invocation_id"].as_str().unwrap()
    );
    assert_eq!(app.get(&path).await.expect(200)["status"], "failed");
}

#[tokio::test]
async fn a_question_that_no_model_answered_is_listed() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    app.models.status(401, "no");
    let path = format!("/v1/agents/{}/chat", talk.agent);
    app.post(&path, json!({"message": "Anybody?"}))
        .await
        .expect(200);
    let open = statistics(&app, "").await["unanswered"].clone();
    assert_eq!(open[0]["reason"], "model_unavailable");
    assert_eq!(open[0]["message"], "Anybody?");
}

#[tokio::test]
async fn trials_are_left_out_and_filters_hold() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    let listed = app.get("/v1/actions").await.expect(200);
    let test = format!("/v1/actions/{}/test", id(&listed["data"][0]));
    let run = json!({"parameters": {"order_number": "A-1"}});
    app.post(&test, run).await.expect(200);
    assert_eq!(statistics(&app, "").await["totals"]["invocations"], 0);

    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("So.");
    let path = format!("/v1/agents/{}/chat", talk.agent);
    app.post(&path, json!({"message": "Where is A-1?"}))
        .await
        .expect(200);
    let other = app.agent(json!({"name": "Other"})).await;
    for (query, calls) in [
        (String::new(), 1),
        (format!("?agent_id={}", talk.agent), 1),
        (format!("?agent_id={}", id(&other)), 0),
        ("?action=check_order_status".to_owned(), 1),
        ("?action=cancel_order".to_owned(), 0),
        (
            "?from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z".to_owned(),
            0,
        ),
    ] {
        let found = statistics(&app, &query).await;
        assert_eq!(found["totals"]["invocations"], calls, "{query}");
    }
    let workspace = app.first_workspace().await;
    let bound = app
        .key(workspace, Scope::Read, |key| {
            key.agent_id = Some(id(&other).parse().unwrap());
        })
        .await;
    let key = Some(bound.as_str());
    let own = app.send_as(key, "GET", "/v1/statistics", Value::Null).await;
    assert_eq!(own.expect(200)["totals"]["turns"], 0);
    let theirs = format!("/v1/statistics?agent_id={}", talk.agent);
    app.send_as(key, "GET", &theirs, Value::Null)
        .await
        .problem(404);
}

#[tokio::test]
async fn a_period_that_cannot_be_is_refused() {
    let app = TestApp::start().await;
    for (query, field) in [
        ("from=2026-11-23T00:00:00Z&to=2026-11-23T00:00:00Z", "from"),
        ("from=2020-01-01T00:00:00Z", "from"),
        ("buckets=0", "buckets"),
        ("buckets=201", "buckets"),
        ("to=yesterday", "to"),
        ("bucket=3", "bucket"),
    ] {
        let answer = app.get(&format!("/v1/statistics?{query}")).await;
        assert_eq!(answer.wrong_fields(), [field], "{query}");
    }
}

#[tokio::test]
async fn a_slow_action_is_a_finding() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    let action = app.get("/v1/actions").await.expect(200)["data"][0].clone();
    let check = async || {
        let found = app
            .post("/v1/actions/check", action.clone())
            .await
            .expect(200);
        let found = found["findings"].as_array().unwrap().clone();
        let codes = found
            .iter()
            .map(|one| one["code"].as_str().unwrap().to_owned());
        codes.collect::<Vec<_>>()
    };
    assert!(!check().await.contains(&"slow_action".to_owned()));
    app.webhook.reply(Reply::nothing().then_hang());
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("So.");
    let clock = async {
        app.webhook.wait_for_requests(1).await;
        crate::settle().await;
        app.let_pass(Duration::from_secs(31)).await;
    };
    let (answer, ()) = tokio::join!(talk.try_to_say("Where is A-1?"), clock);
    assert_eq!(answer.expect(200)["invocations"][0]["status"], "unknown");
    assert_eq!(statistics(&app, "").await["actions"][0]["slow"], 1);
    assert!(check().await.contains(&"slow_action".to_owned()));
    let saved = app
        .patch(
            &format!("/v1/actions/{}", id(&action)),
            json!({"timeout_seconds": 20}),
        )
        .await
        .expect(200);
    let warned = saved["warnings"].as_array().unwrap();
    assert!(
        warned.iter().any(|one| one["code"] == "slow_action"),
        "{saved}"
    );
}

#[tokio::test]
async fn an_action_goes_back_to_an_earlier_version() {
    let app = TestApp::start().await;
    let secret = json!([{"name": "authorization", "secret": "Bearer canary-41"}]);
    let made = app.action(json!({"headers": secret})).await;
    let path = format!("/v1/actions/{}", id(&made));
    let plain = json!({"description": "Something else.", "timeout_seconds": 7});
    app.patch(&path, plain).await.expect(200);
    let restore = format!("{path}/restore");
    let back = app.post(&restore, json!({"version": 1})).await.expect(200);
    assert_eq!(back["version"], 3);
    for field in ["description", "timeout_seconds", "headers"] {
        assert_eq!(back[field], made[field], "{field}");
    }
    assert_eq!(back["headers"][0]["has_secret"], true);
    let run = json!({"parameters": {"order_number": "A-1"}});
    app.post(&format!("{path}/test"), run).await.expect(200);
    let call = &app.webhook.requests()[0];
    assert_eq!(call.header("authorization"), Some("Bearer canary-41"));
    // To go back to what is there changes nothing.
    let again = app.post(&restore, json!({"version": 3})).await.expect(200);
    assert_eq!(again["version"], 3);
    for version in [json!(0), json!(9)] {
        let answer = app.post(&restore, json!({"version": version})).await;
        assert_eq!(answer.wrong_fields(), ["version"]);
    }
    // A secret whose header was removed is gone for good.
    app.patch(&path, json!({"headers": []})).await.expect(200);
    let answer = app.post(&restore, json!({"version": 1})).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
}

#[tokio::test]
async fn a_preview_shows_the_request_and_sends_nothing() {
    let app = TestApp::start().await;
    let secret = json!([
        {"name": "authorization", "secret": "Bearer canary-42"},
        {"name": "x-shop", "value": "north"},
    ]);
    let definition = app.order_action(json!({"headers": secret}));
    let answer = app
        .post("/v1/actions/preview", json!({"definition": definition}))
        .await;
    assert!(!answer.text.contains("canary-42"), "{}", answer.text);
    let request = answer.expect(200)["request"].clone();
    assert_eq!(request["method"], "POST");
    assert_eq!(request["url"], definition["webhook_url"]);
    let headers = request["headers"].as_object().unwrap();
    assert_eq!(headers["authorization"], "[redacted]");
    assert_eq!(headers["x-shop"], "north");
    assert_eq!(headers["webhook-signature"], "v1,<signature>");
    let body = request["body"].as_str().unwrap();
    assert_eq!(headers["content-length"], body.len().to_string());
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["parameters"]["order_number"], "ORD-12345");
    assert_eq!(body["action"], "check_order_status");

    let parameters = json!({"order_number": "B-2"});
    let asked = json!({"definition": definition, "parameters": parameters});
    let request = app.post("/v1/actions/preview", asked).await.expect(200);
    let body = request["request"]["body"].as_str().unwrap();
    assert!(
        body.contains(r#""parameters":{"order_number":"B-2"}"#),
        "{body}"
    );
    let private = json!({"definition": {"webhook_url": "https://10.0.0.1/"}});
    let refused = app.post("/v1/actions/preview", private).await;
    assert_eq!(refused.wrong_fields(), ["definition.webhook_url"]);
    assert!(app.webhook.requests().is_empty());
}

#[tokio::test]
async fn a_previewed_request_is_the_one_that_is_sent() {
    let app = TestApp::start().await;
    let made = app.action(json!({})).await;
    let run = json!({"parameters": {"order_number": "A-1"}, "contact": {"id": "cus_42"}});
    let path = format!("/v1/actions/{}/test", id(&made));
    let sent = app.post(&path, run.clone()).await.expect(200)["attempts"][0]["request"].clone();
    let asked = json!({"definition": made, "parameters": run["parameters"]});
    let answer = app.post("/v1/actions/preview", asked).await.expect(200);
    let names = |headers: Vec<&str>| {
        let mut names: Vec<String> = headers.into_iter().map(str::to_owned).collect();
        names.retain(|name| name != "deskhand-test");
        names.sort_unstable();
        names
    };
    let shown = answer["request"]["headers"].as_object().unwrap();
    let sent: Vec<&str> = sent["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|header| header["name"].as_str().unwrap())
        .collect();
    let shown: Vec<&str> = shown.keys().map(String::as_str).collect();
    assert_eq!(names(shown), names(sent));
}

#[tokio::test]
async fn models_are_listed_and_asked() {
    let app = TestApp::start().await;
    let known = app.get("/v1/models").await.expect(200);
    assert_eq!(known["default"], "openai::test");
    let providers = known["providers"].as_array().unwrap();
    assert!(providers.contains(&json!("openai")), "{known}");

    app.models.reply("Hello there!");
    let answer = app.post("/v1/models/test", json!({})).await.expect(200);
    assert_eq!(
        (&answer["ok"], &answer["model"]),
        (&json!(true), &json!("openai::test"))
    );
    assert_eq!(answer["reply"], "Hello there!");
    assert!(answer["first_token_ms"].is_u64() && answer["error"].is_null());

    // Whether it takes tools is part of the question.
    assert_eq!(app.models.last_request().tool_names(), ["ring_the_bell"]);
    app.models.call("ring_the_bell", json!({}));
    let answer = app.post("/v1/models/test", json!({})).await.expect(200);
    assert_eq!(answer["ok"], true);
    assert_eq!(
        answer["reply"],
        "(no words; it wants to call ring_the_bell)"
    );

    app.models.status(401, "wrong key");
    for model in [Value::Null, json!("gpt"), json!("anthropic::claude")] {
        let asked = json!({"model": model});
        let answer = app.post("/v1/models/test", asked).await.expect(200);
        assert_eq!(answer["ok"], false, "{model}");
        assert_eq!(answer["error"]["code"], "model_unavailable", "{model}");
        assert_eq!(
            (&answer["reply"], &answer["first_token_ms"]),
            (&Value::Null, &Value::Null)
        );
    }
    let builtin = json!({"model": "builtin"});
    assert_eq!(
        app.post("/v1/models/test", builtin).await.expect(200)["ok"],
        true
    );
    let wrong = app.post("/v1/models/test", json!({"model": 3})).await;
    assert_eq!(wrong.wrong_fields(), ["model"]);
}
