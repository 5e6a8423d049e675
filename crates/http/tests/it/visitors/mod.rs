//! Customers on the owner's pages: what they may do, and whose conversations they see.

mod proven;
mod seen;

use std::time::Duration;

use deskhand_testkit::{Answer, TestApp, contact_token, id};
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
