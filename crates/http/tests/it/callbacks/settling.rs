//! What is `unknown` is settled by an operator, and its customer hears of it.

use deskhand_testkit::{Reply, Talk, TestApp};
use serde_json::{Value, json};

use super::{said, told};

/// A conversation in which nobody knows whether the order has been cancelled; and the invocation.
async fn uncertain(app: &TestApp) -> (Talk<'_>, String) {
    let agent = json!({"fallback_contact": "help@shop.example"});
    let cancel = json!({
        "name": "cancel_order",
        "display_name": "Cancel order",
        "description": "Cancel an order. Use when the customer no longer wants it. Requires the order number.",
    });
    let mut talk = app.shop_with(agent, [cancel]).await;
    app.webhook.reply(Reply::nothing().then_reset());
    app.models
        .call("cancel_order", json!({"order_number": "ORD-1"}));
    let answer = talk.say("Cancel ORD-1").await;
    assert_eq!(answer["invocations"][0]["status"], "unknown");
    let id = answer["invocations"][0]["id"].as_str().unwrap().to_owned();
    (talk, id)
}

async fn settle(app: &TestApp, id: &str, status: &str) -> Value {
    let body = json!({"status": status, "note": "Looked it up in the shop."});
    app.post(&format!("/v1/invocations/{id}/settle"), body)
        .await
        .expect(200)
}

#[tokio::test]
async fn one_that_went_through_is_good_news() {
    let app = TestApp::start().await;
    let (talk, id) = uncertain(&app).await;
    let listed = app.get("/v1/invocations?status=unknown").await.expect(200);
    assert_eq!(listed["data"][0]["id"], id);
    let settled = settle(&app, &id, "succeeded").await;
    assert_eq!(settled["status"], "succeeded");
    assert_eq!(settled["failure"], Value::Null);
    assert_eq!(settled["settlement"]["by"], "operator");
    assert_eq!(settled["settlement"]["note"], "Looked it up in the shop.");
    assert_eq!(
        said(&talk).await[2..],
        ["agent: Good news: “Cancel order” (ORD-1) is done."]
    );
    let listed = app.get("/v1/invocations?status=unknown").await.expect(200);
    assert_eq!(listed["data"], json!([]));
}

#[tokio::test]
async fn one_that_did_not_may_be_asked_for_again() {
    let app = TestApp::start().await;
    let (mut talk, id) = uncertain(&app).await;
    // Until it is settled the same call is not made again.
    app.models
        .call("cancel_order", json!({"order_number": "ORD-1"}));
    talk.say("Cancel ORD-1 please").await;
    assert_eq!(app.webhook.requests().len(), 1);
    let settled = settle(&app, &id, "failed").await;
    assert_eq!(settled["status"], "failed");
    assert_eq!(settled["failure"]["code"], "connection_lost");
    assert_eq!(
        said(&talk).await[4..],
        [
            "agent: I've had “Cancel order” (ORD-1) checked: it did not go through. You can ask for it \
          again, or contact help@shop.example."
        ]
    );
    app.webhook
        .reply(Reply::json(200, &json!({"success": true})));
    app.models
        .call("cancel_order", json!({"order_number": "ORD-1"}))
        .reply("Cancelled.");
    let again = talk.say("Then cancel ORD-1 again").await;
    assert_eq!(again["invocations"][0]["status"], "succeeded");
    assert_eq!(app.webhook.requests().len(), 2);
    // What was uncertain is known to the model now.
    let earlier: Vec<Value> = told(&app).iter().map(|one| one["status"].clone()).collect();
    assert_eq!(earlier, ["failed", "failed", "succeeded"]);
}

#[tokio::test]
async fn only_what_is_unknown_is_settled_once_and_with_a_note() {
    let app = TestApp::start().await;
    let (talk, id) = uncertain(&app).await;
    let path = format!("/v1/invocations/{id}/settle");
    for (body, field) in [
        (json!({"status": "failed"}), "note"),
        (json!({"note": "x"}), "status"),
        (json!({"status": "unknown", "note": "x"}), "status"),
        (json!({"status": "failed", "note": " "}), "note"),
        (
            json!({"status": "failed", "note": "x".repeat(1_001)}),
            "note",
        ),
    ] {
        let refused = app.post(&path, body).await;
        assert_eq!(refused.wrong_fields(), [field]);
    }
    settle(&app, &id, "failed").await;
    let again = json!({"status": "succeeded", "note": "No, it did."});
    let refused = app.post(&path, again).await;
    assert_eq!(refused.problem(409), "invocation_not_unknown");
    assert_eq!(said(&talk).await.len(), 3);
    let nobody = "/v1/invocations/inv_00000000000000000000000000/settle";
    let refused = app
        .post(nobody, json!({"status": "failed", "note": "x"}))
        .await;
    assert_eq!(refused.problem(404), "not_found");
}
