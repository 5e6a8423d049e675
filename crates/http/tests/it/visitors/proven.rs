//! Who is proven to be whom, and what that opens.

use std::time::Duration;

use deskhand_testkit::{Reply, TestApp, contact_token};
use serde_json::{Value, json};

use super::{Visitor, identity_secret, proof, shop, visit};
use crate::widget::SHOP;

#[tokio::test]
async fn who_is_proven_is_verified() {
    let app = TestApp::start().await;
    let changes = json!({"requires_verified_contact": true});
    let agent = shop(&app, changes).await;
    let secret = identity_secret(&app).await;
    let token = proof(&secret, "cus_42");
    let visit = visit(&app, &agent, json!({"contact_token": token}))
        .await
        .expect(201);
    assert_eq!(visit["contact"], json!({"id": "cus_42", "verified": true}));
    assert!(
        visit["expires_at"]
            .as_str()
            .unwrap()
            .starts_with("2026-11-24T12:00:00")
    );
    app.webhook
        .otherwise(Reply::json(200, &json!({"success": true, "result": {}})));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("Done.");
    let visitor = Visitor::open(&app, &agent, json!({"contact_token": token})).await;
    let answer = visitor
        .chat(json!({"message": "Where is A-1?"}))
        .await
        .expect(200);
    assert_eq!(answer["invocations"][0]["status"], "succeeded", "{answer}");
    let received = app.webhook.requests();
    let call = received.last().unwrap();
    assert_eq!(call.header("deskhand-contact"), Some("verified"));
    assert_eq!(call.json()["context"]["contact_id"], "cus_42");
    let path = format!(
        "/v1/conversations/{}",
        answer["conversation_id"].as_str().unwrap()
    );
    let read = app.get(&path).await.expect(200);
    assert_eq!(read["contact_verified"], true);
    assert_eq!(read["contact"]["email"], "cus_42@example.com");
}

#[tokio::test]
async fn who_is_not_proven_is_not_served_what_asks_for_it() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({"requires_verified_contact": true})).await;
    let visitor = Visitor::open(&app, &agent, json!({})).await;
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("Done.");
    visitor
        .chat(json!({"message": "Where is A-1?"}))
        .await
        .expect(200);
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["failure"]["code"], "not_verified");
    assert!(app.webhook.requests().is_empty());
}

#[tokio::test]
async fn who_signs_out_is_somebody_new() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let secret = identity_secret(&app).await;
    let proven = json!({"contact_token": proof(&secret, "cus_42")});
    let proven = Visitor::open(&app, &agent, proven).await;
    proven.begin().await;
    let after = visit(&app, &agent, json!({"visitor": proven.token}))
        .await
        .expect(201);
    assert_eq!(after["contact"]["verified"], false);
    assert_eq!(after["conversation_id"], Value::Null);
    assert_ne!(after["contact"]["id"], "cus_42");
    // And a proof lasts a day.
    app.clock.advance(Duration::from_secs(24 * 3600 + 1));
    let late = proven.get("/v1/conversations").await;
    assert_eq!(late.problem(401), "unauthorized");
}

