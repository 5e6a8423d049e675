//! Budgets, replays, and calls side by side.

use std::time::Duration;

use deskhand_testkit::model_server::{Call, Script};
use deskhand_testkit::{Reply, Talk, TestApp};
use serde_json::{Value, json};

fn order(number: &str) -> (&'static str, Value) {
    ("check_order_status", json!({"order_number": number}))
}

fn statuses(answer: &Value) -> Vec<&str> {
    answer["invocations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect()
}

async fn turn(talk: &Talk<'_>) -> Value {
    let transcript = talk.transcript().await;
    transcript["turns"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn a_turn_has_five_calls_parallel_ones_included() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models
        .calls(["A-1", "A-2", "A-3", "A-4", "A-5", "A-6"].map(order));
    let answer = talk.say("A-1, A-2, A-3, A-4, A-5 and A-6, please").await;
    assert_eq!(app.webhook.requests().len(), 5);
    assert_eq!(answer["status"], "failed");
    assert_eq!(
        statuses(&answer),
        [
            "succeeded",
            "succeeded",
            "succeeded",
            "succeeded",
            "succeeded",
            "failed"
        ]
    );
    let reply = answer["reply"].as_str().unwrap();
    assert!(
        reply.contains("not everything you asked for is done"),
        "{reply}"
    );
    assert!(
        reply.ends_with(
            "Still to be done: \u{201c}Check order status\u{201d} (A-6). You can ask for the rest \
             in a little while."
        ),
        "{reply}"
    );
    assert_eq!(turn(&talk).await["stop_reason"], "call_budget");
    let list = app
        .get("/v1/invocations?failure_code=budget_exhausted")
        .await
        .expect(200);
    assert_eq!(list["data"][0]["parameters"]["order_number"], "A-6");
}

#[tokio::test]
async fn a_turn_has_five_calls_one_after_the_other_too() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    for number in ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6"] {
        app.models.calls([order(number)]);
    }
    talk.say("A-1, A-2, A-3, A-4, A-5 and A-6, please").await;
    assert_eq!(app.webhook.requests().len(), 5);
    assert_eq!(app.models.requests().len(), 6);
}

#[tokio::test]
async fn a_turn_has_eight_model_calls() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let (name, arguments) = order("A-1");
    app.models.always(Script::Answer {
        text: String::new(),
        calls: vec![Call {
            id: "same".to_owned(),
            name: name.to_owned(),
            arguments: arguments.to_string(),
        }],
    });
    app.webhook.otherwise(Reply::json(
        200,
        &json!({"success": true, "result": {"state": "shipped"}}),
    ));
    let answer = talk.say("Where is A-1?").await;
    assert_eq!(app.models.requests().len(), 8);
    assert_eq!(app.webhook.requests().len(), 1);
    assert_eq!(answer["status"], "failed");
    let reply = answer["reply"].as_str().unwrap();
    assert!(reply.contains("shipped"), "{reply}");
    let turn = turn(&talk).await;
    assert_eq!(
        (&turn["stop_reason"], &turn["model_calls"]),
        (&json!("model_call_budget"), &json!(8))
    );
}

#[tokio::test]
async fn a_conversation_has_fifty_calls_an_hour() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    for round in 0..10 {
        let numbers: Vec<String> = (0..5).map(|n| format!("A-{round}{n}")).collect();
        app.models
            .calls(numbers.iter().map(|number| order(number)))
            .reply("Done.");
        talk.say(&numbers.join(", ")).await;
    }
    assert_eq!(app.webhook.requests().len(), 50);
    app.models.calls([order("B-1")]);
    let answer = talk.say("And B-1").await;
    assert_eq!(statuses(&answer), ["failed"]);
    assert_eq!(answer["status"], "failed");
    assert_eq!(
        app.last_invocation().await["failure"]["code"],
        "budget_exhausted"
    );
    assert_eq!(app.webhook.requests().len(), 50);

    // Another conversation has its own.
    app.models.calls([order("B-1")]).reply("Done.");
    Talk::new(&app, &talk.agent).say("B-1").await;
    assert_eq!(app.webhook.requests().len(), 51);

    app.clock.advance(Duration::from_secs(3_600));
    app.models.calls([order("B-1")]).reply("Done.");
    assert_eq!(statuses(&talk.say("B-1 now?").await), ["succeeded"]);
}

