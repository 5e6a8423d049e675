//! What ends at one node what began at the other: reports, an operator's word.

use deskhand_testkit::{Reply, request};
use serde_json::json;

use super::{Two, until_the_end};
use crate::callbacks;

#[tokio::test]
async fn a_report_to_another_node_is_what_the_turn_tells() {
    let Some(two) = Two::of(callbacks::refund()).await else {
        return;
    };
    let pending = Reply::json(202, &json!({"success": true}));
    two.app.webhook.reply(pending.clone().after_requests(2));
    two.app.webhook.otherwise(pending);
    two.app
        .models
        .call("request_refund", json!({"order_number": "ORD-1"}))
        .reply("Your 20 EUR are on their way.");
    let shop = async {
        two.app.webhook.wait_for_requests(1).await;
        let path = callbacks::callback(&two.app);
        let body = json!({"success": true, "result": {"amount": "20 EUR"}});
        let body = body.to_string().into_bytes();
        let headers = [("content-type", "application/json")];
        let taken = request(two.server.address, "POST", &path, &headers, body).await;
        assert_eq!(taken.expect(200), json!({"status": "completed"}));
        // Only now is the call itself answered.
        two.release_the_call().await;
    };
    let say = two.say_here("I want my money back for ORD-1");
    let (answer, ()) = tokio::join!(say, shop);
    let answer = answer.expect(200);
    assert_eq!(answer["reply"], "Your 20 EUR are on their way.");
    assert_eq!(answer["invocations"][0]["status"], "completed");
}

#[tokio::test]
async fn what_is_settled_at_another_node_is_told_to_who_listens() {
    let Some(two) = Two::start().await else {
        return;
    };
    two.app.webhook.reply(Reply::nothing().then_reset());
    two.app
        .models
        .call("check_order_status", json!({"order_number": "ORD-1"}));
    let answer = two.say_here("Where is ORD-1?").await.expect(200);
    let call = &answer["invocations"][0];
    assert_eq!(call["status"], "unknown");
    let mut here = two.listen(&two.app.service, None).await;
    let path = format!("/v1/invocations/{}/settle", call["id"].as_str().unwrap());
    let settle = json!({"status": "succeeded", "note": "Looked it up."});
    two.post_there(&path, settle).await.expect(200);
    let heard = until_the_end(&mut here).await;
    assert_eq!(heard.len(), 1);
    assert!(heard[0].data.contains("Good news"), "{}", heard[0].data);
    // And the next message at either node knows how it stands.
    two.app.models.reply("You are welcome.");
    two.say_here("Thanks").await.expect(200);
    let asked = two.app.models.last_request().body.to_string();
    assert!(asked.contains("Good news"), "{asked}");
}

#[tokio::test]
async fn a_report_to_another_node_is_told_to_who_listens() {
    let Some(two) = Two::of(callbacks::refund()).await else {
        return;
    };
    let pending = Reply::json(202, &json!({"success": true}));
    two.app.webhook.reply(pending);
    two.app
        .models
        .call("request_refund", json!({"order_number": "ORD-1"}))
        .reply("I've started the refund.");
    two.say_here("I want my money back for ORD-1")
        .await
        .expect(200);
    let mut here = two.listen(&two.app.service, None).await;
    let mut there = two.listen(&two.other, None).await;
    let path = callbacks::callback(&two.app);
    let done = json!({"success": true, "result": {"amount": "20 EUR"}});
    two.post_there(&path, done.clone()).await.expect(200);
    for listening in [&mut here, &mut there] {
        let heard = until_the_end(listening).await;
        assert_eq!(heard.len(), 1);
        assert!(heard[0].data.contains("20 EUR"), "{}", heard[0].data);
    }
    // The same report at the first node changes nothing and is not an error.
    let again = callbacks::report(&two.app, &path, done).await;
    assert_eq!(again.expect(200), json!({"status": "completed"}));
    let other = json!({"success": false, "error": "No"});
    let refused = callbacks::report(&two.app, &path, other).await;
    assert_eq!(refused.problem(409), "callback_conflict");
}
