//! A call that asks once more, in other words, for what is still open, sends nothing.

use deskhand_testkit::{Reply, Talk, TestApp};
use serde_json::{Value, json};

/// A shop whose agent can give money back, for a reason or none.
async fn shop(app: &TestApp) -> Talk<'_> {
    let refund = json!({
        "name": "refund_order",
        "display_name": "Refund order",
        "description": "Refund an order. Use when the customer wants their money back. Requires the order number.",
        "parameters": {
            "type": "object",
            "properties": {
                "order_number": {"type": "string", "description": "The order's number."},
                "reason": {"type": "string", "description": "Why, in the customer's words."},
                "email": {"type": "string", "description": "Where to write to.", "x-source": "contact.email"},
            },
            "required": ["order_number"],
        },
    });
    app.shop_with(json!({"fallback_contact": "help@shop.example"}), [refund])
        .await
}

fn refund(arguments: Value) -> (&'static str, Value) {
    ("refund_order", arguments)
}

#[tokio::test]
async fn a_refund_that_may_have_been_made_is_not_made_again_however_it_is_spelled() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    app.webhook.reply(Reply::nothing().then_reset());
    app.models.calls([refund(
        json!({"order_number": "ORD-4", "reason": "It arrived broken."}),
    )]);
    let first = talk.say("Refund ORD-4, it arrived broken").await;
    assert_eq!(first["invocations"][0]["status"], "unknown");
    for again in [
        json!({"order_number": "ord-4", "reason": "It arrived broken."}),
        json!({"order_number": "ORD-4"}),
        json!({"order_number": " ORD 4", "reason": "it arrived broken"}),
    ] {
        app.models.calls([refund(again)]);
        let answer = talk.say("Please refund ORD-4").await;
        assert_eq!(
            answer["invocations"][0]["id"],
            first["invocations"][0]["id"]
        );
        assert_eq!(app.webhook.requests().len(), 1);
    }
    // Another order is another matter.
    app.webhook
        .reply(Reply::json(200, &json!({"success": true})));
    app.models
        .calls([refund(json!({"order_number": "ORD-5"}))])
        .reply("Refunded.");
    let other = talk.say("And refund ORD-5").await;
    assert_eq!(other["invocations"][0]["status"], "succeeded");
    assert_eq!(app.webhook.requests().len(), 2);
}

#[tokio::test]
async fn one_refund_asked_for_in_two_spellings_of_one_turn_is_made_once() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    app.webhook
        .reply(Reply::json(200, &json!({"success": true})));
    app.models
        .calls([
            refund(json!({"order_number": "ORD-4"})),
            refund(json!({"order_number": "ord-4", "reason": "broken"})),
        ])
        .calls([refund(json!({"order_number": "ord4"}))])
        .reply("Refunded.");
    let answer = talk.say("Refund ORD-4, it arrived broken").await;
    assert_eq!(answer["reply"], "Refunded.");
    assert_eq!(answer["invocations"].as_array().unwrap().len(), 1);
    assert_eq!(app.webhook.requests().len(), 1);
}

#[tokio::test]
async fn two_orders_in_one_answer_are_two_refunds() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    for _ in 0..2 {
        app.webhook
            .reply(Reply::json(200, &json!({"success": true})));
    }
    app.models
        .calls([
            refund(json!({"order_number": "ORD-4"})),
            refund(json!({"order_number": "ORD-5"})),
        ])
        .reply("Both are refunded.");
    let answer = talk.say("Refund ORD-4 and ORD-5").await;
    assert_eq!(answer["invocations"].as_array().unwrap().len(), 2);
    assert_eq!(app.webhook.requests().len(), 2);
}
