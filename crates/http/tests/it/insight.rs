//! Trials, and what happens inside a turn.

use deskhand_domain::workspace::Scope;
use deskhand_testkit::{Answer, Reply, Talk, TestApp, id};
use serde_json::{Value, json};

/// The names and data of a stream's events.
fn events(answer: &Answer) -> Vec<(String, Value)> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let field = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim_start().to_owned()
    };
    answer
        .text
        .split("\n\n")
        .filter(|block| block.contains("event:"))
        .map(|block| {
            let data = serde_json::from_str(&field(block, "data:")).unwrap();
            (field(block, "event:"), data)
        })
        .collect()
}

async fn chat(app: &TestApp, talk: &Talk<'_>, body: Value) -> Answer {
    let path = format!("/v1/agents/{}/chat", talk.agent);
    app.post(&path, body).await
}

fn asks_for(order: &str) -> Value {
    json!({"order_number": order})
}

#[tokio::test]
async fn a_test_conversation_sends_calls_that_say_so() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    app.models
        .call("check_order_status", asks_for("A-1"))
        .reply("Shipped.");
    let body = json!({"message": "Where is A-1?", "mode": "test"});
    let answer = chat(&app, &talk, body).await.expect(200);
    let call = &app.webhook.requests()[0];
    assert_eq!(call.header("deskhand-test"), Some("true"));
    assert_eq!(app.last_invocation().await["test"], true);
    let conversation = answer["conversation_id"].as_str().unwrap();
    let path = format!("/v1/conversations/{conversation}");
    assert_eq!(app.get(&path).await.expect(200)["mode"], "test");
    let trials = app.get("/v1/conversations?mode=test").await.expect(200);
    assert_eq!(trials["data"][0]["id"], conversation);
    let live = app.get("/v1/conversations?mode=live").await.expect(200);
    assert_eq!(live["data"], json!([]));
}

#[tokio::test]
async fn a_mock_conversation_sends_nothing() {
    let app = TestApp::start().await;
    let mock = json!({"success": false, "error": "Order not found"});
    let talk = app.shop(json!({"mock_response": mock})).await;
    app.models
        .call("check_order_status", asks_for("A-1"))
        .reply("I could not find it.");
    let body = json!({"message": "Where is A-1?", "mode": "mock"});
    let answer = chat(&app, &talk, body).await.expect(200);
    assert_eq!(answer["invocations"][0]["status"], "declined");
    assert!(app.webhook.requests().is_empty());
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["error"], "Order not found");
    assert_eq!(invocation["attempts"], json!([]));
    assert_eq!(invocation["sent_at"], Value::Null);
    assert_eq!(invocation["test"], true);
}

#[tokio::test]
async fn without_a_mock_response_it_succeeds_with_a_warning_and_once() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    let call = ("check_order_status", asks_for("A-1"));
    app.models
        .call(call.0, call.1.clone())
        .call(call.0, call.1)
        .reply("Done.");
    let body = json!({"message": "Where is A-1?", "mode": "mock"});
    let answer = chat(&app, &talk, body).await.expect(200);
    // The second is the same call: what answered the first answers it.
    assert_eq!(answer["invocations"].as_array().unwrap().len(), 1);
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["status"], "succeeded");
    assert_eq!(invocation["warnings"], json!(["no_mock_response"]));
}

#[tokio::test]
async fn a_conversation_keeps_its_mode() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    app.models.reply("Hello!").reply("Hello again!");
    let first = chat(&app, &talk, json!({"message": "Hi", "mode": "mock"})).await;
    let conversation = first.expect(200)["conversation_id"].clone();
    for mode in ["live", "test"] {
        let body = json!({"message": "Hi", "conversation_id": conversation, "mode": mode});
        let refused = chat(&app, &talk, body).await;
        assert_eq!(refused.problem(409), "mode_mismatch", "{mode}");
    }
    let body = json!({"message": "Hi", "conversation_id": conversation, "mode": "mock"});
    chat(&app, &talk, body).await.expect(200);
}

