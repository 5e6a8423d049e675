//! Customers on the owner's pages: what they may do, and whose conversations they see.

use std::time::Duration;

use deskhand_testkit::{Answer, Reply, TestApp, contact_token, id};
use serde_json::{Value, json};

use crate::widget::{SHOP, open, switch_on};

/// A visitor of an agent.
struct Visitor<'a> {
    app: &'a TestApp,
    agent: String,
    token: String,
    contact: String,
}

impl<'a> Visitor<'a> {
    /// Opens a session with these fields beside the agent's.
    async fn open(app: &'a TestApp, agent: &str, fields: Value) -> Self {
        let visit = visit(app, agent, fields).await.expect(201);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            app,
            agent: agent.to_owned(),
            token: text(&visit["token"]),
            contact: text(&visit["contact"]["id"]),
        }
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        self.app
            .send_as(Some(&self.token), method, path, body)
            .await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, Value::Null).await
    }

    async fn chat(&self, body: Value) -> Answer {
        let path = format!("/v1/agents/{}/chat", self.agent);
        self.send("POST", &path, body).await
    }

    /// Begins a conversation; returns its id.
    async fn begin(&self) -> String {
        self.app.models.reply("Hello!");
        let answer = self.chat(json!({"message": "Hi"})).await.expect(200);
        answer["conversation_id"].as_str().unwrap().to_owned()
    }

    async fn conversations(&self) -> Vec<String> {
        let listed = self.get("/v1/conversations").await.expect(200);
        let rows = listed["data"].as_array().unwrap();
        rows.iter().map(|row| id(row).to_owned()).collect()
    }
}

async fn visit(app: &TestApp, agent: &str, fields: Value) -> Answer {
    let mut body = fields;
    body["agent_id"] = json!(agent);
    open(app, Some(SHOP), body).await
}

/// An agent with a widget and the documentation page's action with these changes.
async fn shop(app: &TestApp, changes: Value) -> String {
    let agent = app.shop(changes).await.agent.clone();
    switch_on(app, &agent).await;
    agent
}

async fn identity_secret(app: &TestApp) -> String {
    let path = "/v1/workspace/identity_secret";
    let made = app.post(path, json!({})).await.expect(200);
    made["identity_secret"].as_str().unwrap().to_owned()
}

/// A token that is good for ten minutes at the beginning of a test.
fn proof(secret: &str, sub: &str) -> String {
    let noon: jiff::Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let claims = json!({
        "sub": sub, "aud": "deskhand", "exp": noon.as_second() + 600,
        "email": format!("{sub}@example.com"), "attributes": {"plan": "gold"},
    });
    contact_token(secret, &claims)
}

#[tokio::test]
async fn a_visitor_talks_to_the_agent_and_reads_on() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let visitor = Visitor::open(&app, &agent, json!({})).await;
    let conversation = visitor.begin().await;
    app.models.reply("Still here.");
    let more = json!({"message": "And now?", "conversation_id": conversation});
    let answer = visitor.chat(more).await.expect(200);
    assert_eq!(answer["reply"], "Still here.");
    assert_eq!(visitor.conversations().await, [conversation.as_str()]);
    let path = format!("/v1/conversations/{conversation}");
    let read = visitor.get(&path).await.expect(200);
    assert_eq!(read["messages"].as_array().unwrap().len(), 4);
    assert_eq!(read["contact_verified"], false);
    // The owner sees whose it is, by the id that the visitor was told.
    let query = format!("/v1/conversations?contact_id={}", visitor.contact);
    let listed = app.get(&query).await.expect(200);
    assert_eq!(id(&listed["data"][0]), conversation);
}

