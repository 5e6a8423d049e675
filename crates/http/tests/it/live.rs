//! Replies as they are written, and conversations as they happen.

use std::time::Duration;

use deskhand_testkit::model_server::Script;
use deskhand_testkit::{Answer, Reply, Talk, TestApp, id};
use serde_json::{Value, json};

/// One event of a stream.
#[derive(Debug)]
struct Event {
    name: String,
    id: String,
    data: Value,
}

fn events(answer: &Answer) -> Vec<Event> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    answer
        .text
        .split("\n\n")
        .filter(|block| !block.is_empty() && !block.starts_with(':'))
        .map(|block| {
            let field = |name: &str| {
                let line = block.lines().find_map(|line| line.strip_prefix(name));
                line.unwrap_or_default().trim_start().to_owned()
            };
            Event {
                name: field("event:"),
                id: field("id:"),
                data: serde_json::from_str(&field("data:")).unwrap(),
            }
        })
        .collect()
}

fn names(events: &[Event]) -> Vec<&str> {
    let mut names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    names.dedup();
    names
}

/// What a reader shows in the end: the words since the last reset.
fn shown(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        match event.name.as_str() {
            "message.delta" => text.push_str(event.data["text"].as_str().unwrap()),
            "message.reset" => text.clear(),
            _ => {}
        }
    }
    text
}

async fn stream(app: &TestApp, talk: &Talk<'_>, message: &str) -> Answer {
    let body = json!({"message": message, "stream": true, "conversation_id": talk.conversation});
    app.post(&format!("/v1/agents/{}/chat", talk.agent), body)
        .await
}

#[tokio::test]
async fn a_streamed_turn_is_told_from_its_start_to_its_answer() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("It has shipped. It will arrive tomorrow.");
    let answer = stream(&app, &talk, "Where is A-1?").await;
    let events = events(&answer);
    assert_eq!(
        names(&events),
        [
            "turn.started",
            "action.started",
            "action.finished",
            "message.delta",
            "message.completed"
        ]
    );
    let last = &events.last().unwrap().data;
    assert_eq!(last["status"], "completed");
    assert_eq!(last["reply"], "It has shipped. It will arrive tomorrow.");
    assert_eq!(shown(&events), last["reply"]);
    let keys: Vec<_> = last
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "conversation_id",
            "turn_id",
            "status",
            "reply",
            "invocations",
            "confirmation"
        ]
    );
    assert_eq!(events[0].data["conversation_id"], last["conversation_id"]);
    assert_eq!(events[1].data["action"], "check_order_status");
    assert_eq!(events[2].data["status"], "succeeded");
    assert_eq!(events[2].data["id"], last["invocations"][0]["id"]);
    let mut ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
    ids.dedup();
    assert_eq!(ids.len(), events.len());
}

#[tokio::test]
async fn a_claim_over_a_failure_is_not_even_shown_in_passing() {
    for reply in [Reply::json(500, &json!({})), Reply::nothing().then_reset()] {
        let app = TestApp::start().await;
        let talk = app.shop(json!({})).await;
        app.webhook.reply(reply);
        app.models
            .call("check_order_status", json!({"order_number": "A-1"}))
            .reply("All done! Cancelled.");
        let answer = stream(&app, &talk, "Cancel A-1").await;
        assert!(!answer.text.contains("Cancelled"), "{}", answer.text);
        assert!(!answer.text.contains("All done"), "{}", answer.text);
        let events = events(&answer);
        assert_eq!(shown(&events), events.last().unwrap().data["reply"]);
    }
}

#[tokio::test]
async fn a_cut_model_stream_is_taken_back() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    app.models
        .script(Script::NoEnd("Your order has".to_owned()))
        .reply("It shipped.");
    let events = events(&stream(&app, &talk, "Hi").await);
    assert!(names(&events).contains(&"message.reset"), "{events:?}");
    assert_eq!(shown(&events), "It shipped.");
}

#[tokio::test]
async fn a_turn_without_a_model_ends_in_turn_failed_with_the_answer() {
    let app = TestApp::start().await;
    let talk = app
        .shop_with(json!({"fallback_message": "We are closed."}), [json!({})])
        .await;
    app.models.status(401, "no");
    let events = events(&stream(&app, &talk, "Hi").await);
    let last = events.last().unwrap();
    assert_eq!(last.name, "turn.failed");
    assert_eq!(
        (&last.data["status"], &last.data["reply"]),
        (&json!("failed"), &json!("We are closed."))
    );
    assert_eq!(shown(&events), "We are closed.");
}

/// Cut off behind any event and back only after the end: nothing is lost, and nothing comes twice.
#[tokio::test]
async fn whoever_comes_back_after_the_end_goes_on_where_it_was_cut_off() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .script(Script::NoEnd("It has".to_owned()))
        .reply("It has shipped. It will arrive tomorrow.");
    let whole = events(&stream(&app, &talk, "Where is A-1?").await);
    assert!(names(&whole).contains(&"message.reset"));
    let workspace = app.first_workspace().await;
    let conversation = whole[0].data["conversation_id"].as_str().unwrap();
    let conversation = conversation.parse().unwrap();
    let mut back = Vec::new();
    for event in &whole {
        let last = Some(event.id.parse().unwrap());
        let listening = app.service.listen(workspace, conversation, last, false);
        back.push(listening.await.unwrap());
    }
    // Behind the end comes what is said next, and no word of what has been.
    app.models.reply("You are welcome.");
    let mut talk = talk;
    talk.conversation = Some(conversation.to_string());
    let next = talk.say("Thanks").await;
    for (at, listening) in back.iter_mut().enumerate() {
        for expected in &whole[at + 1..] {
            let event = listening.next().await.unwrap();
            assert_eq!(event.id.to_string(), expected.id, "cut behind {at}");
            assert_eq!(event.name, expected.name);
            let data: Value = serde_json::from_str(&event.data).unwrap();
            assert_eq!(data, expected.data);
        }
        let event = listening.next().await.unwrap();
        assert_eq!(event.name, "turn.started");
        assert_eq!(next["turn_id"], event.id.turn_id.to_string());
    }
}

