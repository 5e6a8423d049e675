//! Long-running operations: the call is a beginning, and the owner's system reports its end.

mod ends;
mod settling;
mod told;
mod twins;

use std::time::Duration;

use deskhand_testkit::{Answer, Reply, Talk, TestApp};
use serde_json::{Value, json};

/// A shop whose agent can ask for refunds, which take their time.
pub(crate) async fn shop(app: &TestApp) -> Talk<'_> {
    let agent = json!({"fallback_contact": "help@shop.example"});
    app.shop_with(agent, [refund()]).await
}

pub(crate) fn refund() -> Value {
    json!({
        "name": "request_refund",
        "display_name": "Request refund",
        "description": "Ask for a refund of an order. Use when the customer wants their money back. Requires the order number.",
        "long_running": true,
        "result_fields": ["/amount"],
    })
}

/// The customer asks for a refund, and the shop says that it has begun.
pub(crate) async fn begin(app: &TestApp, talk: &mut Talk<'_>) -> Value {
    app.webhook.reply(Reply::json(
        200,
        &json!({"success": true, "status": "pending", "result": {"amount": null, "ticket": 7}}),
    ));
    app.models
        .call("request_refund", json!({"order_number": "ORD-1"}))
        .reply("I've started the refund.");
    let answer = talk.say("I want my money back for ORD-1").await;
    assert_eq!(answer["invocations"][0]["status"], "accepted");
    answer
}

/// The path of the callback URL that came with the last call.
pub(crate) fn callback(app: &TestApp) -> String {
    let received = app.webhook.requests();
    let url = received.last().unwrap().header("deskhand-callback-url");
    let url = url.expect("a callback URL");
    let base = format!("http://{}", app.address());
    url.strip_prefix(&base).expect("our own URL").to_owned()
}

/// Reports as the shop: without a key.
pub(crate) async fn report(app: &TestApp, path: &str, body: Value) -> Answer {
    app.send_as(None, "POST", path, body).await
}

/// What was said in a conversation, who first.
pub(crate) async fn said(talk: &Talk<'_>) -> Vec<String> {
    let transcript = talk.transcript().await;
    let messages = transcript["messages"].as_array().unwrap();
    messages
        .iter()
        .map(|message| {
            let (role, text) = (&message["role"], &message["text"]);
            format!("{}: {}", role.as_str().unwrap(), text.as_str().unwrap())
        })
        .collect()
}

/// What the model was told last of its calls, in order.
pub(crate) fn told(app: &TestApp) -> Vec<Value> {
    let request = app.models.last_request();
    let results = request
        .messages()
        .iter()
        .filter(|message| message["role"] == "tool");
    results
        .map(|message| serde_json::from_str(message["content"].as_str().unwrap()).unwrap())
        .collect()
}

#[tokio::test]
async fn the_call_carries_where_to_report_and_the_customer_hears_that_it_has_begun() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    let answer = begin(&app, &mut talk).await;
    assert_eq!(answer["reply"], "I've started the refund.");
    let path = callback(&app);
    let token = path.strip_prefix("/v1/callbacks/").unwrap();
    assert_eq!(token.len(), 32, "192 bits in base64url");
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["status"], "accepted");
    assert_eq!(invocation["finished_at"], Value::Null);
    assert_eq!(invocation["expires_at"], "2026-11-24T12:00:00.004Z");
    assert_eq!(told(&app)[0]["status"], "accepted");
    // Only the shop knows the token.
    let everything = format!("{invocation}{}", talk.transcript().await);
    assert!(!everything.contains(token));
    assert!(everything.contains("/v1/callbacks/[redacted]"));
}

#[tokio::test]
async fn without_long_running_an_acknowledgement_is_a_success() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.webhook.reply(Reply::json(
        202,
        &json!({"success": true, "status": "pending"}),
    ));
    app.models
        .call("check_order_status", json!({"order_number": "ORD-1"}))
        .reply("Done.");
    let answer = talk.say("Where is ORD-1?").await;
    assert_eq!(answer["invocations"][0]["status"], "succeeded");
    let requests = app.webhook.requests();
    assert_eq!(requests[0].header("deskhand-callback-url"), None);
}