#[tokio::test]
async fn a_visitor_is_known_again_by_the_token_before() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let first = Visitor::open(&app, &agent, json!({})).await;
    let conversation = first.begin().await;
    // A little less than 30 days later, twice: each opening begins them anew.
    let mut token = first.token;
    for _ in 0..2 {
        app.clock.advance(Duration::from_secs(29 * 24 * 3600));
        let again = visit(&app, &agent, json!({"visitor": token}))
            .await
            .expect(201);
        assert_eq!(again["contact"]["id"], first.contact);
        assert_eq!(again["conversation_id"], conversation);
        again["token"].as_str().unwrap().clone_into(&mut token);
    }
    app.clock.advance(Duration::from_secs(31 * 24 * 3600));
    let late = app
        .send_as(Some(&token), "GET", "/v1/conversations", Value::Null)
        .await;
    assert_eq!(late.problem(401), "unauthorized");
    let anew = visit(&app, &agent, json!({"visitor": token}))
        .await
        .expect(201);
    assert_ne!(anew["contact"]["id"], first.contact);
    assert_eq!(anew["conversation_id"], Value::Null);
}

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
async fn a_visitor_does_not_say_who_they_are() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let secret = identity_secret(&app).await;
    let visitor = Visitor::open(&app, &agent, json!({})).await;
    for (field, value) in [
        ("contact", json!({"id": "cus_42"})),
        ("contact", json!({})),
        ("contact_token", json!(proof(&secret, "cus_42"))),
        ("mode", json!("mock")),
        ("trace", json!(true)),
    ] {
        let answer = visitor.chat(json!({"message": "Hi", field: value})).await;
        assert_eq!(answer.wrong_fields(), [field]);
    }
    let conversation = visitor.begin().await;
    let path = format!("/v1/conversations/{conversation}/events?trace=true");
    assert_eq!(visitor.get(&path).await.problem(403), "forbidden");
    for query in ["agent_id=x", "contact_id=cus_42", "q=a", "mode=test"] {
        let answer = visitor.get(&format!("/v1/conversations?{query}")).await;
        assert_eq!(answer.problem(422), "invalid_fields", "{query}");
    }
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

#[tokio::test]
async fn switching_the_widget_off_ends_its_sessions() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let visitor = Visitor::open(&app, &agent, json!({})).await;
    let path = format!("/v1/agents/{agent}/widget");
    app.send("PUT", &path, json!({})).await.expect(200);
    let ended = visitor.chat(json!({"message": "Hi"})).await;
    assert_eq!(ended.problem(401), "unauthorized");
}

#[tokio::test]
async fn a_changed_token_opens_nothing() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let visitor = Visitor::open(&app, &agent, json!({})).await;
    let (other, _) = app.workspace("Other").await;
    let moved = {
        let id = other.to_string();
        let id = id.rsplit('_').next().unwrap();
        format!("dhv_{id}{}", &visitor.token[30..])
    };
    let mut texts = vec![
        moved,
        "dhv_".to_owned(),
        format!("{}A", visitor.token),
        visitor.token[..visitor.token.len() - 1].to_owned(),
        format!("dhv_{}", "é".repeat(40)),
    ];
    for at in (4..visitor.token.len()).step_by(7) {
        let mut bytes = visitor.token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'b' { b'c' } else { b'b' };
        texts.push(String::from_utf8(bytes).unwrap());
    }
    for text in texts {
        let bearer = format!("Bearer {text}");
        let headers = [("authorization", bearer.as_str())];
        let answer = app
            .send_raw("GET", "/v1/conversations", &headers, Vec::new())
            .await;
        assert_eq!(answer.problem(401), "unauthorized", "{text}");
    }
}

#[tokio::test]
async fn visitors_do_not_meet_in_an_idempotency_key() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let path = format!("/v1/agents/{agent}/chat");
    let body = json!({"message": "Hi"}).to_string();
    let mut turns = Vec::new();
    for name in ["one", "two"] {
        let visitor = Visitor::open(&app, &agent, json!({})).await;
        app.models.reply(&format!("Hello, {name}!"));
        let bearer = format!("Bearer {}", visitor.token);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", "k-1"),
        ];
        for again in [false, true] {
            let body = body.clone().into_bytes();
            let answer = app.send_raw("POST", &path, &headers, body).await;
            assert_eq!(answer.header("idempotency-replayed").is_some(), again);
            assert_eq!(answer.body["reply"], format!("Hello, {name}!"));
            turns.push(answer.body["turn_id"].clone());
        }
    }
    assert_eq!(turns[0], turns[1]);
    assert_ne!(turns[1], turns[2]);
}

#[tokio::test]
async fn a_visitor_may_send_thirty_messages_a_minute_in_all_conversations() {
    let app = TestApp::start().await;
    let agent = shop(&app, json!({})).await;
    let visitor = Visitor::open(&app, &agent, json!({})).await;
    for _ in 0..30 {
        visitor.begin().await;
    }
    let refused = visitor.chat(json!({"message": "Hi"})).await;
    assert_eq!(refused.problem(429), "too_many_requests");
    let other = Visitor::open(&app, &agent, json!({})).await;
    other.begin().await;
}
