//! What visitors see, and what they do not.

use deskhand_testkit::{Reply, TestApp, id};
use serde_json::{Value, json};

use super::{Visitor, identity_secret, proof, shop};
use crate::widget::switch_on;

#[tokio::test]
async fn nobody_sees_another_visitors_conversation() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let secret = identity_secret(&app).await;
    let of = async |sub: &str| {
        let fields = json!({"contact_token": proof(&secret, sub)});
        Visitor::open(&app, &agent, fields).await
    };
    let visitors = [
        Visitor::open(&app, &agent, json!({})).await,
        Visitor::open(&app, &agent, json!({})).await,
        of("cus_42").await,
        of("cus_43").await,
    ];
    let mut theirs = Vec::new();
    for visitor in &visitors {
        theirs.push(visitor.begin().await);
    }
    for (visitor, own) in visitors.iter().zip(&theirs) {
        assert_eq!(visitor.conversations().await, [own.as_str()]);
        let rows = visitor.get("/v1/conversations").await.expect(200);
        assert!(rows["data"][0]["preview"].is_string(), "{rows}");
        for other in theirs.iter().filter(|other| *other != own) {
            let path = format!("/v1/conversations/{other}");
            assert_eq!(visitor.get(&path).await.problem(404), "not_found");
            let events = visitor.get(&format!("{path}/events")).await;
            assert_eq!(events.problem(404), "not_found");
            let into = json!({"message": "Hi", "conversation_id": other});
            assert_eq!(visitor.chat(into).await.problem(404), "not_found");
        }
    }
    // What somebody has only asserted to be a contact's is not shown to that contact.
    app.models.reply("Hello!");
    let asserted = json!({"message": "Hi", "contact": {"id": "cus_42"}});
    let chat = format!("/v1/agents/{agent}/chat");
    app.post(&chat, asserted).await.expect(200);
    assert_eq!(visitors[2].conversations().await, [theirs[2].as_str()]);
    // Nor what was said with another agent, or in another workspace.
    let other = app.agent(json!({})).await;
    switch_on(&app, id(&other)).await;
    let elsewhere = json!({"contact_token": proof(&secret, "cus_42")});
    let elsewhere = Visitor::open(&app, id(&other), elsewhere).await;
    assert!(elsewhere.conversations().await.is_empty());
    let path = format!("/v1/conversations/{}", theirs[2]);
    assert_eq!(elsewhere.get(&path).await.problem(404), "not_found");
}

#[tokio::test]
async fn a_visitor_reaches_one_agent_and_nothing_of_the_owners() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let other = app.agent(json!({})).await;
    let visitor = Visitor::open(&app, &agent, json!({})).await;
    let chat = format!("/v1/agents/{}/chat", id(&other));
    let answer = visitor.send("POST", &chat, json!({"message": "Hi"})).await;
    assert_eq!(answer.problem(404), "not_found");
    let mut refused = 0;
    for operation in deskhand_testkit::contract().operations() {
        let open = operation.is_public() || operation.takes_visitors();
        if !open {
            let path = operation.path.replace("{id}", "nothing");
            let path = path.replace("{action_id}", "nothing");
            let method = operation.method.to_uppercase();
            let answer = visitor.send(&method, &path, Value::Null).await;
            assert_eq!(answer.problem(401), "unauthorized", "{}", operation.id);
            refused += 1;
        }
    }
    assert!(refused > 30, "{refused}");
}

