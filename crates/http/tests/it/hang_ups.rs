//! A client that hangs up stops nothing.

use deskhand_testkit::{Reply, TestApp, id};
use serde_json::json;

use crate::idempotency::{is_replay, post};

#[tokio::test]
async fn the_lock_outlasts_a_client_that_hangs_up() {
    let app = TestApp::start().await;
    let action = app.action(json!({})).await;
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.reply(yes.after_requests(2));
    let path = format!("/v1/actions/{}/test", id(&action));
    let run = json!({"parameters": {"order_number": "A-1"}});
    tokio::select! {
        _ = post(&app, "k", &path, &run) => panic!("answered too early"),
        () = app.webhook.wait_for_requests(1) => {}
    }
    crate::settle().await;
    let running = post(&app, "k", &path, &run).await;
    assert_eq!(running.problem(409), "idempotency_in_progress");
    assert!(running.body.get("turn_id").is_none());
    app.post(&path, run.clone()).await.expect(200);
    let answer = loop {
        let answer = post(&app, "k", &path, &run).await;
        if answer.status != 409 {
            break answer;
        }
    };
    assert!(is_replay(&answer));
    assert_eq!(answer.expect(200)["status"], "succeeded");
    assert_eq!(app.webhook.requests().len(), 2);
}

#[tokio::test]
async fn a_client_that_hangs_up_at_any_moment_leaves_no_key_locked() {
    let app = TestApp::start().await;
    let hang_up = async |moments: usize| {
        for _ in 0..moments {
            tokio::task::yield_now().await;
        }
    };
    for moments in 0..40 {
        let (key, agent) = (
            format!("k{moments}"),
            json!({"name": format!("Shop {moments}")}),
        );
        tokio::select! {
            biased;
            _ = post(&app, &key, "/v1/agents", &agent) => continue,
            () = hang_up(moments) => {}
        }
        let answer = loop {
            let answer = post(&app, &key, "/v1/agents", &agent).await;
            if answer.status != 409 {
                break answer;
            }
        };
        assert_eq!(answer.expect(201)["name"], agent["name"]);
    }
}

#[tokio::test]
async fn a_trial_goes_on_without_its_client() {
    let app = TestApp::start().await;
    let action = app.action(json!({})).await;
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.reply(yes.after_requests(2));
    let path = format!("/v1/actions/{}/test", id(&action));
    let run = json!({"parameters": {"order_number": "A-1"}});
    tokio::select! {
        _ = app.post(&path, run.clone()) => panic!("answered too early"),
        () = app.webhook.wait_for_requests(1) => {}
    }
    app.post(&path, run).await.expect(200);
    loop {
        let listed = app.get("/v1/invocations").await.expect(200);
        let both = listed["data"].as_array().unwrap();
        if both.iter().all(|one| one["status"] == "succeeded") {
            assert_eq!(both.len(), 2);
            return;
        }
    }
}