#[tokio::test]
async fn parallel_calls_run_side_by_side() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    // Each is answered only once both have arrived.
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.otherwise(yes.after_requests(2));
    app.models
        .calls(["A-1", "A-2"].map(order))
        .reply("Both have shipped.");
    let answer = talk.say("A-1 and A-2?").await;
    assert_eq!(answer["reply"], "Both have shipped.");
    assert_eq!(statuses(&answer), ["succeeded", "succeeded"]);
}

#[tokio::test]
async fn results_go_back_to_the_calls_they_belong_to() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let result = |order: &str| json!({"success": true, "result": {"seen": order}});
    // The one that arrives first is answered last.
    app.webhook
        .reply(Reply::json(200, &result("first")).after_requests(2));
    app.webhook.reply(Reply::json(200, &result("second")));
    app.models
        .calls_with_ids([
            ("one", "check_order_status", r#"{"order_number": "A-1"}"#),
            ("bad", "check_order_status", "{"),
            ("two", "check_order_status", r#"{"order_number": "A-2"}"#),
        ])
        .reply("Done.");
    talk.say("A-1 and A-2?").await;
    let arrived: Vec<Value> = app.webhook.requests().iter().map(|r| r.json()).collect();
    let request = app.models.last_request();
    for number in ["A-1", "A-2"] {
        let mut calls = request.messages().iter().flat_map(|message| {
            let calls = message["tool_calls"].as_array();
            calls.into_iter().flatten()
        });
        let call = calls.find(|call| {
            let arguments = call["function"]["arguments"].as_str().unwrap();
            arguments.contains(number)
        });
        let id = &call.unwrap()["id"];
        let message = request
            .messages()
            .iter()
            .find(|m| m["tool_call_id"] == *id)
            .unwrap();
        let first = arrived[0]["parameters"]["order_number"] == number;
        let expected = if first { "first" } else { "second" };
        assert!(
            message["content"].as_str().unwrap().contains(expected),
            "{message}"
        );
    }
}

#[tokio::test]
async fn identical_parallel_calls_are_one_request_and_each_gets_the_result() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let twice = [
        (
            "check_order_status",
            json!({"order_number": "A-1", "customer_email": null}),
        ),
        ("check_order_status", json!({"order_number": "A-1"})),
    ];
    app.models.calls(twice).reply("Done.");
    let answer = talk.say("Where is A-1?").await;
    assert_eq!(app.webhook.requests().len(), 1);
    assert_eq!(statuses(&answer), ["succeeded"]);
    let request = app.models.last_request();
    let results: Vec<_> = request
        .messages()
        .iter()
        .filter(|m| m["role"] == "tool")
        .collect();
    assert_eq!(results.len(), 2);
    assert_eq!(results[0]["content"], results[1]["content"]);
}

#[tokio::test]
async fn an_identical_call_later_in_the_turn_is_replayed() {
    for reply in [
        Reply::json(200, &json!({"success": true, "result": {"n": 1}})),
        Reply::json(200, &json!({"success": false, "error": "No."})),
        Reply::json(500, &json!({})),
        Reply::nothing().then_reset(),
    ] {
        let app = TestApp::start().await;
        let mut talk = app.shop(json!({})).await;
        app.webhook.reply(reply);
        app.models
            .calls([order("A-1")])
            .calls([order("A-1")])
            .reply("Well.");
        let answer = talk.say("Where is A-1?").await;
        assert_eq!(app.webhook.requests().len(), 1);
        assert_eq!(statuses(&answer).len(), 1);
    }
}

#[tokio::test]
async fn what_was_provably_not_sent_may_be_tried_again_in_the_turn() {
    let closed = "127.0.0.1:1".parse().unwrap();
    let app = TestApp::start_with_exceptions(&[closed]).await;
    let mut talk = app
        .shop(json!({"webhook_url": "https://127.0.0.1:1/"}))
        .await;
    app.models
        .calls([order("A-1")])
        .calls([order("A-1")])
        .reply("Well.");
    let answer = talk.say("Where is A-1?").await;
    assert_eq!(statuses(&answer), ["failed", "failed"]);
    assert_ne!(
        answer["invocations"][0]["id"],
        answer["invocations"][1]["id"]
    );
}

