//! Requests sent again under the same Idempotency-Key.

use std::time::Duration;

use deskhand_domain::workspace::Scope;
use deskhand_testkit::model_server::Script;
use deskhand_testkit::{ADMIN_KEY, Answer, Reply, TestApp, id};
use serde_json::{Value, json};

async fn post_as(app: &TestApp, bearer: &str, key: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {bearer}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    app.send_raw("POST", path, &headers, body.to_string().into_bytes())
        .await
}

pub(crate) async fn post(app: &TestApp, key: &str, path: &str, body: &Value) -> Answer {
    post_as(app, ADMIN_KEY, key, path, body).await
}

pub(crate) fn is_replay(answer: &Answer) -> bool {
    match answer.header("idempotency-replayed") {
        Some(value) => value == "true",
        None => false,
    }
}

/// The same again is the same answer, marked as a replay.
async fn assert_replays(app: &TestApp, key: &str, path: &str, body: &Value, first: &Answer) {
    let again = post(app, key, path, body).await;
    assert_eq!(
        (again.status, &again.text),
        (first.status, &first.text),
        "{path}"
    );
    assert!(!is_replay(first) && is_replay(&again), "{path}");
    assert_eq!(
        again.header("content-type"),
        first.header("content-type"),
        "{path}"
    );
    assert_eq!(again.header("cache-control"), Some("no-store"), "{path}");
}

#[tokio::test]
async fn every_post_that_creates_or_sends_is_carried_out_once() {
    let app = TestApp::start().await;
    let agent = json!({"name": "Once"});
    let first = post(&app, "k", "/v1/agents", &agent).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_replays(&app, "k", "/v1/agents", &agent, &first).await;

    let action = app.order_action(json!({}));
    let made = post(&app, "k", "/v1/actions", &action).await;
    assert!(
        made.body["signing_secret"]
            .as_str()
            .unwrap()
            .starts_with("whsec_")
    );
    assert_replays(&app, "k", "/v1/actions", &action, &made).await;

    let secret = format!("/v1/actions/{}/secret", id(&made.body));
    let rotated = post(&app, "k", &secret, &json!({})).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text);
    assert_replays(&app, "k", &secret, &json!({}), &rotated).await;

    let test = format!("/v1/actions/{}/test", id(&made.body));
    let run = json!({"parameters": {"order_number": "A-1"}});
    let ran = post(&app, "k", &test, &run).await;
    assert_eq!(ran.status, 200, "{}", ran.text);
    assert_replays(&app, "k", &test, &run, &ran).await;
    assert_eq!(app.webhook.requests().len(), 1);

    let key = json!({"name": "CI", "scope": "read"});
    let new = post(&app, "k", "/v1/keys", &key).await;
    assert!(new.body["key"].as_str().unwrap().starts_with("dhk_"));
    assert_replays(&app, "k", "/v1/keys", &key, &new).await;

    app.models.reply("Hello!");
    let chat = format!("/v1/agents/{}/chat", id(&first.body));
    let hi = json!({"message": "Hi"});
    let answer = post(&app, "k", &chat, &hi).await;
    assert_eq!(answer.body["reply"], "Hello!");
    assert_replays(&app, "k", &chat, &hi, &answer).await;
    assert_eq!(app.models.requests().len(), 1);
    for path in ["/v1/agents", "/v1/actions", "/v1/conversations"] {
        let list = app.get(path).await.expect(200);
        assert_eq!(list["data"].as_array().unwrap().len(), 1, "{path}");
    }
}

#[tokio::test]
async fn both_forms_of_the_header_are_one_key() {
    let app = TestApp::start().await;
    let body = json!({"name": "Once"});
    let first = post(&app, "\"8e03978e\"", "/v1/agents", &body).await;
    assert_replays(&app, "8e03978e", "/v1/agents", &body, &first).await;
}

