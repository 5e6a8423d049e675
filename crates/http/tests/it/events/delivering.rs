//! What arrives, and what happens where it does not.

use std::time::Duration;

use deskhand_domain::clock::Clock;
use deskhand_domain::limits::{EVENT_CLAIM, EVENT_WAITS};
use deskhand_testkit::{Reply, TestApp, id};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::*;

fn moment(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_conversation_with_a_call_is_told_signed_and_in_whole() {
    let app = TestApp::start().await;
    let endpoint = listen(&app, Value::Null).await;
    let mut talk = app.shop(json!({})).await;
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("It has shipped.");
    let answer = talk.say("Where is A-1?").await;
    assert_eq!(deliver(&app).await, 4);
    let events = arrived(&app);
    let bodies: Vec<Value> = events.iter().map(|event| event.json()).collect();
    let types: Vec<&Value> = bodies.iter().map(|body| &body["type"]).collect();
    assert_eq!(
        types,
        [
            "conversation.started",
            "conversation.message",
            "invocation.succeeded",
            "conversation.message"
        ]
    );
    for event in &events {
        assert!(verifies(&endpoint.secret, event), "{}", event.head);
        assert!(event.header("webhook-id").unwrap().starts_with("evt_"));
        assert!(!event.head.contains("deskhand-contact"), "{}", event.head);
        assert!(!event.head.contains("idempotency-key"), "{}", event.head);
    }
    let conversation = &answer["conversation_id"];
    assert_eq!(bodies[0]["data"]["conversation"]["id"], *conversation);
    assert_eq!(bodies[1]["data"]["conversation_id"], *conversation);
    assert_eq!(bodies[1]["data"]["message"]["text"], "Where is A-1?");
    assert_eq!(bodies[3]["data"]["message"]["text"], "It has shipped.");
    assert_eq!(bodies[3]["data"]["agent_id"], talk.agent.as_str());
    // As the API shows it, but for the attempts.
    let mut invocation = app.last_invocation().await;
    invocation.as_object_mut().unwrap().remove("attempts");
    assert_eq!(bodies[2]["data"]["invocation"], invocation);
    let delivery = newest(&app, &endpoint).await;
    assert_eq!(delivery["status"], "delivered");
    assert_eq!(delivery["http_status"], 200);
    assert_eq!(deliver(&app).await, 0);
    let counted = "deskhand_event_attempts_total{outcome=\"delivered\"} 4";
    assert!(app.service.metrics().contains(counted));
}

#[tokio::test]
async fn nothing_is_told_of_trials() {
    let app = TestApp::start().await;
    listen(&app, Value::Null).await;
    let talk = app.shop(json!({"mock_response": {"success": true}})).await;
    let chat = format!("/v1/agents/{}/chat", talk.agent);
    for mode in ["test", "mock"] {
        app.models
            .call("check_order_status", json!({"order_number": "A-1"}))
            .reply("Done.");
        let ask = json!({"message": "Where is A-1?", "mode": mode});
        app.post(&chat, ask).await.expect(200);
    }
    let actions = app.get("/v1/actions").await.expect(200);
    let test = format!("/v1/actions/{}/test", id(&actions["data"][0]));
    let run = json!({"parameters": {"order_number": "A-1"}});
    app.post(&test, run).await.expect(200);
    assert_eq!(deliver(&app).await, 0);
}

#[tokio::test]
async fn ten_attempts_are_made_in_their_time_and_then_it_is_given_up() {
    let app = TestApp::start().await;
    let endpoint = listen(&app, json!(["conversation.started"])).await;
    greet(&app).await;
    app.webhook.otherwise(refuses());
    for (made, wait) in (1..).zip(EVENT_WAITS) {
        let now = app.clock.now();
        assert_eq!(deliver(&app).await, 1, "attempt {made}");
        let delivery = newest(&app, &endpoint).await;
        assert_eq!(delivery["status"], "pending");
        assert_eq!(delivery["attempts_made"], made);
        assert_eq!(delivery["attempts"].as_array().unwrap().len(), made);
        assert_eq!(delivery["attempts"][made - 1]["number"], made);
        assert_eq!(delivery["http_status"], 500);
        let next = moment(&delivery["next_attempt_at"]);
        let share = next.duration_since(now).as_secs_f64() / wait.as_secs_f64();
        assert!((0.79..1.21).contains(&share), "{made}: {share}");
        app.clock.set(next - SignedDuration::from_millis(1));
        assert_eq!(deliver(&app).await, 0, "too early after {made}");
        app.clock.set(next);
    }
    assert_eq!(deliver(&app).await, 1);
    let delivery = newest(&app, &endpoint).await;
    assert_eq!(delivery["status"], "failed");
    assert_eq!(delivery["attempts_made"], 10);
    assert!(delivery["next_attempt_at"].is_null());
    app.clock.advance(Duration::from_secs(30 * 3600));
    assert_eq!(deliver(&app).await, 0);
    // One event, one id, one body, each signed anew.
    let events = arrived(&app);
    assert_eq!(events.len(), 10);
    for event in &events {
        assert_eq!(event.header("webhook-id"), events[0].header("webhook-id"));
        assert_eq!(event.body, events[0].body);
        assert!(verifies(&endpoint.secret, event));
    }
}

#[tokio::test]
async fn a_longer_wait_that_the_endpoint_asks_for_is_kept() {
    let app = TestApp::start().await;
    let endpoint = listen(&app, json!(["conversation.started"])).await;
    greet(&app).await;
    app.webhook
        .reply(Reply::full(503, &[("retry-after", "7200")], b""));
    let now = app.clock.now();
    deliver(&app).await;
    let delivery = newest(&app, &endpoint).await;
    let wait = moment(&delivery["next_attempt_at"]).duration_since(now);
    assert_eq!(wait.as_secs(), 7200);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_until_its_owner_enables_it() {
    let app = TestApp::start().await;
    let gone = listen(&app, json!(["conversation.started"])).await;
    let other = listen(&app, json!(["endpoint.disabled"])).await;
    greet(&app).await;
    app.webhook.reply(Reply::full(410, &[], b""));
    assert_eq!(deliver(&app).await, 1);
    let shown = app.get(&gone.path).await.expect(200);
    assert_eq!(shown["enabled"], false);
    assert_eq!(shown["disabled"]["reason"], "gone");
    assert_eq!(deliver(&app).await, 1);
    let told = newest(&app, &other).await;
    assert_eq!(told["type"], "endpoint.disabled");
    let last = arrived(&app).pop().unwrap();
    assert_eq!(last.json()["data"]["endpoint"], shown);
    greet(&app).await;
    assert_eq!(deliver(&app).await, 0);
    let back = json!({"enabled": true});
    let back = app.patch(&gone.path, back).await.expect(200);
    assert_eq!(back["disabled"], Value::Null);
    greet(&app).await;
    assert_eq!(deliver(&app).await, 1);
}

#[tokio::test]
async fn an_endpoint_that_has_failed_for_five_days_is_disabled() {
    let app = TestApp::start().await;
    let endpoint = listen(&app, json!(["conversation.started"])).await;
    app.webhook.otherwise(refuses());
    greet(&app).await;
    deliver(&app).await;
    app.clock.advance(Duration::from_secs(5 * 24 * 3600));
    deliver(&app).await;
    let shown = app.get(&endpoint.path).await.expect(200);
    assert_eq!(shown["disabled"]["reason"], "failing");
    let detail = shown["disabled"]["detail"].as_str().unwrap();
    assert!(detail.contains("500"), "{detail}");
}

#[tokio::test]
async fn an_attempt_that_a_crash_cut_short_is_made_again() {
    let app = TestApp::start().await;
    listen(&app, json!(["conversation.started"])).await;
    greet(&app).await;
    app.webhook.reply(Reply::nothing().then_hang());
    // A server sends it, and is never heard of again.
    tokio::select! {
        _ = app.service.deliver_round() => panic!("it hangs"),
        () = app.webhook.wait_for_requests(1) => {}
    }
    let other = app.another_node();
    assert_eq!(other.deliver_round().await.unwrap(), 0);
    app.clock.advance(EVENT_CLAIM);
    assert_eq!(other.deliver_round().await.unwrap(), 1);
    let events = arrived(&app);
    assert_eq!(events.len(), 2);
    assert_eq!(
        events[0].header("webhook-id"),
        events[1].header("webhook-id")
    );
}

#[tokio::test]
async fn of_two_nodes_one_delivers() {
    let app = TestApp::start().await;
    listen(&app, json!(["conversation.started"])).await;
    for _ in 0..4 {
        greet(&app).await;
    }
    let other = app.another_node();
    let (here, there) = tokio::join!(app.service.deliver_round(), other.deliver_round());
    assert_eq!(here.unwrap() + there.unwrap(), 4);
    assert_eq!(arrived(&app).len(), 4);
}

#[tokio::test]
async fn delivered_again_it_is_the_same_event() {
    let app = TestApp::start().await;
    let endpoint = listen(&app, json!(["conversation.started"])).await;
    greet(&app).await;
    deliver(&app).await;
    let first = newest(&app, &endpoint).await;
    let again = redeliver(&app, &first).await.expect(202);
    assert_ne!(again["id"], first["id"]);
    assert_eq!(again["event_id"], first["event_id"]);
    assert_eq!(again["status"], "pending");
    assert_eq!(deliver(&app).await, 1);
    let events = arrived(&app);
    assert_eq!(events.len(), 2);
    assert_eq!(
        events[0].header("webhook-id"),
        events[1].header("webhook-id")
    );
    assert_eq!(events[0].body, events[1].body);
    let list = format!("{}/deliveries?status=delivered", endpoint.path);
    let list = app.get(&list).await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_switched_off_gets_nothing_again() {
    let app = TestApp::start().await;
    let endpoint = listen(&app, json!(["conversation.started"])).await;
    greet(&app).await;
    deliver(&app).await;
    let first = newest(&app, &endpoint).await;
    app.patch(&endpoint.path, json!({"enabled": false}))
        .await
        .expect(200);
    let refused = redeliver(&app, &first).await;
    assert_eq!(refused.problem(409), "conflict");
    assert_eq!(deliver(&app).await, 0);
    app.patch(&endpoint.path, json!({"enabled": true}))
        .await
        .expect(200);
    redeliver(&app, &first).await.expect(202);
    assert_eq!(deliver(&app).await, 1);
}

#[tokio::test]
async fn a_test_is_tried_once() {
    let app = TestApp::start().await;
    let endpoint = listen(&app, json!(["endpoint.disabled"])).await;
    app.webhook.reply(refuses());
    let path = format!("{}/test", endpoint.path);
    app.post(&path, Value::Null).await.expect(202);
    deliver(&app).await;
    let delivery = newest(&app, &endpoint).await;
    assert_eq!(delivery["type"], "endpoint.test");
    assert_eq!(delivery["status"], "failed");
    assert_eq!(delivery["attempts"][0]["response"]["status"], 500);
    let body: Value =
        serde_json::from_str(delivery["attempts"][0]["request"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["type"], "endpoint.test");
}

#[tokio::test]
async fn a_name_that_comes_to_lead_inside_is_not_called() {
    let app = TestApp::start().await;
    let port = app.webhook.address().port();
    app.dns.answer("shop.example.com", &["127.0.0.1"]);
    let url = format!("https://shop.example.com:{port}/events");
    let endpoint = json!({"url": url, "types": ["conversation.started"]});
    let made = app.post("/v1/event_endpoints", endpoint).await.expect(201);
    let endpoint = Endpoint {
        path: format!("/v1/event_endpoints/{}", id(&made)),
        secret: String::new(),
    };
    app.dns.answer("shop.example.com", &["169.254.169.254"]);
    greet(&app).await;
    let connections = app.webhook.connections();
    assert_eq!(deliver(&app).await, 1);
    assert_eq!(app.webhook.connections(), connections);
    let delivery = newest(&app, &endpoint).await;
    assert_eq!(
        delivery["attempts"][0]["failure"]["code"],
        "blocked_destination"
    );
    assert!(!delivery.to_string().contains("169.254"), "{delivery}");
}

#[tokio::test]
async fn no_secret_is_in_the_log_of_deliveries_nor_in_the_database() {
    let app = TestApp::start().await;
    let endpoint = listen(&app, json!(["conversation.started"])).await;
    let bare = endpoint.secret.strip_prefix("whsec_").unwrap();
    app.webhook.reply(Reply::full(
        500,
        &[("x-echo", &endpoint.secret)],
        format!("it is {bare}").as_bytes(),
    ));
    greet(&app).await;
    deliver(&app).await;
    let delivery = newest(&app, &endpoint).await.to_string();
    assert!(delivery.contains("[redacted]"), "{delivery}");
    let shown = app.get(&endpoint.path).await.expect(200).to_string();
    for text in [delivery, shown] {
        assert!(!text.contains(bare), "{text}");
    }
    for file in std::fs::read_dir(app.directory()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes
            .windows(bare.len())
            .any(|part| part == bare.as_bytes());
        assert!(!found, "{}", path.display());
    }
}
