//! What a server that has stopped leaves behind, and how the next one goes on with it.

mod back;
mod circuit;
mod left;
mod schedules;

use std::time::Duration;

use deskhand_domain::clock::Clock;
use deskhand_domain::id::NodeId;
use deskhand_domain::invocation::InvocationStatus;
use deskhand_store::NodeStore;
use deskhand_testkit::model_server::Script;
use deskhand_testkit::{Reply, SeededEntropy, TestApp, id};
use serde_json::{Value, json};

use self::left::{Left, ORDER};

fn success() -> Reply {
    Reply::json(
        200,
        &json!({"success": true, "result": {"status": "shipped"}}),
    )
}

fn reply(transcript: &Value) -> &str {
    transcript["messages"][1]["text"].as_str().unwrap()
}

#[tokio::test]
async fn a_message_that_nobody_answered_is_answered() {
    let app = TestApp::start().await;
    let (left, _) = Left::with(&app, json!({})).await;
    app.models.reply("It has shipped.");
    let transcript = left.recovered().await;
    assert_eq!(reply(&transcript), "It has shipped.");
    assert_eq!(transcript["turns"][0]["status"], "completed");
    assert_eq!(app.models.requests().len(), 1);
}

#[tokio::test]
async fn what_was_only_intended_is_sent() {
    let app = TestApp::start().await;
    let (left, action) = Left::with(&app, json!({})).await;
    let call = left.call(&action, InvocationStatus::Intended).await;
    app.webhook.reply(success());
    app.models.reply("It has shipped.");
    let transcript = left.recovered().await;
    assert_eq!(reply(&transcript), "It has shipped.");
    let calls = transcript["invocations"].as_array().unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["status"], "succeeded");
    let sent = app.webhook.requests();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].header("webhook-id"), Some(&*call.to_string()));
    assert_eq!(transcript["turns"][0]["model_calls"], 2);
}

#[tokio::test]
async fn what_was_being_sent_is_not_sent_again() {
    let app = TestApp::start().await;
    let (left, action) = Left::with(&app, json!({})).await;
    left.call(&action, InvocationStatus::Sending).await;
    app.models.reply("All done!");
    let transcript = left.recovered().await;
    assert!(reply(&transcript).contains("can't confirm"), "{transcript}");
    let call = &transcript["invocations"][0];
    assert_eq!(call["status"], "unknown");
    assert_eq!(call["failure"]["code"], "interrupted");
    assert!(!call["sent_at"].is_null());
    assert!(app.webhook.requests().is_empty());
}

#[tokio::test]
async fn what_was_being_sent_is_sent_again_under_its_key_where_that_is_harmless() {
    for nature in [json!({"idempotent": true}), json!({"effect": "read"})] {
        let app = TestApp::start().await;
        let (left, action) = Left::with(&app, nature).await;
        let call = left.call(&action, InvocationStatus::Sending).await;
        app.webhook.reply(success());
        app.models.reply("It has shipped.");
        let transcript = left.recovered().await;
        assert_eq!(reply(&transcript), "It has shipped.");
        assert_eq!(transcript["invocations"][0]["status"], "succeeded");
        let sent = app.webhook.requests();
        assert_eq!(sent.len(), 1);
        let key = format!("\"{call}\"");
        assert_eq!(sent[0].header("idempotency-key"), Some(&*key));
    }
}

#[tokio::test]
async fn a_send_after_a_crash_that_fails_proves_nothing_of_the_first() {
    let app = TestApp::start().await;
    let (left, action) = Left::with(&app, json!({"idempotent": true})).await;
    left.call(&action, InvocationStatus::Sending).await;
    app.webhook.reply(Reply::json(400, &json!({})));
    app.models.reply("That failed.");
    let transcript = left.recovered().await;
    assert!(reply(&transcript).contains("can't confirm"), "{transcript}");
    let call = &transcript["invocations"][0];
    assert_eq!(call["status"], "unknown");
    assert_eq!(call["failure"]["code"], "interrupted");
}

#[tokio::test]
async fn what_was_intended_is_not_sent_if_the_action_has_been_changed() {
    let app = TestApp::start().await;
    let (left, action) = Left::with(&app, json!({})).await;
    left.call(&action, InvocationStatus::Intended).await;
    let path = format!("/v1/actions/{}", id(&action));
    let change = json!({"display_name": "Look up an order"});
    app.patch(&path, change).await.expect(200);
    app.models.reply("All done!");
    let transcript = left.recovered().await;
    let call = &transcript["invocations"][0];
    assert_eq!(call["status"], "failed");
    assert_eq!(call["failure"]["code"], "interrupted");
    assert!(call["sent_at"].is_null());
    assert!(!reply(&transcript).contains("All done"), "{transcript}");
    assert!(app.webhook.requests().is_empty());
}

#[tokio::test]
async fn a_turn_that_nobody_expects_any_more_is_ended() {
    let app = TestApp::start().await;
    let (left, action) = Left::with(&app, json!({})).await;
    left.call(&action, InvocationStatus::Intended).await;
    app.clock.advance(Duration::from_secs(11 * 60));
    let transcript = left.recovered().await;
    assert_eq!(transcript["turns"][0]["stop_reason"], "interrupted");
    assert_eq!(transcript["invocations"][0]["status"], "failed");
    assert!(app.models.requests().is_empty() && app.webhook.requests().is_empty());
}

