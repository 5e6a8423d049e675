//! One session in which everything is done once. Its answers are the examples of the document.

use std::collections::{BTreeMap, BTreeSet};

use deskhand_testkit::{Answer, Reply, TestApp, contract, id};
use serde_json::{Map, Value, json};

/// What came out of the session.
pub struct Collected {
    /// By operation: `request`, and answers by status.
    pub examples: Map<String, Value>,
    /// The operations that succeeded.
    pub done: BTreeSet<String>,
}

/// A session under way.
pub(super) struct Session<'a> {
    pub(super) app: &'a TestApp,
    collected: Collected,
    fixed: Fixed,
}

/// Does everything once.
pub async fn collect() -> Collected {
    let app = TestApp::start().await;
    let mut session = Session {
        app: &app,
        collected: Collected {
            examples: Map::new(),
            done: BTreeSet::new(),
        },
        fixed: Fixed {
            address: app.webhook.address().to_string(),
            ids: BTreeMap::new(),
        },
    };
    session.owner_sets_up().await;
    session.collected
}

impl Session<'_> {
    /// Makes a request and keeps it with its answer as the example, if there is none yet.
    pub(super) async fn does(&mut self, method: &str, path: &str, body: Value) -> Answer {
        let answer = self.app.send(method, path, body.clone()).await;
        self.keep(method, path, body, answer)
    }

    pub(super) fn keep(&mut self, method: &str, path: &str, body: Value, answer: Answer) -> Answer {
        let Ok(operation) = contract().operation(method, path) else {
            panic!("{method} {path} is not described");
        };
        if answer.status < 300 {
            self.collected.done.insert(operation.id.to_owned());
        }
        let kind = answer.header("content-type").unwrap_or_default();
        let (key, shown) = match kind {
            "text/event-stream" => ("200.events".to_owned(), json!(answer.text)),
            _ => (answer.status.to_string(), answer.body.clone()),
        };
        // The document is no example of itself, and pages are none of anything.
        if operation.id == "openapi" || shown.is_null() {
            return answer;
        }
        let examples = self
            .collected
            .examples
            .entry(operation.id)
            .or_insert_with(|| json!({}));
        if examples[&key].is_null() {
            examples[&key] = self.fixed.value(&shown, "");
        }
        if answer.status < 300 && !body.is_null() && examples["request"].is_null() {
            examples["request"] = self.fixed.value(&body, "");
        }
        answer
    }

    async fn owner_sets_up(&mut self) {
        let app = self.app;
        let action = self
            .does("POST", "/v1/actions", app.order_action(json!({})))
            .await
            .expect(201);
        self.does("POST", "/v1/actions", app.order_action(json!({})))
            .await
            .problem(409);
        self.does("POST", "/v1/actions", json!({"name": "Check order"}))
            .await
            .problem(422);
        let action = format!("/v1/actions/{}", id(&action));
        let agent = json!({
            "name": "Ada",
            "instructions": "You answer the customers of a small shop.",
            "fallback_contact": "help@example.com",
            "handoff": true,
        });
        let agent = self.does("POST", "/v1/agents", agent).await.expect(201);
        let agent = format!("/v1/agents/{}", id(&agent));
        let attached = action.replace("/v1", &agent);
        self.does("PUT", &attached, Value::Null).await;
        self.customer_asks(&agent).await;
        self.owner_looks(&agent, &action).await;

        self.does("PATCH", &agent, json!({"fallback_contact": null}))
            .await;
        let change = json!({"timeout_seconds": 10, "effect": "read"});
        self.does("PATCH", &action, change).await;
        self.does("GET", &format!("{action}/versions"), Value::Null)
            .await;
        let back = json!({"version": 1});
        self.does("POST", &format!("{action}/restore"), back).await;
        let secret = format!("{action}/secret");
        self.does("POST", &secret, json!({"overlap_seconds": 3600}))
            .await;
        let vague = json!({
            "name": "get_order",
            "display_name": "Order lookup",
            "description": "Order lookup",
            "webhook_url": app.webhook.url("/orders"),
            "parameters": {"type": "object"},
            "effect": "read",
        });
        self.does("POST", "/v1/actions/check", vague).await;
        let preview = json!({"definition": app.order_action(json!({}))});
        self.does("POST", "/v1/actions/preview", preview).await;
        self.does("GET", "/v1/models", Value::Null).await;
        let builtin = json!({"model": "builtin"});
        self.does("POST", "/v1/models/test", builtin).await;
        // Those who listen have been let go.
        self.does("GET", "/v1/live", Value::Null).await;
        self.keys_are_made(&agent).await;
        self.a_page_gets_the_widget(&agent).await;
        self.people_come_and_go().await;
        self.events_are_sent(&agent).await;
        self.calls_are_settled(&agent).await;
        self.does("GET", "/v1/egress", Value::Null).await;
        self.does("DELETE", &attached, Value::Null).await;
        self.does("DELETE", &agent, Value::Null).await;
        self.does("DELETE", &action, Value::Null).await;
        self.does("GET", &action, Value::Null).await.problem(404);
        for path in [
            "/healthz",
            "/readyz",
            "/metrics",
            "/openapi.json",
            "/docs",
            "/docs/style.css",
        ] {
            self.does("GET", path, Value::Null).await;
        }
        let refused = app.send_as(None, "GET", "/v1/agents", Value::Null).await;
        self.keep("GET", "/v1/agents", Value::Null, refused);
    }

    async fn keys_are_made(&mut self, agent: &str) {
        let bound = agent.trim_start_matches("/v1/agents/");
        let key = json!({
            "name": "Shop front", "scope": "chat", "agent_id": bound,
            "expires_at": "2027-11-23T00:00:00Z",
        });
        let key = self.does("POST", "/v1/keys", key).await.expect(201);
        self.does("GET", "/v1/keys?limit=1", Value::Null).await;
        let key = format!("/v1/keys/{}", id(&key));
        self.does("DELETE", &key, Value::Null).await;
    }

    async fn customer_asks(&mut self, agent: &str) {
        let app = self.app;
        app.webhook.otherwise(Reply::json(
            200,
            &json!({"success": true, "result": {"status": "shipped", "carrier": "DHL"}}),
        ));
        app.models
            .call("check_order_status", json!({"order_number": "ORD-12345"}))
            .reply("Your order ORD-12345 has shipped with DHL.");
        let contact = json!({
            "id": "cus_42", "name": "Ada", "email": "ada@example.com", "phone": null,
            "timezone": "Europe/London", "locale": "en", "attributes": {}
        });
        let chat = format!("{agent}/chat");
        let message = json!({
            "message": "Where's my order? Order number is ORD-12345",
            "conversation_id": null, "contact": contact, "contact_token": null, "stream": false
        });
        let answer = self.does("POST", &chat, message).await.expect(200);
        let conversation = answer["conversation_id"].as_str().unwrap().to_owned();
        let other = json!({
            "message": "Hello", "conversation_id": conversation, "contact": {"id": "cus_43"}
        });
        self.does("POST", &chat, other).await.problem(409);
        let streamed = json!({"message": "Order number is ORD-12345", "stream": true});
        app.models
            .call("check_order_status", json!({"order_number": "ORD-12345"}))
            .reply("It has shipped.");
        self.does("POST", &chat, streamed).await;
        let traced = json!({
            "message": "Order number is ORD-12345", "stream": true, "trace": true, "mode": "mock"
        });
        app.models.reply("What would you like to know?");
        self.does("POST", &chat, traced).await;

        let path = format!("/v1/conversations/{conversation}");
        self.does("GET", &path, Value::Null).await;
        self.a_person_answers().await;
        self.listener_is_let_go(&format!("{path}/events"), &answer)
            .await;
    }

    /// In a conversation that another customer has begun.
    async fn a_person_answers(&mut self) {
        let app = self.app;
        let agents = app.get("/v1/agents").await.expect(200);
        let chat = format!("/v1/agents/{}/chat", id(&agents["data"][0]));
        let reason = json!({"reason": "Would like to change the address of order ORD-12345."});
        app.models.call("hand_over_to_person", reason);
        let asked = app
            .post(&chat, json!({"message": "A human, please"}))
            .await
            .expect(200);
        self.does("GET", "/v1/notices", Value::Null).await;
        let conversation = asked["conversation_id"].as_str().unwrap();
        let messages = format!("/v1/conversations/{conversation}/messages");
        let text = "Hello, this is Sam. I've changed the address for you.";
        let said = json!({"text": text, "hand_back": false});
        self.does("POST", &messages, said).await;
        self.does("POST", &messages, json!({"hand_back": true}))
            .await;
    }

    /// A stream of a conversation has no end; this one comes back to a turn that is over, and is let
    /// go as by a server that stops.
    async fn listener_is_let_go(&mut self, path: &str, answer: &Value) {
        self.app.service.let_listeners_go();
        let turn = answer["turn_id"].as_str().unwrap();
        let (last, key) = (
            format!("{turn}.0"),
            format!("Bearer {}", deskhand_testkit::ADMIN_KEY),
        );
        let headers = [("authorization", key.as_str()), ("last-event-id", &last)];
        let answer = self.app.send_raw("GET", path, &headers, Vec::new()).await;
        self.keep("GET", path, Value::Null, answer);
    }

    async fn owner_looks(&mut self, agent: &str, action: &str) {
        let run = json!({"parameters": {"order_number": "ORD-12345"}});
        let run = self
            .does("POST", &format!("{action}/test"), run)
            .await
            .expect(200);
        self.does("GET", &format!("/v1/invocations/{}", id(&run)), Value::Null)
            .await;
        for path in [
            "/v1/agents?limit=1",
            "/v1/actions?limit=1",
            "/v1/conversations?limit=1",
            "/v1/invocations?limit=1",
            "/v1/statistics?buckets=4",
            agent,
            action,
            &format!("{agent}/actions"),
        ] {
            self.does("GET", path, Value::Null).await;
        }
    }
}

