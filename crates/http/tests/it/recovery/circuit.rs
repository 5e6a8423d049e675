//! Calls that are gone on with ask the circuit breaker, and tell it what came of them.

use std::time::Duration;

use deskhand_domain::circuit::{Change, Probe};
use deskhand_domain::clock::Clock;
use deskhand_domain::id::ActionId;
use deskhand_domain::invocation::InvocationStatus;
use deskhand_store::CircuitStore;
use deskhand_testkit::{Reply, TestApp, id};
use serde_json::{Value, json};

use super::left::Left;
use super::success;

fn open() -> Change {
    Change::Open {
        known: 0,
        reason: "8 of the last 10 calls failed".to_owned(),
    }
}

async fn change(app: &TestApp, left: &Left<'_>, action: &Value, change: Change) {
    let action: ActionId = id(action).parse().unwrap();
    let now = app.clock.now();
    let changed = app
        .store
        .change_circuit(left.workspace, action, &change, now);
    assert!(changed.await.unwrap().0);
}

async fn state(app: &TestApp) -> Value {
    let listed = app.get("/v1/actions").await.expect(200);
    listed["data"][0]["circuit"]["state"].clone()
}

#[tokio::test]
async fn none_is_sent_while_it_is_open() {
    for (status, nature, code, came_to) in [
        (
            InvocationStatus::Intended,
            json!({}),
            "circuit_open",
            "failed",
        ),
        // It may have been sent before.
        (
            InvocationStatus::Sending,
            json!({"idempotent": true}),
            "interrupted",
            "unknown",
        ),
    ] {
        let app = TestApp::start().await;
        let (left, action) = Left::with(&app, nature).await;
        left.call(&action, status).await;
        change(&app, &left, &action, open()).await;
        app.models.reply("All done!");
        let transcript = left.recovered().await;
        let call = &transcript["invocations"][0];
        assert_eq!(call["status"], came_to);
        assert_eq!(call["failure"]["code"], code);
        assert_eq!(call["sent_at"].is_null(), came_to == "failed");
        assert!(app.webhook.requests().is_empty());
        assert_eq!(state(&app).await, "open");
    }
}

#[tokio::test]
async fn one_goes_through_when_it_is_half_open_and_decides() {
    for (answer, came_to, then) in [
        (success(), "succeeded", "closed"),
        (Reply::json(500, &json!({})), "failed", "open"),
    ] {
        let app = TestApp::start().await;
        let (left, action) = Left::with(&app, json!({})).await;
        left.call(&action, InvocationStatus::Intended).await;
        change(&app, &left, &action, open()).await;
        app.clock.advance(Duration::from_secs(31));
        app.webhook.reply(answer);
        app.models.reply("It has shipped.");
        let transcript = left.recovered().await;
        assert_eq!(transcript["invocations"][0]["status"], came_to);
        assert_eq!(app.webhook.requests().len(), 1);
        assert_eq!(state(&app).await, then);
    }
}

#[tokio::test]
async fn one_that_is_not_sent_again_leaves_its_place_to_another() {
    let app = TestApp::start().await;
    let (left, action) = Left::with(&app, json!({"effect": "write"})).await;
    let call = left.call(&action, InvocationStatus::Sending).await;
    change(&app, &left, &action, open()).await;
    app.clock.advance(Duration::from_secs(31));
    let probe = Probe::new(call, app.clock.now(), 30);
    change(&app, &left, &action, Change::Probe(probe)).await;
    let transcript = left.recovered().await;
    assert_eq!(transcript["invocations"][0]["status"], "unknown");
    assert!(app.webhook.requests().is_empty());
    let another = "inv_00000000000000000000000001".parse().unwrap();
    let now = app.clock.now();
    change(
        &app,
        &left,
        &action,
        Change::Probe(Probe::new(another, now, 30)),
    )
    .await;
}

#[tokio::test]
async fn the_one_that_was_let_through_before_still_is() {
    let app = TestApp::start().await;
    let (left, action) = Left::with(&app, json!({})).await;
    let call = left.call(&action, InvocationStatus::Intended).await;
    change(&app, &left, &action, open()).await;
    app.clock.advance(Duration::from_secs(31));
    let probe = Probe::new(call, app.clock.now(), 30);
    change(&app, &left, &action, Change::Probe(probe)).await;
    app.webhook.reply(success());
    app.models.reply("It has shipped.");
    let transcript = left.recovered().await;
    assert_eq!(transcript["invocations"][0]["status"], "succeeded");
    assert_eq!(state(&app).await, "closed");
}
