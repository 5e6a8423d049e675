//! The circuit breaker: when an endpoint is down customers hear so at once, and it is left alone.

use std::time::Duration;

use deskhand_testkit::{Reply, Talk, TestApp};
use serde_json::{Value, json};

use crate::seen::{CLAIM, Outcome, ask, outcome};

fn down() -> Reply {
    Reply::json(500, &json!({"detail": "the pool is exhausted"}))
}

fn up() -> Reply {
    Reply::json(
        200,
        &json!({"success": true, "result": {"status": "shipped"}}),
    )
}

/// Ten calls that fail, each in a conversation of its own.
async fn break_it(app: &TestApp, talk: &Talk<'_>) {
    for _ in 0..10 {
        let failed = ask(app, &mut talk.clone()).await;
        failed.is_failed("http_error");
    }
}

async fn circuit(app: &TestApp) -> Value {
    let listed = app.get("/v1/actions").await.expect(200);
    let action = &listed["data"][0];
    let path = format!("/v1/actions/{}", action["id"].as_str().unwrap());
    let one = app.get(&path).await.expect(200);
    assert_eq!(one["circuit"], action["circuit"]);
    one["circuit"].clone()
}

fn is_barred(seen: &Outcome, requests_before: usize, app: &TestApp) {
    assert_eq!((seen.status(), seen.code()), ("failed", "circuit_open"));
    assert_eq!(seen.attempts(), 0);
    assert_eq!(seen.invocation["sent_at"], Value::Null);
    assert_eq!(app.webhook.requests().len(), requests_before);
    let said = "I can't do that right now: the system I need for it isn't answering.";
    assert!(seen.reply.starts_with(said), "{}", seen.reply);
    seen.is_fit_for_customers();
}

#[tokio::test]
async fn too_many_failures_stop_the_calls_and_one_that_is_answered_lets_them_go_on() {
    let app = TestApp::start().await;
    app.webhook.otherwise(down());
    let talk = app.shop(json!({})).await;
    assert_eq!(
        circuit(&app).await,
        json!({"state": "closed", "reason": null, "opened_at": null, "retry_at": null})
    );
    break_it(&app, &talk).await;
    let open = circuit(&app).await;
    assert_eq!(open["state"], "open");
    assert_eq!(
        open["reason"],
        "10 of the last 10 calls failed, mostly http_error"
    );

    let notices = app.get("/v1/notices").await.expect(200);
    let notice = &notices["data"][0];
    assert_eq!(notice["code"], "circuit_open");
    assert_eq!(notice["since"], open["opened_at"]);
    assert!(notice["action_id"].is_string());
    let message = notice["message"].as_str().unwrap();
    assert!(
        message.starts_with("Calls of \u{201c}Check order status\u{201d} are stopped: 10 of"),
        "{message}"
    );

    let sent = app.webhook.requests().len();
    let barred = ask(&app, &mut talk.clone()).await;
    is_barred(&barred, sent, &app);
    let why = barred.invocation["failure"]["message"].as_str().unwrap();
    assert!(why.contains("10 of the last 10 calls failed"), "{why}");
    assert!(why.contains(open["retry_at"].as_str().unwrap()), "{why}");

    // The one that is let through fails as well.
    app.clock.advance(Duration::from_secs(30));
    assert_eq!(circuit(&app).await["state"], "half_open");
    ask(&app, &mut talk.clone()).await.is_failed("http_error");
    let sent = app.webhook.requests().len();
    is_barred(&ask(&app, &mut talk.clone()).await, sent, &app);

    app.webhook.otherwise(up());
    app.clock.advance(Duration::from_secs(30));
    let through = ask(&app, &mut talk.clone()).await;
    through.is_succeeded(json!({"status": "shipped"}));
    assert_eq!(circuit(&app).await["state"], "closed");
    let notices = app.get("/v1/notices").await.expect(200);
    assert_eq!(notices["data"], json!([]));
    ask(&app, &mut talk.clone())
        .await
        .is_succeeded(json!({"status": "shipped"}));

    let text = app.service.metrics();
    for line in [
        "deskhand_circuit_changes_total{change=\"opened\"} 1",
        "deskhand_circuit_changes_total{change=\"reopened\"} 1",
        "deskhand_circuit_changes_total{change=\"closed\"} 1",
    ] {
        assert!(text.contains(line), "no {line} in\n{text}");
    }
}