#[tokio::test]
async fn trials_and_the_look_inside_are_the_owners() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let workspace = app.first_workspace().await;
    let chatting = app.key(workspace, Scope::Chat, |_| {}).await;
    let reading = app.key(workspace, Scope::Read, |_| {}).await;
    let path = format!("/v1/agents/{}/chat", talk.agent);
    for more in [
        json!({"mode": "test"}),
        json!({"mode": "mock"}),
        json!({"trace": true, "stream": true}),
    ] {
        let mut body = json!({"message": "Hi"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = app.send_as(Some(&chatting), "POST", &path, body).await;
        assert_eq!(answer.problem(403), "forbidden", "{more}");
    }
    app.models.reply("Hello!");
    talk.say("Hi").await;
    let path = format!("/v1/conversations/{}", talk.conversation.unwrap());
    let inside = async |key: &str| {
        let view = app.send_as(Some(key), "GET", &path, Value::Null).await;
        view.expect(200)["turns"][0]["trace"].clone()
    };
    assert_eq!(inside(&chatting).await, Value::Null);
    assert_eq!(inside(&reading).await.as_array().unwrap().len(), 1);
    let events = format!("{path}/events?trace=true");
    let refused = app.send_as(Some(&chatting), "GET", &events, Value::Null);
    assert_eq!(refused.await.problem(403), "forbidden");
    let typo = format!("{path}/events?tracing=true");
    assert_eq!(app.get(&typo).await.wrong_fields(), ["tracing"]);
}

#[tokio::test]
async fn a_traced_turn_tells_what_happens_inside_and_keeps_it() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({"idempotent": true})).await;
    for (status, answer) in [
        (503, json!({})),
        (200, json!({"success": true, "result": {}})),
    ] {
        app.webhook.reply(Reply::json(status, &answer));
    }
    app.models
        .call("check_order_status", json!({}))
        .call("check_order_status", asks_for("A-1"))
        .reply("Shipped.");
    let body = json!({"message": "Where is A-1?", "stream": true, "trace": true});
    let told = events(&chat(&app, &talk, body).await);
    let inside: Vec<_> = told
        .iter()
        .filter(|(name, _)| name.starts_with("trace."))
        .collect();
    let names: Vec<&str> = inside.iter().map(|(name, _)| name.as_str()).collect();
    let in_order = [
        "trace.model",
        "trace.call",
        "trace.model",
        "trace.call",
        "trace.attempt",
        "trace.attempt",
        "trace.model",
    ];
    assert_eq!(names, in_order);
    let (first, refused) = (&inside[0].1, &inside[1].1);
    assert_eq!(
        (&first["n"], &first["outcome"]),
        (&json!(1), &json!("calls"))
    );
    assert_eq!(first["model"], "openai::test");
    assert_eq!(refused["verdict"], "refused");
    assert_eq!(refused["fields"][0]["path"], "/order_number");
    assert_eq!(refused["fields"][0]["problem"], "missing");
    let (run, attempt) = (&inside[3].1, &inside[4].1);
    assert_eq!(run["verdict"], "run");
    assert_eq!(run["parameters"], asks_for("A-1"));
    assert_eq!(run["provenance"][0]["source"], "message");
    assert_eq!(attempt["invocation_id"], run["invocation_id"]);
    assert_eq!(
        (&attempt["number"], &attempt["status"]),
        (&json!(1), &json!(503))
    );
    assert_eq!(attempt["url_host"], "127.0.0.1");
    assert_eq!(inside[6].1["outcome"], "reply");

    let conversation = told.last().unwrap().1["conversation_id"].clone();
    let path = format!("/v1/conversations/{}", conversation.as_str().unwrap());
    let view = app.get(&path).await.expect(200);
    let kept = view["turns"][0]["trace"].as_array().unwrap();
    let kinds: Vec<&str> = kept.iter().map(|e| e["kind"].as_str().unwrap()).collect();
    let names: Vec<&str> = in_order
        .iter()
        .map(|name| &name["trace.".len()..])
        .collect();
    assert_eq!(kinds, names);
    for (entry, (_, event)) in kept.iter().zip(inside) {
        let mut entry = entry.clone();
        entry.as_object_mut().unwrap().remove("kind");
        assert_eq!(&entry, event);
    }
}

#[tokio::test]
async fn without_asking_nothing_of_the_inside_is_told() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    app.models
        .call("check_order_status", asks_for("A-1"))
        .reply("Shipped.");
    let body = json!({"message": "Where is A-1?", "stream": true});
    let answer = chat(&app, &talk, body).await;
    assert!(!answer.text.contains("trace."), "{}", answer.text);
}

#[tokio::test]
async fn every_decision_on_a_call_is_named() {
    let app = TestApp::start().await;
    let verified = json!({"name": "cancel_order", "requires_verified_contact": true});
    let talk = app.shop_with(json!({}), [json!({}), verified]).await;
    app.models
        .calls([
            ("check_order_status", asks_for("A-1")),
            ("check_order_status", asks_for("A-1")),
            ("cancel_order", asks_for("A-1")),
            ("make_coffee", json!({})),
        ])
        .reply("Shipped.");
    let body = json!({"message": "Where is A-1?"});
    let answer = chat(&app, &talk, body).await.expect(200);
    let path = format!(
        "/v1/conversations/{}",
        answer["conversation_id"].as_str().unwrap()
    );
    let view = app.get(&path).await.expect(200);
    let trace = view["turns"][0]["trace"].as_array().unwrap();
    let calls: Vec<&Value> = trace.iter().filter(|one| one["kind"] == "call").collect();
    let mut verdicts: Vec<(&str, &str)> = calls
        .iter()
        .map(|call| {
            let text = |name: &str| call[name].as_str().unwrap();
            (text("action"), text("verdict"))
        })
        .collect();
    verdicts.sort_unstable();
    assert_eq!(
        verdicts,
        [
            ("cancel_order", "refused"),
            ("check_order_status", "repeated"),
            ("check_order_status", "run"),
            ("make_coffee", "unknown_action"),
        ]
    );
    let by = |verdict: &str| {
        calls
            .iter()
            .find(|call| call["verdict"] == verdict)
            .unwrap()
    };
    assert_eq!(by("refused")["code"], "not_verified");
    assert_eq!(by("repeated")["invocation_id"], by("run")["invocation_id"]);
    assert_eq!(by("unknown_action")["invocation_id"], Value::Null);
}