#[tokio::test]
async fn a_header_that_is_no_key_is_refused() {
    let app = TestApp::start().await;
    for key in ["", "a b", "\"open", &"k".repeat(256)] {
        let answer = post(&app, key, "/v1/agents", &json!({"name": "No"})).await;
        assert_eq!(answer.wrong_fields(), ["Idempotency-Key"], "{key:?}");
    }
    assert_eq!(app.get("/v1/agents").await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn the_same_fields_in_another_order_are_the_same_body() {
    let app = TestApp::start().await;
    let one = json!({"name": "Once", "instructions": "Be kind."});
    let two = json!({"instructions": "Be kind.", "name": "Once"});
    let first = post(&app, "k", "/v1/agents", &one).await;
    assert_replays(&app, "k", "/v1/agents", &two, &first).await;
}

#[tokio::test]
async fn another_body_is_refused() {
    let app = TestApp::start().await;
    post(&app, "k", "/v1/agents", &json!({"name": "One"}))
        .await
        .expect(201);
    let other = post(&app, "k", "/v1/agents", &json!({"name": "Two"})).await;
    assert_eq!(other.problem(422), "idempotency_key_reused");
    let list = app.get("/v1/agents").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_refusal_gives_the_key_back() {
    let app = TestApp::start().await;
    app.action(json!({})).await;
    let taken = app.order_action(json!({}));
    let refused = post(&app, "k", "/v1/actions", &taken).await;
    assert_eq!(refused.problem(409), "name_taken");
    let mended = app.order_action(json!({"name": "other"}));
    post(&app, "k", "/v1/actions", &mended).await.expect(201);
}

#[tokio::test]
async fn a_key_is_one_workspaces_and_one_routes() {
    let app = TestApp::start().await;
    let (_, elsewhere) = app.workspace("Other").await;
    let body = json!({"name": "Once"});
    let here = post(&app, "k", "/v1/agents", &body).await.expect(201);
    let there = post_as(&app, &elsewhere, "k", "/v1/agents", &body).await;
    assert!(!is_replay(&there));
    assert_ne!(there.expect(201)["id"], here["id"]);
    let second = app.agent(json!({})).await;
    let hi = json!({"message": "Hi"});
    for (agent, reply) in [(&here, "One"), (&second, "Two")] {
        app.models.reply(reply);
        let path = format!("/v1/agents/{}/chat", id(agent));
        assert_eq!(
            post(&app, "k", &path, &hi).await.expect(200)["reply"],
            reply
        );
    }
}

#[tokio::test]
async fn who_may_not_ask_is_told_no_answer_given_before() {
    let app = TestApp::start().await;
    let body = json!({"name": "CI", "scope": "admin"});
    post(&app, "k", "/v1/keys", &body).await.expect(201);
    let reader = app
        .key(app.first_workspace().await, Scope::Read, |_| {})
        .await;
    let refused = post_as(&app, &reader, "k", "/v1/keys", &body).await;
    assert_eq!(refused.problem(403), "forbidden");
    let refused = post_as(&app, "nobody", "k", "/v1/keys", &body).await;
    assert_eq!(refused.problem(401), "unauthorized");
}

#[tokio::test]
async fn an_answer_is_kept_for_24_hours() {
    let app = TestApp::start().await;
    let body = json!({"name": "Once"});
    let first = post(&app, "k", "/v1/agents", &body).await;
    app.clock.advance(Duration::from_secs(24 * 3600 - 10));
    assert_replays(&app, "k", "/v1/agents", &body, &first).await;
    app.clock.advance(Duration::from_secs(10));
    let later = post(&app, "k", "/v1/agents", &body).await;
    assert_ne!(later.expect(201)["id"], first.body["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_exactly_one_works() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    talk.conversation = None;
    // The call ends only when one more request has come in, which is made below.
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.reply(yes.after_requests(2));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("Shipped.");
    let path = format!("/v1/agents/{}/chat", talk.agent);
    let body = json!({"message": "Where is A-1?"});
    let release = async {
        app.webhook.wait_for_requests(1).await;
        let turn = post(&app, "k", &path, &body).await;
        assert_eq!(turn.problem(409), "idempotency_in_progress");
        let actions = app.get("/v1/actions").await.expect(200);
        let test = format!("/v1/actions/{}/test", id(&actions["data"][0]));
        let run = json!({"parameters": {"order_number": "B-2"}});
        app.post(&test, run).await.expect(200);
        turn.body
    };
    let twenty = futures_util::future::join_all((0..20).map(|_| post(&app, "k", &path, &body)));
    let (answers, running) = tokio::join!(twenty, release);
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|a| a.status == 200);
    let worked: Vec<_> = done.iter().filter(|answer| !is_replay(answer)).collect();
    let [worked] = worked.as_slice() else {
        panic!("{} did the work", worked.len());
    };
    assert!(done.iter().all(|answer| answer.text == worked.text));
    for answer in &refused {
        assert_eq!(answer.problem(409), "idempotency_in_progress");
    }
    for field in ["conversation_id", "turn_id"] {
        assert_eq!(running[field], worked.body[field]);
    }
    assert_eq!(app.models.requests().len(), 2);
    let list = app.get("/v1/conversations").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn after_a_crash_a_retry_makes_no_second_turn() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({"name": "Shop"})).await;
    app.models.script(Script::Hang);
    let path = format!("/v1/agents/{}/chat", id(&agent));
    let hi = json!({"message": "Hi"});
    tokio::select! {
        _ = post(&app, "k", &path, &hi) => panic!("answered too early"),
        () = app.models.arrived(1) => {}
    }
    let running = post(&app, "k", &path, &hi).await;
    assert_eq!(running.problem(409), "idempotency_in_progress");
    // What a server does that starts on the database of one that has stopped.
    app.models.reply("Hello!");
    app.another_node().recover().await.unwrap();
    let answer = loop {
        let answer = post(&app, "k", &path, &hi).await;
        if answer.status != 409 {
            break answer;
        }
    };
    assert!(is_replay(&answer));
    let answer = answer.expect(200);
    assert_eq!(answer["reply"], "Hello!");
    for field in ["conversation_id", "turn_id"] {
        assert_eq!(answer[field], running.body[field]);
    }
    let path = format!(
        "/v1/conversations/{}",
        answer["conversation_id"].as_str().unwrap()
    );
    let transcript = app.get(&path).await.expect(200);
    assert_eq!(transcript["turns"].as_array().unwrap().len(), 1);
    assert_eq!(transcript["messages"][1]["text"], answer["reply"]);
    assert_eq!(app.models.requests().len(), 2);
}

/// The events of a stream: name and data.
fn events(answer: &Answer) -> Vec<(String, Value)> {
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let blocks = answer
        .text
        .split("\n\n")
        .filter(|block| block.contains("event:"));
    let field = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().to_owned()
    };
    blocks
        .map(|block| {
            let data = serde_json::from_str(&field(block, "data:")).unwrap();
            (field(block, "event:"), data)
        })
        .collect()
}

#[tokio::test]
async fn a_stream_is_replayed_as_its_first_and_last_event() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    app.models.reply("Hello!");
    let path = format!("/v1/agents/{}/chat", id(&agent));
    let hi = json!({"message": "Hi", "stream": true});
    let first = events(&post(&app, "k", &path, &hi).await);
    assert_eq!(first[0].0, "turn.started");
    // The stream's last event may come before its answer is stored.
    let again = loop {
        let again = post(&app, "k", &path, &hi).await;
        if again.status != 409 {
            break again;
        }
    };
    assert!(is_replay(&again));
    let again = events(&again);
    let (begun, ended) = (first.first().unwrap(), first.last().unwrap());
    assert_eq!(again, [begun.clone(), ended.clone()]);
    assert_eq!(ended.0, "message.completed");
    assert_eq!(ended.1["reply"], "Hello!");
    assert_eq!(app.models.requests().len(), 1);
    let plain = post(&app, "k", &path, &json!({"message": "Hi"})).await;
    assert_eq!(plain.problem(422), "idempotency_key_reused");
}

#[tokio::test]
async fn a_stream_that_cannot_begin_gives_the_key_back() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    let path = format!("/v1/agents/{}/chat", id(&agent));
    let lost = json!({"message": "Hi", "stream": true, "conversation_id": "conv_nowhere"});
    assert_eq!(
        post(&app, "k", &path, &lost).await.problem(404),
        "not_found"
    );
    app.models.reply("Hello!");
    let hi = json!({"message": "Hi", "stream": true});
    let answer = post(&app, "k", &path, &hi).await;
    assert_eq!(events(&answer).last().unwrap().0, "message.completed");
}
