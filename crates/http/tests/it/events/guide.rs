//! What the guide says of events is so.

use std::collections::HashSet;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use deskhand_domain::event::EventType;
use deskhand_domain::limits::{EVENT_ATTEMPTS, EVENT_TIMEOUT};
use deskhand_testkit::{Received, TestApp};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::*;

const GUIDE: &str = include_str!("../../../../../docs/guides/events.md");

/// The event, if it is genuine and has not been here before.
fn receive(
    webhook: &Webhook,
    headers: &HeaderMap,
    body: &[u8],
    seen: &mut HashSet<String>,
) -> Option<Value> {
    webhook.verify(body, headers).ok()?;
    let id = headers.get("webhook-id")?.to_str().ok()?;
    let is_new = seen.insert(id.to_owned());
    is_new.then(|| serde_json::from_slice(body).ok())?
}

fn headers(event: &Received) -> HeaderMap {
    let pairs = event.headers.iter().map(|(name, value)| {
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    });
    pairs.collect()
}

#[tokio::test]
async fn its_receiver_takes_each_event_once_and_nothing_else() {
    let here = include_str!("guide.rs");
    let code = &here[here.find("/// The event, if").unwrap()..];
    let code = &code[..code.find("\n}\n").unwrap() + 3];
    assert!(GUIDE.contains(code), "the guide shows another receiver");

    let app = TestApp::start().await;
    // The library goes by the time of the machine.
    app.clock.set(real_time());
    let endpoint = listen(&app, json!(["conversation.message"])).await;
    greet(&app).await;
    deliver(&app).await;
    redeliver(&app, &newest(&app, &endpoint).await)
        .await
        .expect(202);
    deliver(&app).await;
    let webhook = Webhook::new(&endpoint.secret).unwrap();
    let mut seen = HashSet::new();
    let taken: Vec<Value> = arrived(&app)
        .iter()
        .filter_map(|event| receive(&webhook, &headers(event), &event.body, &mut seen))
        .collect();
    assert_eq!(arrived(&app).len(), 3);
    assert_eq!(taken.len(), 2);
    // In any order.
    let says_hi = |event: &Value| event["data"]["message"]["text"] == "Hi";
    assert!(taken.iter().any(says_hi), "{taken:?}");
    let mut forged = arrived(&app).remove(0);
    forged.body.push(b' ');
    let nobody = receive(
        &webhook,
        &headers(&forged),
        &forged.body,
        &mut HashSet::new(),
    );
    assert_eq!(nobody, None);
}

#[expect(clippy::disallowed_methods, reason = "a library here goes by it")]
fn real_time() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[test]
fn it_names_every_type() {
    for kind in EventType::ALL {
        assert!(GUIDE.contains(&format!("| `{kind}` |")), "{kind}");
    }
}

#[test]
fn its_figures_are_the_limits() {
    assert_eq!(EVENT_ATTEMPTS, 10);
    assert_eq!(EVENT_TIMEOUT.as_secs(), 15);
    assert!(GUIDE.contains("**Ten attempts**") && GUIDE.contains("within 15 seconds"));
}

#[tokio::test]
async fn its_example_has_the_fields_of_an_event() {
    let example = GUIDE
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| serde_json::from_str::<Value>(rest.split("```").next()?).ok())
        .find(|json| json.get("data").is_some())
        .unwrap();
    let app = TestApp::start().await;
    listen(&app, json!(["conversation.message"])).await;
    greet(&app).await;
    deliver(&app).await;
    let event = arrived(&app).remove(0).json();
    assert_eq!(shape(&event), shape(&example));
}

/// The names of all fields.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), shape(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => Value::Null,
    }
}
