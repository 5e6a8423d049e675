//! Who hears of an end, and how.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use deskhand_testkit::{DnsReply, Reply, TestApp};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{begin, callback, refund, report, said, shop, told};
use crate::grounding::sends;

#[tokio::test]
async fn whoever_listens_hears_the_follow_up_at_once_and_whoever_comes_back_hears_it_too() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    let begun = begin(&app, &mut talk).await;
    let workspace = app.first_workspace().await;
    let conversation = talk.conversation.as_deref().unwrap().parse().unwrap();
    let mut listening = app
        .service
        .listen(workspace, conversation, None, false)
        .await
        .unwrap();
    report(&app, &callback(&app), json!({"success": true}))
        .await
        .expect(200);
    let heard = listening.next().await.unwrap();
    assert_eq!((heard.name, heard.is_last()), ("message.completed", true));
    let data: Value = serde_json::from_str(&heard.data).unwrap();
    assert_eq!(
        data["reply"],
        "Good news: “Request refund” (ORD-1) is done."
    );
    assert_eq!(data["status"], "completed");
    assert_eq!(data["invocations"][0]["status"], "completed");
    assert_eq!(data["turn_id"], heard.id.turn_id.to_string());
    assert_ne!(data["turn_id"], begun["turn_id"]);
    drop(listening);

    let last = format!("{}.end", begun["turn_id"].as_str().unwrap());
    let last = Some(last.parse().unwrap());
    let mut back = app
        .service
        .listen(workspace, conversation, last, false)
        .await
        .unwrap();
    let again = back.next().await.unwrap();
    assert_eq!((again.id, again.data), (heard.id, heard.data));

    // Where it is no longer at hand as it happened.
    let mut back = app
        .another_node()
        .listen(workspace, conversation, last, false)
        .await
        .unwrap();
    let mut missed = Vec::new();
    for _ in 0..2 {
        missed.push(back.next().await.unwrap());
    }
    assert_eq!(missed[0].name, "turn.started");
    let data: Value = serde_json::from_str(&missed[1].data).unwrap();
    assert_eq!(
        data["reply"],
        "Good news: “Request refund” (ORD-1) is done."
    );
    assert_eq!(data["invocations"][0]["status"], "completed");
}

#[tokio::test]
async fn an_end_that_comes_while_its_turn_runs_is_heard_right_after_the_reply() {
    const HOST: &str = "shop.example.com";
    let app = TestApp::start().await;
    let here = || vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
    app.dns.script(HOST, vec![DnsReply::Addresses(here())]);
    let slow = format!("https://{HOST}:{}/orders", app.webhook.address().port());
    let look_up = json!({"name": "check_order_status", "effect": "read", "webhook_url": slow});
    let mut talk = app.shop_with(json!({}), [refund(), look_up]).await;
    let looked_up = Arc::new(Notify::new());
    app.dns
        .script(HOST, vec![DnsReply::When(looked_up.clone(), here())]);
    let (accepted, found) = (
        json!({"success": true, "status": "pending"}),
        json!({"success": true}),
    );
    app.webhook.reply(Reply::json(200, &accepted));
    app.webhook.reply(Reply::json(200, &found));
    let order = json!({"order_number": "ORD-1"});
    app.models
        .calls([
            ("request_refund", order.clone()),
            ("check_order_status", order),
        ])
        .reply("I've started the refund, it is not finished yet.");
    let meanwhile = async {
        let begun = async || {
            let listed = app.get("/v1/invocations?status=accepted").await.expect(200);
            listed["data"].as_array().unwrap().len()
        };
        while begun().await == 0 {
            tokio::task::yield_now().await;
        }
        report(&app, &callback(&app), json!({"success": true}))
            .await
            .expect(200);
        looked_up.notify_one();
    };
    let mut first = talk.clone();
    let (answer, ()) = tokio::join!(first.say("Refund ORD-1, and where is it?"), meanwhile);
    talk.conversation = first.conversation;
    let reply = "I've started the refund, it is not finished yet.";
    assert_eq!(answer["reply"], reply);
    assert_eq!(answer["invocations"][0]["status"], "accepted");
    assert_eq!(
        said(&talk).await[1..],
        [
            format!("agent: {reply}"),
            "agent: Good news: “Request refund” (ORD-1) is done.".to_owned(),
        ]
    );
}

#[tokio::test]
async fn is_it_done_yet_is_answered_without_another_call() {
    let app = TestApp::start().await;
    let mut talk = shop(&app).await;
    begin(&app, &mut talk).await;
    // A model that asks again all the same is told how it stands.
    app.models
        .call("request_refund", json!({"order_number": "ORD-1"}))
        .reply("Not yet.");
    let waiting = talk.say("Is the refund for ORD-1 done yet?").await;
    assert_eq!(waiting["invocations"][0]["status"], "accepted");
    assert_eq!(told(&app)[1]["status"], "accepted");
    let done = json!({"success": true, "result": {"amount": "20 EUR", "margin": 3}});
    report(&app, &callback(&app), done).await.expect(200);
    app.models.reply("Yes, 20 EUR.");
    talk.say("And now?").await;
    let told = told(&app);
    for result in &told {
        assert_eq!(result["status"], "succeeded");
        assert_eq!(result["result"], json!({"amount": "20 EUR"}));
    }
    assert_eq!(app.webhook.requests().len(), 1);
}

#[tokio::test]
async fn the_built_in_model_answers_how_it_stands() {
    let app = TestApp::start().await;
    let mut talk = app.shop_with(json!({"model": "builtin"}), [refund()]).await;
    app.webhook
        .reply(Reply::json(202, &json!({"success": true})));
    let begun = talk.say("I want a refund of order ORD-12345").await;
    assert_eq!(begun["invocations"][0]["status"], "accepted");
    let path = callback(&app);
    report(&app, &path, json!({"progress": "The bank has been asked"}))
        .await
        .expect(200);
    for question in ["Is it done yet?", "Any news?"] {
        let waiting = talk.say(question).await;
        assert_eq!(waiting["invocations"], json!([]), "{waiting}");
        let reply = waiting["reply"].as_str().unwrap();
        assert!(reply.contains("The bank has been asked"), "{reply}");
    }
    let done = json!({"success": true, "result": {"amount": "20 EUR"}});
    report(&app, &path, done).await.expect(200);
    let after = talk.say("Is it done now?").await;
    assert_eq!(after["invocations"], json!([]));
    let reply = after["reply"].as_str().unwrap();
    assert!(reply.contains("20 EUR"), "{reply}");
    assert_eq!(app.webhook.requests().len(), 1);
    assert_eq!(said(&talk).await.len(), 9);
}

/// The model has shown it to the customer, as it shows what succeeded.
#[tokio::test]
async fn a_value_of_what_was_only_accepted_passes() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({"long_running": true})).await;
    let begun = json!({"success": true, "status": "pending", "result": {"case": "C-77"}});
    app.webhook.otherwise(Reply::json(200, &begun));
    for (message, number, passes) in [
        ("Where is ORD-1?", "ORD-1", true),
        ("And that case of yours?", "C-77", true),
        ("And the other one?", "C-78", false),
    ] {
        let sent = sends(&app, &mut talk, message, json!({"order_number": number})).await;
        assert_eq!(sent, passes, "{number}");
    }
}