#[tokio::test]
async fn a_client_proves_its_customer_message_by_message() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({"requires_verified_contact": true})).await;
    let secret = identity_secret(&app).await;
    app.webhook
        .otherwise(Reply::json(200, &json!({"success": true, "result": {}})));
    let chat = format!("/v1/agents/{}/chat", talk.agent);
    let call = |order: &str| {
        app.models
            .call("check_order_status", json!({"order_number": order}))
            .reply("Done.");
    };
    call("A-1");
    let proven = json!({
        "message": "Where is A-1?", "contact_token": proof(&secret, "cus_42"),
        "contact": {"name": "Ada", "email": "old@example.com"},
    });
    let answer = app.post(&chat, proven).await.expect(200);
    assert_eq!(answer["invocations"][0]["status"], "succeeded", "{answer}");
    talk.conversation = answer["conversation_id"].as_str().map(str::to_owned);
    let read = talk.transcript().await;
    assert_eq!(read["contact_verified"], true);
    assert_eq!(read["contact"]["name"], "Ada");
    assert_eq!(read["contact"]["email"], "cus_42@example.com");
    // The next message comes without the proof: whoever says it is only asserted.
    call("A-2");
    talk.say("And where is A-2?").await;
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["failure"]["code"], "not_verified");
    assert_eq!(talk.transcript().await["contact_verified"], false);
    // Another contact's proof opens nobody else's conversation.
    let other = json!({
        "message": "Hi", "conversation_id": talk.conversation,
        "contact_token": proof(&secret, "cus_43"),
    });
    let refused = app.post(&chat, other).await;
    assert_eq!(refused.problem(409), "contact_mismatch");
    let two = json!({
        "message": "Hi", "contact": {"id": "cus_1"}, "contact_token": proof(&secret, "cus_42"),
    });
    assert_eq!(app.post(&chat, two).await.wrong_fields(), ["contact.id"]);
}

#[tokio::test]
async fn a_token_that_proves_nothing_is_refused_with_the_rule() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let chat = format!("/v1/agents/{agent}/chat");
    let ask = async |token: &str| {
        let body = json!({"message": "Hi", "contact_token": token});
        let (chat, visit) = (
            app.post(&chat, body).await,
            visit(&app, &agent, json!({"contact_token": token})).await,
        );
        // The page hears of it: it has to make another one.
        assert_eq!(visit.header("access-control-allow-origin"), Some(SHOP));
        for answer in [&chat, &visit] {
            assert_eq!(answer.problem(422), "contact_token_invalid");
        }
        assert_eq!(chat.body["detail"], visit.body["detail"]);
        chat.body["detail"].as_str().unwrap().to_owned()
    };
    let without = ask(&proof("dhi_any", "cus_42")).await;
    assert!(without.contains("no identity secret"), "{without}");
    let secret = identity_secret(&app).await;
    let noon: jiff::Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let end = noon.as_second() + 600;
    for (token, said) in [
        (proof("dhi_any", "cus_42"), "is not signed with"),
        ("x".to_owned(), "three parts"),
        (
            contact_token(&secret, &json!({"sub": "a", "aud": "x", "exp": end})),
            "`aud`",
        ),
        (
            contact_token(&secret, &json!({"aud": "deskhand", "exp": end})),
            "`sub`",
        ),
        (
            contact_token(&secret, &json!({"sub": "a", "aud": "deskhand"})),
            "`exp`",
        ),
        (
            contact_token(
                &secret,
                &json!({"sub": "a", "aud": "deskhand", "exp": end + 3600}),
            ),
            "at most 1 hour",
        ),
        (
            contact_token(
                &secret,
                &json!({"sub": "a", "aud": "deskhand", "exp": end, "timezone": "Mars/Olympus"}),
            ),
            "contact.timezone",
        ),
    ] {
        let detail = ask(&token).await;
        assert!(detail.contains(said), "{detail}");
        assert!(!detail.contains(&secret));
    }
}

#[tokio::test]
async fn a_new_identity_secret_ends_what_the_old_one_proved() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let secret = identity_secret(&app).await;
    let proven = json!({"contact_token": proof(&secret, "cus_42")});
    let proven = Visitor::open(&app, &agent, proven).await;
    let unnamed = Visitor::open(&app, &agent, json!({})).await;
    let path = "/v1/workspace/identity_secret";
    app.post(path, json!({"overlap_seconds": 3600}))
        .await
        .expect(200);
    assert_eq!(proven.get("/v1/conversations").await.status, 200);
    app.post(path, json!({})).await.expect(200);
    let ended = proven.get("/v1/conversations").await;
    assert_eq!(ended.problem(401), "unauthorized");
    assert_eq!(unnamed.get("/v1/conversations").await.status, 200);
}
