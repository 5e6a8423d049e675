//! Other systems are told what happens.

mod delivering;
mod endpoints;
mod guide;
mod once;

use deskhand_testkit::{Answer, Received, Reply, TestApp, id};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

/// An endpoint that listens, with its path in the API and its secret.
struct Endpoint {
    path: String,
    secret: String,
}

/// Makes one that wants these types, or all.
async fn listen(app: &TestApp, types: Value) -> Endpoint {
    let endpoint = json!({"url": app.webhook.url("/events"), "types": types});
    let made = app.post("/v1/event_endpoints", endpoint).await.expect(201);
    Endpoint {
        path: format!("/v1/event_endpoints/{}", id(&made)),
        secret: made["signing_secret"].as_str().unwrap().to_owned(),
    }
}

/// Begins a conversation with an agent that has nothing to do but greet.
async fn greet(app: &TestApp) -> Value {
    let agent = app.agent(json!({})).await;
    app.models.reply("Hello!");
    let chat = format!("/v1/agents/{}/chat", id(&agent));
    app.post(&chat, json!({"message": "Hi"})).await.expect(200)
}

/// Makes one attempt of everything that is due; says how many.
async fn deliver(app: &TestApp) -> usize {
    app.service.deliver_round().await.unwrap()
}

/// The events that arrived, in the order of their moments; those of one moment in the order of a turn.
fn arrived(app: &TestApp) -> Vec<Received> {
    let mut events: Vec<Received> = app
        .webhook
        .requests()
        .into_iter()
        .filter(|request| request.path == "/events")
        .collect();
    events.sort_by_key(|event| {
        let body = event.json();
        let at = body["timestamp"].as_str().unwrap().to_owned();
        let is_customers = body["data"]["message"]["role"] == "customer";
        let place = match body["type"].as_str().unwrap() {
            "conversation.started" => 0,
            "conversation.message" if is_customers => 1,
            "conversation.message" => 3,
            _ => 2,
        };
        (at, place)
    });
    events
}

/// The newest delivery of an endpoint, with its attempts.
async fn newest(app: &TestApp, endpoint: &Endpoint) -> Value {
    let list = app.get(&format!("{}/deliveries", endpoint.path)).await;
    let list = list.expect(200);
    let path = format!("/v1/deliveries/{}", id(&list["data"][0]));
    app.get(&path).await.expect(200)
}

async fn redeliver(app: &TestApp, delivery: &Value) -> Answer {
    let path = format!("/v1/deliveries/{}/redeliver", id(delivery));
    app.post(&path, Value::Null).await
}

/// Whether a library that verifies Standard Webhooks would accept it at the moment of its timestamp.
fn verifies(secret: &str, event: &Received) -> bool {
    let header = |name| event.header(name).unwrap();
    let at = header("webhook-timestamp").parse().unwrap();
    let signature = Webhook::new(secret)
        .unwrap()
        .sign(header("webhook-id"), at, &event.body)
        .unwrap();
    header("webhook-signature")
        .split(' ')
        .any(|given| given == signature)
}

fn refuses() -> Reply {
    Reply::json(500, &json!({"error": "not now"}))
}
