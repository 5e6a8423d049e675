//! Idempotency-Keys across nodes, restarts and lost connections, and the routes that take one.

use std::collections::BTreeSet;

use deskhand_service::Service;
use deskhand_testkit::{ADMIN_KEY, Answer, Reply, Server, TestApp, id, pages, request};
use serde_json::{Value, json};

/// POST routes without a key, each with the reason why asking twice does no harm.
const WITHOUT: &[(&str, &str)] = &[
    ("/v1/actions/check", "changes nothing"),
    ("/v1/actions/preview", "changes nothing"),
    ("/v1/models/test", "asks a model and keeps nothing"),
    ("/v1/setup", "its token works once"),
    ("/v1/session", "signs in: another session is another one"),
    ("/v1/session/link", "its token works once"),
    ("/v1/invitations/accept", "its token works once"),
    (
        "/v1/widget/sessions",
        "a visit is kept nowhere but with the visitor",
    ),
    (
        "/v1/callbacks/{token}",
        "the same body again is answered as before",
    ),
];

/// A route that is added takes a key, or is listed above.
#[test]
fn every_post_takes_a_key_or_says_why_not() {
    let document = deskhand_http::openapi();
    let mut without = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some(post) = methods.get("post") else {
            continue;
        };
        let parameters = post["parameters"].as_array();
        let takes = parameters.is_some_and(|parameters| {
            let key = |parameter: &Value| parameter["name"] == "Idempotency-Key";
            parameters.iter().any(key)
        });
        if !takes {
            without.insert(path.as_str());
        }
    }
    let listed: BTreeSet<&str> = WITHOUT.iter().map(|(path, _)| *path).collect();
    let missing: Vec<_> = without.difference(&listed).collect();
    assert!(missing.is_empty(), "{missing:?} take no Idempotency-Key");
}

/// A server on another port, with this service behind it.
async fn server(service: Service) -> Server {
    Server::start(service, pages()).await
}

async fn post(server: std::net::SocketAddr, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {ADMIN_KEY}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let body = body.to_string().into_bytes();
    request(server, "POST", path, &headers, body).await
}

fn is_replay(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

#[tokio::test]
async fn another_node_gives_the_stored_answer() {
    let app = TestApp::start().await;
    let other = server(app.another_node()).await;
    let body = json!({"name": "Once"});
    let first = post(app.address(), "/v1/agents", &body).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let again = post(other.address, "/v1/agents", &body).await;
    assert!(is_replay(&again));
    assert_eq!(again.text, first.text);
    let another = post(other.address, "/v1/agents", &json!({"name": "Two"})).await;
    assert_eq!(another.problem(422), "idempotency_key_reused");
}

#[tokio::test]
async fn a_later_run_on_the_same_database_gives_the_stored_answer() {
    let app = TestApp::start().await;
    let action = app.order_action(json!({}));
    let first = post(app.address(), "/v1/actions", &action).await;
    let service = app.another_process().await;
    service.recover().await.unwrap();
    let later = server(service).await;
    let again = post(later.address, "/v1/actions", &action).await;
    assert!(is_replay(&again));
    // With the secret that is shown once.
    assert!(again.body["signing_secret"].is_string());
    assert_eq!(again.text, first.text);
}

#[tokio::test]
async fn another_node_sees_that_the_work_goes_on() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    let other = server(app.another_node()).await;
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.reply(yes.after_requests(2));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("Shipped.");
    let chat = format!("/v1/agents/{}/chat", talk.agent);
    let ask = json!({"message": "Where is A-1?"});
    let there = async {
        app.webhook.wait_for_requests(1).await;
        let running = post(other.address, &chat, &ask).await;
        assert_eq!(running.problem(409), "idempotency_in_progress");
        // The call ends only when one more has come in.
        let actions = app.get("/v1/actions").await.expect(200);
        let test = format!("/v1/actions/{}/test", id(&actions["data"][0]));
        let run = json!({"parameters": {"order_number": "B-2"}});
        app.post(&test, run).await.expect(200);
        running.body
    };
    let (first, running) = tokio::join!(post(app.address(), &chat, &ask), there);
    for field in ["conversation_id", "turn_id"] {
        assert_eq!(running[field], first.body[field]);
    }
    let again = post(other.address, &chat, &ask).await;
    assert!(is_replay(&again));
    assert_eq!(again.expect(200)["reply"], "Shipped.");
}

#[tokio::test]
async fn a_chat_whose_connection_is_lost_gets_its_first_answer_and_no_second_turn() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.reply(yes.after_requests(2));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("Shipped.");
    let chat = format!("/v1/agents/{}/chat", talk.agent);
    let ask = json!({"message": "Where is A-1?"});
    tokio::select! {
        _ = post(app.address(), &chat, &ask) => panic!("answered too early"),
        () = app.webhook.wait_for_requests(1) => {}
    }
    crate::settle().await;
    let running = post(app.address(), &chat, &ask).await;
    assert_eq!(running.problem(409), "idempotency_in_progress");
    let actions = app.get("/v1/actions").await.expect(200);
    let test = format!("/v1/actions/{}/test", id(&actions["data"][0]));
    let run = json!({"parameters": {"order_number": "B-2"}});
    app.post(&test, run).await.expect(200);
    let answer = loop {
        let answer = post(app.address(), &chat, &ask).await;
        if answer.status != 409 {
            break answer;
        }
    };
    assert!(is_replay(&answer));
    let answer = answer.expect(200);
    assert_eq!(answer["reply"], "Shipped.");
    for field in ["conversation_id", "turn_id"] {
        assert_eq!(answer[field], running.body[field]);
    }
    assert_eq!(app.models.requests().len(), 2);
    let list = app.get("/v1/conversations").await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_server_that_lost_the_claim_of_a_waiting_message_has_it_sent_again() {
    let app = TestApp::start().await;
    let talk = app.shop(json!({})).await;
    let chat = format!("/v1/agents/{}/chat", talk.agent);
    app.models.reply("Hello!");
    let first = app.post(&chat, json!({"message": "Hi"})).await.expect(200);
    let say = |text: &str| json!({"message": text, "conversation_id": first["conversation_id"]});
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.reply(yes.clone().after_requests(2));
    app.webhook.otherwise(yes);
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}));
    let goodbye = say("Goodbye");
    let taken = async {
        app.webhook.wait_for_requests(1).await;
        let let_go = async {
            while !app
                .get("/metrics")
                .await
                .text
                .contains("messages_waiting 1")
            {}
            // Takes the first for dead, and gives the key of its waiting message back.
            app.another_node().recover().await.unwrap();
            // The first one's call ends only when one more has come in.
            let actions = app.get("/v1/actions").await.expect(200);
            let test = format!("/v1/actions/{}/test", id(&actions["data"][0]));
            let run = json!({"parameters": {"order_number": "B-2"}});
            app.post(&test, run).await.expect(200);
        };
        tokio::join!(post(app.address(), &chat, &goodbye), let_go).0
    };
    let (_, lost) = tokio::join!(app.post(&chat, say("Where is A-1?")), taken);
    assert_eq!(lost.problem(409), "idempotency_in_progress");
    app.models.reply("Goodbye!");
    let again = post(app.address(), &chat, &goodbye).await.expect(200);
    assert_eq!(again["reply"], "Goodbye!");
    let conversation = first["conversation_id"].as_str().unwrap();
    let path = format!("/v1/conversations/{conversation}");
    let transcript = app.get(&path).await.expect(200);
    assert_eq!(transcript["turns"].as_array().unwrap().len(), 3);
}
