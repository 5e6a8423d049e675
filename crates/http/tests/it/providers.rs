//! The model provider: what it is asked, and what happens when it fails.

use deskhand_testkit::model_server::Script;
use deskhand_testkit::{Reply, TestApp};
use serde_json::json;

#[tokio::test]
async fn a_model_is_tried_three_times_then_the_fallback_model_then_the_fallback_message() {
    let app = TestApp::start().await;
    let agent =
        json!({"fallback_model": "openai::spare", "fallback_message": "We are closed. Call 555."});
    let mut talk = app.shop_with(agent, [json!({})]).await;
    for _ in 0..6 {
        app.models.too_many("0");
    }
    let answer = talk.say("Hi").await;
    assert_eq!(answer["status"], "failed");
    assert_eq!(answer["reply"], "We are closed. Call 555.");
    let asked: Vec<_> = app
        .models
        .requests()
        .iter()
        .map(|r| r.body["model"].clone())
        .collect();
    assert_eq!(asked, ["test", "test", "test", "spare", "spare", "spare"]);
    let turn = &talk.transcript().await["turns"][0];
    assert_eq!(turn["stop_reason"], "model_unavailable");
    assert!(
        turn["stop_detail"].as_str().unwrap().contains("429"),
        "{turn}"
    );

    // The conversation goes on afterwards.
    app.models.too_many("0").too_many("0").reply("I'm back.");
    assert_eq!(talk.hear("Hello?").await, "I'm back.");
}

#[tokio::test]
async fn a_fallback_model_answers_where_the_first_does_not() {
    let app = TestApp::start().await;
    let mut talk = app
        .shop_with(json!({"fallback_model": "openai::spare"}), [json!({})])
        .await;
    app.models.status(401, "bad key").reply("I'm the spare.");
    let answer = talk.say("Hi").await;
    assert_eq!(
        (&answer["status"], &answer["reply"]),
        (&json!("completed"), &json!("I'm the spare."))
    );
    assert_eq!(app.models.requests().len(), 2);
}

#[tokio::test]
async fn half_an_answer_is_never_kept() {
    for broken in [
        Script::Cut("Your order has".to_owned()),
        Script::NoEnd("Your order has".to_owned()),
        Script::ErrorMidStream("Your order has".to_owned()),
    ] {
        let app = TestApp::start().await;
        let mut talk = app.shop(json!({})).await;
        app.models.script(broken).reply("It shipped.");
        assert_eq!(talk.hear("Hi").await, "It shipped.");
    }
}

#[tokio::test]
async fn without_words_of_its_own_the_fallback_is_polite_with_a_way_on() {
    let app = TestApp::start().await;
    let agent = json!({"fallback_contact": "help@shop.example"});
    let mut talk = app.shop_with(agent, [json!({})]).await;
    app.models.status(401, "secret internals");
    let reply = talk.hear("Hi").await;
    assert!(
        reply.contains("sorry") && reply.contains("help@shop.example"),
        "{reply}"
    );
    assert!(
        !reply.contains("401") && !reply.contains("internals"),
        "{reply}"
    );
}

#[tokio::test]
async fn what_was_done_before_the_model_failed_is_told() {
    let app = TestApp::start().await;
    let mut talk = app
        .shop_with(json!({"fallback_message": "We are closed."}), [json!({})])
        .await;
    let shipped = json!({"success": true, "result": {"status": "shipped", "days": 2}});
    app.webhook.reply(Reply::json(200, &shipped));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .status(401, "no");
    let answer = talk.say("Where is A-1?").await;
    assert_eq!(answer["status"], "failed");
    let reply = answer["reply"].as_str().unwrap();
    assert!(
        reply.contains("shipped") && reply.contains("We are closed."),
        "{reply}"
    );
}

#[tokio::test]
async fn an_empty_answer_is_a_failure_of_the_model() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    for _ in 0..3 {
        app.models.reply("");
    }
    let answer = talk.say("Hi").await;
    assert_eq!(answer["status"], "failed");
    assert!(!answer["reply"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn a_model_that_repeats_its_call_ids_is_understood() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    for number in ["A-1", "B-2"] {
        let arguments = json!({"order_number": number}).to_string();
        app.models
            .calls_with_ids([("call_0", "check_order_status", arguments.as_str())])
            .reply("Shipped.");
        talk.say(&format!("Where is {number}?")).await;
    }
    assert_eq!(app.webhook.requests().len(), 2);
}

#[tokio::test]
async fn an_agent_may_have_a_model_of_its_own() {
    let app = TestApp::start().await;
    let mut talk = app
        .shop_with(json!({"model": "openai::special/one:7b"}), [json!({})])
        .await;
    app.models.reply("Hello!");
    talk.say("Hi").await;
    assert_eq!(app.models.last_request().body["model"], "special/one:7b");
}

#[tokio::test]
async fn the_model_is_given_the_instructions_and_the_contact_but_no_address() {
    let app = TestApp::start().await;
    let agent = json!({"instructions": "Always greet in verse."});
    let contact = json!({"id": "cus_1", "name": "Ada", "timezone": "Asia/Tokyo"});
    let mut talk = app.shop_with(agent, [json!({})]).await.with(contact);
    app.models.reply("Hello!");
    talk.say("Hi").await;
    let text = app.models.last_request().body.to_string();
    assert!(
        text.contains("Always greet in verse.") && text.contains("Ada"),
        "{text}"
    );
    assert!(text.contains("21:00"), "{text}");
    assert!(
        !text.contains("127.0.0.1") && !text.contains("/orders"),
        "{text}"
    );
}

/// Counts that no sum could hold would keep turns from being stored, and the statistics from being read.
#[tokio::test]
async fn tokens_beyond_belief_keep_no_turn_from_its_end() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    let usage = json!({"prompt_tokens": u64::MAX, "completion_tokens": u64::MAX});
    let chunk = json!({
        "choices": [{"delta": {"content": "Hello!"}, "finish_reason": "stop"}], "usage": usage
    });
    let path = format!("/v1/agents/{}/chat", talk.agent);
    for _ in 0..3 {
        app.models
            .script(Script::Raw(format!("data: {chunk}\n\ndata: [DONE]\n\n")));
        let answer = app.post(&path, json!({"message": "Hi"})).await.expect(200);
        assert_eq!(answer["reply"], "Hello!");
    }
    app.get("/v1/statistics").await.expect(200);
}