#[tokio::test]
async fn a_turn_that_brings_its_servers_down_is_ended() {
    let app = TestApp::start().await;
    let (left, _) = Left::with(&app, json!({})).await;
    for n in 0..3 {
        let node = NodeId::new(app.clock.now(), &SeededEntropy::new(n));
        let now = app.clock.now();
        let taken = app.store.take_over(node, now, 10).await.unwrap();
        assert_eq!(taken.turns.len(), 1);
    }
    let agent = format!("/v1/agents/{}", left.agent);
    let own_words = json!({"fallback_message": "Sorry, our till is down."});
    app.patch(&agent, own_words).await.expect(200);
    let transcript = left.recovered().await;
    assert_eq!(transcript["turns"][0]["stop_reason"], "interrupted");
    assert_eq!(reply(&transcript), "Sorry, our till is down.");
    assert!(app.models.requests().is_empty());
}

#[tokio::test]
async fn the_next_message_waits_for_a_turn_that_is_gone_on_with() {
    let app = TestApp::start().await;
    let (left, _) = Left::with(&app, json!({})).await;
    let path = format!("/v1/agents/{}/chat", left.agent);
    let next = json!({"message": "Hello?", "conversation_id": left.conversation});
    app.models.reply("It has shipped.").reply("Yes?");
    let recover = async {
        crate::settle().await;
        left.recovered().await
    };
    let (answer, _) = tokio::join!(app.post(&path, next), recover);
    assert_eq!(answer.expect(200)["reply"], "Yes?");
    let second = app.models.last_request();
    assert!(second.body.to_string().contains("It has shipped."));
}

#[tokio::test]
async fn a_server_that_lost_its_turn_says_nothing_and_answers_with_what_is_stored() {
    let app = TestApp::start().await;
    let shop = app.shop(json!({})).await;
    app.models
        .call("check_order_status", json!({"order_number": ORDER}))
        .reply("Here it is!")
        .reply("Somebody else's words.");
    // It is answered when a second request has come, which is made below.
    app.webhook.reply(success().after_requests(2));
    app.webhook.otherwise(success());
    let say = shop.try_to_say("Where is ORD-12345?");
    let taken = async {
        app.webhook.wait_for_requests(1).await;
        let other = app.another_node();
        other.recover().await.unwrap();
        // The other one has ended the turn by now, or soon will.
        loop {
            let listed = app.get("/v1/conversations").await.expect(200);
            let path = format!("/v1/conversations/{}", id(&listed["data"][0]));
            let transcript = app.get(&path).await.expect(200);
            if transcript["turns"][0]["status"] != "running" {
                break;
            }
        }
        let action = app.get("/v1/actions").await.expect(200)["data"][0].clone();
        let path = format!("/v1/actions/{}/test", id(&action));
        let run = json!({"parameters": {"order_number": "A-1"}});
        app.post(&path, run).await.expect(200);
    };
    let (answer, ()) = tokio::join!(say, taken);
    let answer = answer.expect(200);
    let reply = answer["reply"].as_str().unwrap();
    assert!(reply.contains("can't confirm"), "{answer}");
    assert_eq!(answer["invocations"][0]["status"], "unknown");
    let path = format!(
        "/v1/conversations/{}",
        answer["conversation_id"].as_str().unwrap()
    );
    let transcript = app.get(&path).await.expect(200);
    assert_eq!(transcript["messages"].as_array().unwrap().len(), 2);
    assert_eq!(transcript["messages"][1]["text"], reply);
}

#[tokio::test]
async fn a_client_that_asks_again_gets_the_answer_of_the_turn_that_was_gone_on_with() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    app.models.script(Script::Hang);
    let path = format!("/v1/agents/{}/chat", id(&agent));
    let headers = [
        (
            "authorization",
            "Bearer test-admin-key-0123456789-0123456789",
        ),
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let body = json!({"message": "Hi"}).to_string().into_bytes();
    let ask = || app.send_raw("POST", &path, &headers, body.clone());
    tokio::select! {
        _ = ask() => panic!("answered too early"),
        () = app.models.arrived(1) => {}
    }
    app.models.script(Script::Hang);
    let first = app.another_node();
    first.recover().await.unwrap();
    app.models.arrived(2).await;
    assert_eq!(ask().await.problem(409), "idempotency_in_progress");
    app.models.reply("Hello!");
    // The lease of the second one runs out.
    app.clock.advance(Duration::from_secs(21));
    app.another_node().recover().await.unwrap();
    let answer = loop {
        let answer = ask().await;
        if answer.status != 409 {
            break answer.expect(200);
        }
    };
    assert_eq!(answer["reply"], "Hello!");
    assert_eq!(
        app.get("/v1/conversations").await.expect(200)["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn listeners_are_told_to_forget_what_was_shown() {
    let app = TestApp::start().await;
    let (left, _) = Left::with(&app, json!({})).await;
    let other = app.another_node();
    let mut listening = other
        .listen(left.workspace, left.conversation, None, false)
        .await
        .unwrap();
    app.models.reply("It has shipped.");
    other.recover().await.unwrap();
    let mut names = Vec::new();
    while let Some(event) = listening.next().await {
        names.push(event.name);
        if event.is_last() {
            break;
        }
    }
    assert_eq!(names[..2], ["turn.started", "message.reset"]);
    assert_eq!(names.last(), Some(&"message.completed"));
}
