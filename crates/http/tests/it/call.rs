//! The call on the wire.

use deskhand_testkit::{Reply, TestApp, id};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

/// Whether the library would accept the request at the moment of its timestamp.
fn verify(secret: &str, request: &deskhand_testkit::Received) -> bool {
    let header = |name| request.header(name).unwrap();
    let signature = Webhook::new(secret)
        .unwrap()
        .sign(
            header("webhook-id"),
            header("webhook-timestamp").parse().unwrap(),
            &request.body,
        )
        .unwrap();
    header("webhook-signature")
        .split(' ')
        .any(|given| given == signature)
}

async fn ask_for(app: &TestApp, talk: &mut deskhand_testkit::Talk<'_>, order: &str) -> Value {
    app.models
        .call("check_order_status", json!({"order_number": order}))
        .reply("Done.");
    talk.say(&format!("Where is {order}?")).await
}

#[tokio::test]
async fn the_body_is_exactly_the_contracts() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await.with(json!({"id": "cus_42"}));
    let parameters = json!({"order_number": "ORD-12345", "customer_email": "ada@example.com"});
    app.models
        .call("check_order_status", parameters)
        .reply("Done.");
    talk.say("Where is ORD-12345? I am ada@example.com").await;
    let requests = app.webhook.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(
        std::str::from_utf8(&requests[0].body).unwrap(),
        format!(
            concat!(
                r#"{{"action":"check_order_status","#,
                r#""parameters":{{"order_number":"ORD-12345","customer_email":"ada@example.com"}},"#,
                r#""context":{{"agent_id":"{}","conversation_id":"{}","contact_id":"cus_42"}}}}"#
            ),
            talk.agent,
            talk.conversation.unwrap()
        )
    );
}

#[tokio::test]
async fn the_headers_are_the_contracts() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let answer = ask_for(&app, &mut talk, "A-1").await;
    let invocation = id(&answer["invocations"][0]);
    let request = &app.webhook.requests()[0];
    assert!(request.head.starts_with("POST /orders HTTP/1.1\r\n"));
    for (name, value) in [
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("webhook-id", invocation),
        ("idempotency-key", &format!("\"{invocation}\"")),
        ("deskhand-contact", "asserted"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    assert!(
        request
            .header("user-agent")
            .unwrap()
            .starts_with("Deskhand/")
    );
    let seconds: i64 = request
        .header("webhook-timestamp")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(seconds, 1_795_435_200);
    for absent in [
        "deskhand-test",
        "deskhand-callback-url",
        "accept-encoding",
        "authorization",
    ] {
        assert_eq!(request.header(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn a_contact_the_host_site_has_no_id_for_gets_ours_for_the_whole_conversation() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    ask_for(&app, &mut talk, "A-1").await;
    ask_for(&app, &mut talk, "B-2").await;
    let ids: Vec<_> = app
        .webhook
        .requests()
        .iter()
        .map(|request| {
            request.json()["context"]["contact_id"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert!(ids[0].starts_with("con_"), "{ids:?}");
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn any_standard_webhooks_library_verifies_the_signature() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    let action = app.action(json!({})).await;
    app.attach(&agent, &action).await;
    let mut talk = deskhand_testkit::Talk::new(&app, id(&agent));
    let first = action["signing_secret"].as_str().unwrap();
    ask_for(&app, &mut talk, "A-1").await;
    assert!(verify(first, &app.webhook.requests()[0]));

    // While a secret is being rotated, both verify.
    let rotate = format!("/v1/actions/{}/secret", id(&action));
    let answer = app
        .post(&rotate, json!({"overlap_seconds": 60}))
        .await
        .expect(200);
    let second = answer["signing_secret"].as_str().unwrap();
    assert_ne!(first, second);
    ask_for(&app, &mut talk, "B-2").await;
    let request = &app.webhook.requests()[1];
    assert!(verify(first, request) && verify(second, request));
    assert_eq!(
        request
            .header("webhook-signature")
            .unwrap()
            .split(' ')
            .count(),
        2
    );

    app.clock.advance(std::time::Duration::from_secs(61));
    ask_for(&app, &mut talk, "C-3").await;
    let request = &app.webhook.requests()[2];
    assert!(!verify(first, request) && verify(second, request));

    // Without an overlap the old one is dead at once.
    let answer = app
        .post(&rotate, json!({"overlap_seconds": 0}))
        .await
        .expect(200);
    let third = answer["signing_secret"].as_str().unwrap();
    ask_for(&app, &mut talk, "D-4").await;
    let request = &app.webhook.requests()[3];
    assert!(!verify(second, request) && verify(third, request));
}

#[tokio::test]
async fn an_overlap_has_bounds() {
    let app = TestApp::start().await;
    let action = app.action(json!({})).await;
    let rotate = format!("/v1/actions/{}/secret", id(&action));
    for bad in [json!(-1), json!(30 * 24 * 3600 + 1), json!("1h")] {
        let answer = app.post(&rotate, json!({"overlap_seconds": bad})).await;
        assert_eq!(answer.wrong_fields(), ["overlap_seconds"]);
    }
    app.send("POST", &rotate, Value::Null).await.expect(200);
}

#[tokio::test]
async fn the_actions_own_headers_are_sent_and_its_secrets_shown_nowhere() {
    let app = TestApp::start().await;
    let headers = json!([
        {"name": "Authorization", "secret": "Bearer hunter2-canary"},
        {"name": "X-Shop", "value": "berlin"},
    ]);
    let mut talk = app.shop(json!({"headers": headers})).await;
    ask_for(&app, &mut talk, "A-1").await;
    let request = &app.webhook.requests()[0];
    assert_eq!(
        request.header("authorization"),
        Some("Bearer hunter2-canary")
    );
    assert_eq!(request.header("x-shop"), Some("berlin"));
    let invocation = app.last_invocation().await;
    assert!(!invocation.to_string().contains("hunter2-canary"));
    let shown = invocation["attempts"][0]["request"]["headers"].to_string();
    assert!(
        shown.contains("berlin") && shown.contains("[redacted]"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_retry_carries_the_same_ids_and_body() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({"effect": "read"})).await;
    app.webhook.reply(Reply::json(503, &json!({})));
    app.webhook.reply(Reply::json(429, &json!({})));
    ask_for(&app, &mut talk, "A-1").await;
    let requests = app.webhook.requests();
    assert_eq!(requests.len(), 3);
    for request in &requests[1..] {
        assert_eq!(request.body, requests[0].body);
        for name in ["webhook-id", "idempotency-key", "webhook-signature"] {
            assert_eq!(request.header(name), requests[0].header(name), "{name}");
        }
    }
}