/// Puts in fixed words what differs from run to run.
struct Fixed {
    address: String,
    ids: BTreeMap<String, String>,
}

impl Fixed {
    fn value(&mut self, value: &Value, name: &str) -> Value {
        match value {
            Value::Number(_) if name.ends_with("_ms") => milliseconds(name),
            Value::String(_) if name == "identity_secret" => {
                json!("dhi_u7hQ2mXo0Vb4kRzC9sJfEw1yLtNaGp6dTi8eKxYvBnM")
            }
            Value::String(text) if text.starts_with("dhv_") => {
                json!("dhv_01kaqy8d40e8nsb4m7vtzx0001AQ8v3LkPq…")
            }
            Value::String(text) if name == "contact_token" && text.len() > 9 => {
                json!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjdXNfNDIi….3f5Yw…")
            }
            Value::String(text) if name == "signing_secret" => {
                assert!(text.starts_with("whsec_"));
                json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwZHKb0bBy+Yc=")
            }
            Value::String(text) if name == "token" && text.len() > 9 => {
                json!("Jr1mQ0vC7m2XbqYh3pZk8sWd5nTf6gLa9eRu4iOwPzE")
            }
            Value::String(text) if name == "link" => {
                let (page, _) = text.split_once('#').expect("a link");
                let page = page.rsplit('/').next().unwrap_or_default();
                let token = "Jr1mQ0vC7m2XbqYh3pZk8sWd5nTf6gLa9eRu4iOwPzE";
                json!(format!("https://deskhand.example.com/{page}#{token}"))
            }
            Value::String(_) if name == "key" => {
                json!("dhk_3q2LrS9vH1mZ0yTfXc8eWbNkPd5uRg7jAiVo6Qs4lMt")
            }
            Value::String(text) if name == "prefix" && text.starts_with("dhk_") => {
                json!("dhk_3q2L")
            }
            Value::String(text) if text.starts_with("v1,") => {
                json!("v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=")
            }
            Value::String(text) => json!(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item, name)).collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| (name.clone(), self.value(value, name)))
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let text = text
            .replace(
                &format!("{}/orders", self.address),
                "api.example.com/deskhand/orders",
            )
            .replace(&self.address, "api.example.com");
        let mut out = String::new();
        for (i, part) in text
            .split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .enumerate()
        {
            let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let end = &part[word.len()..];
            let before = out.ends_with("duration_ms\":");
            let fixed = match word.rsplit_once('_') {
                Some((prefix, rest)) if rest.len() == 26 => self.id(prefix, word),
                _ if before && i > 0 => milliseconds("duration_ms").to_string(),
                _ => word.to_owned(),
            };
            out.push_str(&fixed);
            out.push_str(end);
        }
        out
    }

    fn id(&mut self, prefix: &str, id: &str) -> String {
        let next = self.ids.len() + 1;
        self.ids
            .entry(id.to_owned())
            .or_insert_with(|| format!("{prefix}_01kaqy8d40e8nsb4m7vtzx{next:04}"))
            .clone()
    }
}

fn milliseconds(name: &str) -> Value {
    match name {
        "dns_ms" => json!(3.1),
        "connect_ms" => json!(4.0),
        "tls_ms" => json!(9.2),
        "first_byte_ms" => json!(18.5),
        "total_ms" => json!(35.4),
        _ => json!(41),
    }
}