#[tokio::test]
async fn what_is_wrong_before_the_turn_begins_is_an_ordinary_problem() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    assert_eq!(stream(&app, &talk, "").await.wrong_fields(), ["message"]);
    let nobody = Talk::new(&app, "agt_00000000000000000000000000");
    assert_eq!(stream(&app, &nobody, "Hi").await.problem(404), "not_found");
}

#[tokio::test]
async fn the_intent_is_stored_before_the_request_arrives() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.reply(yes.after_requests(2));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}));
    let look = async {
        app.webhook.wait_for_requests(1).await;
        let invocation = app.last_invocation().await;
        assert_eq!(invocation["status"], "sending");
        assert!(invocation["sent_at"].is_string());
        assert_eq!(
            app.webhook.requests()[0].header("webhook-id"),
            invocation["id"].as_str()
        );
        let path = format!(
            "/v1/conversations/{}",
            invocation["conversation_id"].as_str().unwrap()
        );
        let transcript = app.get(&path).await.expect(200);
        assert_eq!(transcript["turns"][0]["status"], "running");
        assert_eq!(transcript["messages"][0]["text"], "Where is A-1?");
        app.models
            .call("check_order_status", json!({"order_number": "B-2"}))
            .reply("Shipped.")
            .reply("Shipped.");
        Talk::new(&app, &talk.agent.clone())
            .say("Where is B-2?")
            .await;
    };
    let mut first = talk.clone();
    let (answer, ()) = tokio::join!(first.say("Where is A-1?"), look);
    assert_eq!(answer["invocations"][0]["status"], "succeeded");
    talk.conversation = first.conversation;
}

#[tokio::test]
async fn a_foreign_conversation_cannot_be_listened_to() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models.reply("Hello!");
    talk.say("Hi").await;
    let path = format!("/v1/conversations/{}/events", talk.conversation.unwrap());
    let (_, other) = app.workspace("Other").await;
    for (key, status) in [(None, 401), (Some(other.as_str()), 404)] {
        app.send_as(key, "GET", &path, Value::Null)
            .await
            .problem(status);
    }
    app.get("/v1/conversations/conv_x/events")
        .await
        .problem(404);
    app.get("/v1/conversations/%FF/events").await.problem(404);
}

/// Reads a stream for as long as it goes on, at most for five minutes.
async fn followed(reading: impl Future<Output = Answer>) -> Option<Answer> {
    tokio::time::timeout(Duration::from_secs(300), reading)
        .await
        .ok()
}

#[tokio::test]
async fn whoever_would_not_be_let_in_any_more_hears_no_more() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    app.models.reply("Hello!");
    talk.say("Hi").await;
    let conversation = talk.conversation.clone().unwrap();
    let events = format!("/v1/conversations/{conversation}/events");
    for path in [events.as_str(), "/v1/live"] {
        let made = app
            .post("/v1/keys", json!({"name": "k", "scope": "read"}))
            .await;
        let made = made.expect(201);
        let key = made["key"].as_str().unwrap();
        let mut reading = std::pin::pin!(app.send_as(Some(key), "GET", path, Value::Null));
        tokio::time::pause();
        assert!(followed(reading.as_mut()).await.is_none(), "{path}");
        tokio::time::resume();
        let revoked = app.delete(&format!("/v1/keys/{}", id(&made))).await;
        assert_eq!(revoked.status, 204, "{}", revoked.text);
        tokio::time::pause();
        let ended = followed(reading).await;
        tokio::time::resume();
        let ended = ended.expect("the stream goes on");
        assert_eq!(ended.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_server_that_stops_says_that_the_message_is_kept() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    app.models.script(Script::Hang);
    let stop = async {
        app.models.arrived(1).await;
        app.service.hand_over();
    };
    let (answer, ()) = tokio::join!(talk.try_to_say("Where is A-1?"), stop);
    assert_eq!(answer.problem(409), "conversation_busy");
    let conversation = answer.body["conversation_id"].as_str().unwrap();
    let kept = app
        .get(&format!("/v1/conversations/{conversation}"))
        .await
        .expect(200);
    assert_eq!(kept["messages"][0]["text"], "Where is A-1?");
    assert_eq!(kept["turns"][0]["id"], answer.body["turn_id"]);
}

#[tokio::test]
async fn a_server_without_its_database_is_alive_but_not_ready() {
    let app = TestApp::start().await;
    app.service.shut_down().await;
    assert_eq!(app.get("/healthz").await.status, 200);
    assert_eq!(app.get("/readyz").await.problem(503), "not_ready");
    let answer = app.get("/v1/agents").await;
    assert_eq!(answer.problem(503), "database_unavailable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_turn_that_is_over_at_once_is_told_all_the_same() {
    let app = TestApp::start().await;
    let agent = json!({"model": "builtin"});
    let talk = app.shop_with(agent, [json!({})]).await;
    let streams = (0..25).map(|_| stream(&app, &talk, "Hello"));
    for answer in futures_util::future::join_all(streams).await {
        let events = events(&answer);
        let told = ["turn.started", "message.delta", "message.completed"];
        assert_eq!(names(&events), told);
    }
}