#[tokio::test]
async fn of_calls_asked_for_together_one_goes_through_to_see() {
    let app = TestApp::start().await;
    app.webhook.otherwise(down());
    let mut talk = app.shop(json!({})).await;
    break_it(&app, &talk).await;
    app.clock.advance(Duration::from_secs(31));
    app.webhook.otherwise(up());
    let sent = app.webhook.requests().len();
    app.models
        .calls([
            ("check_order_status", json!({"order_number": "A-1"})),
            ("check_order_status", json!({"order_number": "A-2"})),
            ("check_order_status", json!({"order_number": "A-3"})),
        ])
        .reply(CLAIM);
    let answer = talk.say("How are A-1, A-2 and A-3?").await;
    let calls = answer["invocations"].as_array().unwrap();
    let statuses: Vec<&str> = calls
        .iter()
        .map(|call| call["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["succeeded", "failed", "failed"]);
    assert_eq!(app.webhook.requests().len(), sent + 1);
}

#[tokio::test]
async fn answers_that_are_no_failures_of_the_endpoint_stop_nothing() {
    let app = TestApp::start().await;
    app.webhook.otherwise(Reply::json(404, &json!({})));
    let talk = app.shop(json!({})).await;
    break_it(&app, &talk).await;
    assert_eq!(circuit(&app).await["state"], "closed");
}

#[tokio::test]
async fn tests_and_mocks_are_neither_stopped_nor_counted() {
    let app = TestApp::start().await;
    app.webhook.otherwise(down());
    let talk = app
        .shop(json!({"mock_response": {"success": true, "result": {"status": "mocked"}}}))
        .await;
    let listed = app.get("/v1/actions").await.expect(200);
    let test = format!(
        "/v1/actions/{}/test",
        listed["data"][0]["id"].as_str().unwrap()
    );
    let run = json!({"parameters": {"order_number": "A-1"}});
    for _ in 0..10 {
        let ran = app.post(&test, run.clone()).await.expect(200);
        assert_eq!(ran["failure"]["code"], "http_error");
    }
    assert_eq!(circuit(&app).await["state"], "closed");
    break_it(&app, &talk).await;
    assert_eq!(circuit(&app).await["state"], "open");
    let ran = app.post(&test, run).await.expect(200);
    assert_eq!(ran["failure"]["code"], "http_error");
    let path = format!("/v1/agents/{}/chat", talk.agent);
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply(CLAIM);
    let mocked = app
        .post(&path, json!({"message": "A-1?", "mode": "mock"}))
        .await
        .expect(200);
    outcome(&app, mocked)
        .await
        .is_succeeded(json!({"status": "mocked"}));
    assert_eq!(circuit(&app).await["state"], "open");
}

#[tokio::test]
async fn a_changed_action_is_called_at_once() {
    let app = TestApp::start().await;
    app.webhook.otherwise(down());
    let talk = app.shop(json!({})).await;
    break_it(&app, &talk).await;
    let listed = app.get("/v1/actions").await.expect(200);
    let path = format!("/v1/actions/{}", listed["data"][0]["id"].as_str().unwrap());
    let url = app.webhook.url("/v2/orders");
    let saved = app
        .patch(&path, json!({"webhook_url": url}))
        .await
        .expect(200);
    assert_eq!(saved["circuit"]["state"], "closed");
    app.webhook.otherwise(up());
    ask(&app, &mut talk.clone())
        .await
        .is_succeeded(json!({"status": "shipped"}));
}