#[tokio::test]
async fn a_model_that_gives_no_answer_is_in_the_trace_with_the_one_asked_instead() {
    let app = TestApp::start().await;
    let agent = json!({"fallback_model": "builtin"});
    let talk = app.shop_with(agent, [json!({})]).await;
    app.models.status(401, "no");
    let answer = chat(&app, &talk, json!({"message": "Hello"}))
        .await
        .expect(200);
    let path = format!(
        "/v1/conversations/{}",
        answer["conversation_id"].as_str().unwrap()
    );
    let view = app.get(&path).await.expect(200);
    let trace = view["turns"][0]["trace"].as_array().unwrap();
    let asked: Vec<_> = trace
        .iter()
        .map(|one| {
            (
                one["n"].clone(),
                one["model"].clone(),
                one["outcome"].clone(),
            )
        })
        .collect();
    assert_eq!(
        asked,
        [
            (json!(1), json!("openai::test"), json!("error")),
            (json!(2), json!("builtin"), json!("reply")),
        ]
    );
    assert!(trace[0]["error"].as_str().unwrap().contains("401"));
}

#[tokio::test]
async fn changes_are_told_to_whoever_watches_the_workspace() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let mut watching = app.service.watch(app.first_workspace().await, None);
    app.models
        .call("check_order_status", asks_for("A-1"))
        .reply("Shipped.");
    let answer = talk.say("Where is A-1?").await;
    let mut told = Vec::new();
    for _ in 0..5 {
        let event = watching.next().await.unwrap();
        let data = serde_json::to_value(&event).unwrap();
        told.push((event.name(), data["status"].clone()));
        if event.name() == "invocation.changed" {
            assert_eq!(data["id"], answer["invocations"][0]["id"]);
            assert_eq!(data["conversation_id"], answer["conversation_id"]);
        } else {
            assert_eq!(data["id"], answer["conversation_id"]);
            assert_eq!(data["agent_id"], talk.agent.as_str());
        }
    }
    let invocation = |status| ("invocation.changed", json!(status));
    let conversation = ("conversation.changed", Value::Null);
    assert_eq!(
        told,
        [
            conversation.clone(),
            invocation("intended"),
            invocation("sending"),
            invocation("succeeded"),
            conversation
        ]
    );
}

#[tokio::test]
async fn a_watcher_is_let_go_when_the_server_stops() {
    let app = TestApp::start().await;
    app.service.let_listeners_go();
    let answer = app.get("/v1/live").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
}

#[tokio::test]
async fn lists_are_searched() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.webhook.reply(Reply::json(
        200,
        &json!({"success": false, "error": "Lost at sea"}),
    ));
    app.models
        .call("check_order_status", asks_for("A-1"))
        .reply("It is lost.");
    let answer = talk.say("Where is A-1?").await;
    let found = async |path: &str| {
        let rows = app.get(path).await.expect(200)["data"].clone();
        let rows = rows.as_array().unwrap().clone();
        rows.iter()
            .map(|row| id(row).to_owned())
            .collect::<Vec<_>>()
    };
    let conversation = answer["conversation_id"].as_str().unwrap();
    let invocation = id(&answer["invocations"][0]);
    for query in ["q=where+is", "q=it%20is%20lost", "status=completed", "q="] {
        let path = format!("/v1/conversations?{query}");
        assert_eq!(found(&path).await, [conversation], "{query}");
    }
    for query in ["q=lost%20at%20sea", "q=a-1", "test=false"] {
        let path = format!("/v1/invocations?{query}");
        assert_eq!(found(&path).await, [invocation], "{query}");
    }
    for path in [
        "/v1/conversations?q=nothing",
        "/v1/conversations?status=failed",
        "/v1/invocations?q=nothing",
        "/v1/invocations?test=true",
    ] {
        assert!(found(path).await.is_empty(), "{path}");
    }
    for path in [
        "/v1/conversations?mode=x",
        "/v1/conversations?status=x",
        "/v1/invocations?test=x",
    ] {
        assert_eq!(app.get(path).await.wrong_fields().len(), 1, "{path}");
    }
}
