//! What the customer is told where something went wrong, in the server's own words.

use deskhand_testkit::{Reply, TestApp};
use serde_json::json;

use crate::seen::{CLAIM, ask};

#[tokio::test]
async fn the_way_on_is_the_agents_contact_if_it_has_one() {
    let app = TestApp::start().await;
    let agent = json!({"fallback_contact": "help@shop.example"});
    let mut talk = app.shop_with(agent, [json!({})]).await;
    app.webhook.reply(Reply::json(500, &json!({})));
    let failed = ask(&app, &mut talk).await;
    failed.is_failed("http_error");
    assert!(
        failed.reply.contains("help@shop.example"),
        "{}",
        failed.reply
    );
    app.webhook.reply(Reply::nothing().then_reset());
    let unknown = ask(&app, &mut talk).await;
    unknown.is_unknown("connection_lost");
    assert!(
        unknown.reply.contains("help@shop.example"),
        "{}",
        unknown.reply
    );
    assert!(!unknown.reply.contains("again"), "{}", unknown.reply);
}

#[tokio::test]
async fn a_look_up_that_worked_in_the_end_is_told_by_the_model() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({"effect": "read"})).await;
    app.webhook.reply(Reply::json(500, &json!({})));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .call("check_order_status", json!({"order_number": "A1"}))
        .reply("It has shipped.");
    assert_eq!(talk.hear("Where is A-1?").await, "It has shipped.");
}

#[tokio::test]
async fn one_success_does_not_hide_anothers_failure_and_each_is_told_by_its_number() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({"display_name": "Cancel the order"})).await;
    app.webhook.reply(Reply::json(500, &json!({})));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .call("check_order_status", json!({"order_number": "A-2"}))
        .reply(CLAIM);
    assert_eq!(
        talk.hear("Cancel A-1 and A-2").await,
        "\u{201c}Cancel the order\u{201d} (A-2) is done. I wasn't able to complete \u{201c}Cancel \
         the order\u{201d} (A-1) just now. You can try again in a few minutes."
    );
}

#[tokio::test]
async fn what_worked_is_told_beside_what_did_not() {
    let app = TestApp::start().await;
    let actions = [
        json!({"name": "look_up", "display_name": "Look up the order", "effect": "read"}),
        json!({"name": "cancel", "display_name": "Cancel the order"}),
    ];
    let mut talk = app.shop_with(json!({}), actions).await;
    let found = json!({"success": true, "result": {"status": "shipped"}});
    app.webhook.reply(Reply::json(200, &found));
    app.webhook.reply(Reply::nothing().then_reset());
    app.models
        .call("look_up", json!({"order_number": "A-1"}))
        .call("cancel", json!({"order_number": "A-1"}))
        .reply(CLAIM);
    let reply = talk.hear("Look up A-1, then cancel it").await;
    assert!(reply.contains("shipped"), "{reply}");
    assert!(
        reply.contains("I can't confirm whether it went through"),
        "{reply}"
    );
    assert!(!reply.contains(CLAIM), "{reply}");
}