#[tokio::test]
async fn what_is_unknown_is_not_sent_again_in_the_conversation() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.webhook.reply(Reply::nothing().then_reset());
    app.models.calls([order("A-1")]).reply("Done!");
    let first = talk.say("Cancel A-1").await;
    assert_eq!(statuses(&first), ["unknown"]);

    app.models.calls([order("A-1")]).reply("Done!");
    let second = talk.say("Did it work? Cancel A-1 again!").await;
    assert_eq!(app.webhook.requests().len(), 1);
    assert_eq!(
        second["invocations"][0]["id"],
        first["invocations"][0]["id"]
    );
    let reply = second["reply"].as_str().unwrap();
    assert!(reply.contains("can't confirm"), "{reply}");

    // Another call is another matter, and so is another conversation.
    app.models.calls([order("A-2")]).reply("Done.");
    assert_eq!(statuses(&talk.say("Then cancel A-2").await), ["succeeded"]);
    app.models.calls([order("A-1")]).reply("Done.");
    Talk::new(&app, &talk.agent).say("Cancel A-1").await;
    assert_eq!(app.webhook.requests().len(), 3);
}

#[tokio::test]
async fn a_later_turn_may_ask_for_the_same_again() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    for _ in 0..2 {
        app.models.calls([order("A-1")]).reply("Done.");
        talk.say("Where is A-1?").await;
    }
    assert_eq!(app.webhook.requests().len(), 2);
    let ids: Vec<_> = app
        .webhook
        .requests()
        .iter()
        .map(|request| request.header("webhook-id").unwrap().to_owned())
        .collect();
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_turn_has_180_seconds_and_ends_with_a_reply() {
    let app = TestApp::start().await;
    let slow = json!({"timeout_seconds": 120, "effect": "read"});
    let mut talk = app.shop(slow).await;
    app.webhook.otherwise(Reply::nothing().then_hang());
    app.models.calls([order("A-1")]).calls([order("A-2")]);
    let clock = async {
        app.webhook.wait_for_requests(1).await;
        crate::settle().await;
        app.let_pass(Duration::from_millis(120_001)).await;
        app.webhook.wait_for_requests(2).await;
        crate::settle().await;
        // The second call has only what the turn has left.
        app.let_pass(Duration::from_millis(60_001)).await;
    };
    let (answer, ()) = tokio::join!(talk.say("A-1 or A-2?"), clock);
    assert_eq!(statuses(&answer), ["failed", "failed"]);
    assert_eq!(answer["status"], "failed");
    assert_eq!(turn(&talk).await["stop_reason"], "time_budget");
    let reply = answer["reply"].as_str().unwrap();
    assert!(reply.contains("wasn't able to complete"), "{reply}");
}

#[tokio::test]
async fn a_day_has_so_many_tokens_and_then_no_model_is_asked() {
    let app = TestApp::start().await;
    // Every answer of the model server costs 120.
    let agent = json!({"daily_token_budget": 300, "fallback_message": "Back tomorrow."});
    let mut talk = app.shop_with(agent, [json!({})]).await;
    for _ in 0..3 {
        app.models.reply("Hello!");
        assert_eq!(talk.say("Hi").await["reply"], "Hello!");
    }
    let asked = app.models.requests().len();
    let answer = talk.say("Hi again").await;
    assert_eq!(answer["status"], "failed");
    assert_eq!(answer["reply"], "Back tomorrow.");
    assert_eq!(app.models.requests().len(), asked);
    let transcript = talk.transcript().await;
    let last = transcript["turns"].as_array().unwrap().last().unwrap();
    assert_eq!(last["stop_reason"], "token_budget");
    assert!(last["stop_detail"].as_str().unwrap().contains("300"));

    let raised = json!({"daily_token_budget": 1_000});
    app.patch(&format!("/v1/agents/{}", talk.agent), raised)
        .await
        .expect(200);
    app.models.reply("Here again.");
    assert_eq!(talk.say("And now?").await["reply"], "Here again.");
}