#[tokio::test]
async fn progress_is_kept_and_told_to_the_model_and_settles_nothing() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    begin(&app, &mut talk).await;
    let path = callback(&app);
    for text in ["Looking into it", "The bank has been asked"] {
        let taken = report(&app, &path, json!({"progress": text}))
            .await
            .expect(200);
        assert_eq!(taken, json!({"status": "accepted"}));
    }
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["progress"]["text"], "The bank has been asked");
    app.models.reply("The bank has been asked.");
    talk.say("Is it done yet?").await;
    let told = told(&app);
    assert_eq!(told[0]["status"], "accepted");
    assert_eq!(told[0]["progress"], "The bank has been asked");
    assert_eq!(app.webhook.requests().len(), 1);
}

#[tokio::test]
async fn a_wrong_report_is_refused_and_settles_nothing() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    begin(&app, &mut talk).await;
    let path = callback(&app);
    for (body, field) in [
        (json!({}), "success"),
        (json!({"success": "yes"}), "success"),
        (json!({"success": true, "error": "no"}), "error"),
        (json!({"success": true, "status": "done"}), "status"),
        (json!({"progress": ""}), "progress"),
    ] {
        let refused = report(&app, &path, body).await;
        assert_eq!(refused.wrong_fields(), [field]);
    }
    let huge = json!({"success": true, "result": "x".repeat(1024 * 1024)});
    let refused = report(&app, &path, huge).await;
    assert_eq!(refused.problem(413), "payload_too_large");
    let garbage = app
        .send_raw(
            "POST",
            &path,
            &[("content-type", "application/json")],
            b"{".to_vec(),
        )
        .await;
    assert_eq!(garbage.problem(400), "invalid_json");
    assert_eq!(app.last_invocation().await["status"], "accepted");
    let large = json!({"success": true, "result": {"amount": "x".repeat(900 * 1024)}});
    report(&app, &path, large).await.expect(200);
    assert_eq!(app.last_invocation().await["status"], "completed");
}

#[tokio::test]
async fn a_token_that_stands_for_nothing_is_not_found() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    begin(&app, &mut talk).await;
    let path = callback(&app);
    let changed = match path.ends_with('A') {
        true => format!("{}B", &path[..path.len() - 1]),
        false => format!("{}A", &path[..path.len() - 1]),
    };
    let id = app.last_invocation().await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in [
        changed,
        format!("{path}A"),
        format!("/v1/callbacks/{id}"),
        "/v1/callbacks/%20".to_owned(),
    ] {
        let refused = report(&app, &path, json!({"success": true})).await;
        assert_eq!(refused.problem(404), "not_found", "{path}");
    }
    assert_eq!(app.last_invocation().await["status"], "accepted");
}

#[tokio::test]
async fn what_nobody_reports_on_in_time_is_given_up_and_the_customer_hears_of_it() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    begin(&app, &mut talk).await;
    let path = callback(&app);
    app.service.expiry_round().await.unwrap();
    assert_eq!(app.last_invocation().await["status"], "accepted");
    app.clock.advance(Duration::from_secs(24 * 3600));
    for body in [json!({"success": true}), json!({"progress": "Nearly"})] {
        let late = report(&app, &path, body).await;
        assert_eq!(late.problem(410), "callback_expired");
    }
    app.service.expiry_round().await.unwrap();
    app.service.expiry_round().await.unwrap();
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["status"], "expired");
    assert_eq!(invocation["settlement"]["by"], "expiry");
    assert_eq!(
        said(&talk).await[2..],
        [
            "agent: I haven't heard back about “Request refund” (ORD-1) in time, so I can't confirm \
          whether it was done. Please contact help@shop.example to be sure."
        ]
    );
    let late = report(&app, &path, json!({"success": true})).await;
    assert_eq!(late.problem(410), "callback_expired");
    app.models.reply("I can't confirm it.");
    talk.say("Is it done yet?").await;
    assert_eq!(told(&app)[0]["status"], "unknown");
}