#[tokio::test]
async fn a_visitor_sees_what_was_said_and_not_how_it_was_done() {
    let app = TestApp::start().await;
    let hidden = json!({"type": "object", "properties": {
        "order_number": {"type": "string", "description": "Order number (e.g., ORD-12345)"},
        "tier": {"const": "tier-canary"},
    }, "required": ["order_number"]});
    let agent = shop(
        &app,
        json!({"parameters": hidden, "result_fields": ["/status"]}),
    )
    .await;
    app.webhook.otherwise(Reply::json(
        200,
        &json!({"success": true, "result": {"status": "shipped", "note": "result-canary"}}),
    ));
    let visitor = Visitor::open(&app, &agent, json!({})).await;
    let ask = |stream: bool| {
        app.models
            .call("check_order_status", json!({"order_number": "A-1"}))
            .reply("It has shipped.");
        json!({"message": "Where is A-1?", "stream": stream})
    };
    let streamed = visitor.chat(ask(true)).await;
    assert!(
        streamed.text.contains("Check order status"),
        "{}",
        streamed.text
    );
    let answer = visitor.chat(ask(false)).await;
    let text = answer.text.clone();
    let answer = answer.expect(200);
    assert_eq!(answer["invocations"][0]["parameters"], json!({}));
    assert_eq!(answer["invocations"][0]["status"], "succeeded");
    let conversation = answer["conversation_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/conversations/{conversation}");
    let read = visitor.get(&path).await;
    let listed = visitor.get("/v1/conversations").await;
    app.service.let_listeners_go();
    let last = format!("{}.0", answer["turn_id"].as_str().unwrap());
    let bearer = format!("Bearer {}", visitor.token);
    let headers = [("authorization", bearer.as_str()), ("last-event-id", &last)];
    let events = app
        .send_raw("GET", &format!("{path}/events"), &headers, Vec::new())
        .await;
    assert!(events.text.contains("message.completed"), "{}", events.text);
    for seen in [
        &streamed.text,
        &text,
        &read.text,
        &listed.text,
        &events.text,
    ] {
        for canary in ["tier-canary", "result-canary", "order_number", "tokens\":1"] {
            assert!(!seen.contains(canary), "{canary} in {seen}");
        }
    }
    let read = read.expect(200);
    assert_eq!(read["turns"][0]["model_calls"], 0);
    assert_eq!(read["turns"][0]["usage"], Value::Null);
    assert_eq!(read["invocations"][0]["provenance"], json!([]));
    // The owner sees all of it.
    assert!(app.get(&path).await.text.contains("tier-canary"));
}

#[tokio::test]
async fn a_visitor_is_not_told_why_a_turn_stopped() {
    let app = TestApp::start().await;
    let agent = app
        .agent(json!({"model": "openai::test", "daily_token_budget": 1}))
        .await;
    let agent = id(&agent).to_owned();
    switch_on(&app, &agent).await;
    let visitor = Visitor::open(&app, &agent, json!({})).await;
    let conversation = visitor.begin().await;
    let more = json!({"message": "And?", "conversation_id": conversation});
    let stopped = visitor.chat(more).await.expect(200);
    assert_eq!(stopped["status"], "failed");
    let path = format!("/v1/conversations/{conversation}");
    let (theirs, owners) = (visitor.get(&path).await, app.get(&path).await);
    assert!(owners.text.contains("token_budget"), "{}", owners.text);
    assert!(!theirs.text.contains("budget"), "{}", theirs.text);
}

#[tokio::test]
async fn visitors_read_what_a_person_says_and_not_why_they_were_asked() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let on = json!({"handoff": true});
    app.patch(&format!("/v1/agents/{agent}"), on)
        .await
        .expect(200);
    let visitor = Visitor::open(&app, &agent, json!({})).await;
    let reason = json!({"reason": "An angry customer; offer 10 %."});
    app.models.call("hand_over_to_person", reason);
    let asked = json!({"message": "A human, please"});
    let answer = visitor.chat(asked).await.expect(200);
    let path = format!(
        "/v1/conversations/{}",
        answer["conversation_id"].as_str().unwrap()
    );
    let said = json!({"text": "Hello, this is Sam."});
    let messages = format!("{path}/messages");
    app.post(&messages, said.clone()).await.expect(201);
    // A visitor is no person of the owner's.
    let refused = visitor.send("POST", &messages, said).await;
    assert!(
        [401, 403, 404].contains(&refused.status),
        "{}",
        refused.text
    );

    let seen = visitor.get(&path).await.expect(200);
    assert_eq!(seen["handoff"]["reason"], "");
    let last = seen["messages"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["role"], &last["text"]),
        (&json!("person"), &json!("Hello, this is Sam."))
    );
    assert!(!seen.to_string().contains("angry"), "{seen}");
}
