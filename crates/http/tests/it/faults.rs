//! A disk that is full, must not be written to, or is damaged.

use std::os::unix::fs::FileExt;

use deskhand_domain::secret::Secret;
use deskhand_store::{BadDisk, Store};
use deskhand_testkit::{ADMIN_KEY, Answer, Reply, Server, Talk, TestApp, id, pages, request};
use serde_json::{Value, json};

/// More transactions than a turn has.
const WRITES: usize = 12;

/// A shop on SQLite whose agent's model needs no script, and whose one action changes something.
async fn shop(app: &TestApp) -> Talk<'_> {
    app.shop_with(json!({"model": "builtin"}), [json!({})])
        .await
}

async fn send(app: &TestApp, path: &str, key: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {ADMIN_KEY}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    app.send_raw("POST", path, &headers, body.to_string().into_bytes())
        .await
}

/// The only conversation, once nothing runs in it any more.
async fn at_rest(app: &TestApp) -> Option<Value> {
    loop {
        app.service.recovery_round().await.unwrap();
        let listed = app.get("/v1/conversations").await.expect(200);
        let first = listed["data"].get(0)?;
        let talk = app.get(&format!("/v1/conversations/{}", id(first))).await;
        let talk = talk.expect(200);
        let turns = talk["turns"].as_array().unwrap();
        if turns.iter().all(|turn| turn["status"] != "running") {
            return Some(talk);
        }
        crate::settle().await;
    }
}

/// Whatever cannot be stored: nobody is told more than is known, and nothing is sent twice.
async fn from_the_nth_write_on(disk: BadDisk, after: usize) {
    let app = TestApp::start_on_sqlite().await;
    let talk = shop(&app).await;
    let yes = json!({"success": true, "result": {"status": "shipped"}});
    app.webhook.otherwise(Reply::json(200, &yes));
    app.service.recover().await.unwrap();
    let path = format!("/v1/agents/{}/chat", talk.agent);
    let body = json!({"message": "Where is my order ORD-12345?"});
    app.store.disk(Some(disk), after);
    let answer = send(&app, &path, "k", &body).await;
    let sent = app.webhook.requests().len();
    let about = format!(
        "{disk:?} after {after} writes, {sent} sent: {}",
        answer.text
    );
    match answer.status {
        200 => {
            let told = answer.body["reply"].as_str().unwrap();
            let status = answer.body["invocations"][0]["status"].as_str();
            assert!(
                !told.contains("shipped") || status == Some("succeeded"),
                "{about}"
            );
        }
        _ => {
            assert_eq!(answer.problem(503), "database_unavailable", "{about}");
            assert!(answer.header("retry-after").is_some());
        }
    }
    app.store.disk(None, 0);
    if let Some(talk) = at_rest(&app).await {
        for call in talk["invocations"].as_array().unwrap() {
            let stored = call["status"].as_str().unwrap();
            let settled = ["succeeded", "unknown", "failed"].contains(&stored);
            assert!(settled, "{about}\n{talk:#}");
            assert!(sent == 0 || stored != "failed", "{about}\n{talk:#}");
            if answer.status == 200 {
                assert_eq!(answer.body["reply"], talk["messages"][1]["text"], "{about}");
                assert_eq!(answer.body["invocations"][0]["status"], stored, "{about}");
            }
        }
    }
    // What a client does that was told to come back.
    let again = loop {
        let again = send(&app, &path, "k", &body).await;
        if again.status != 409 {
            break again;
        }
        app.service.recovery_round().await.unwrap();
        tokio::task::yield_now().await;
    };
    assert_eq!(again.status, 200, "{about}\n{}", again.text);
    assert!(app.webhook.requests().len() <= 1, "{about}");
    let talk = at_rest(&app).await.unwrap();
    assert_eq!(again.body["reply"], talk["messages"][1]["text"], "{about}");
    assert_eq!(
        talk["turns"].as_array().unwrap().len(),
        1,
        "{about}\n{talk:#}"
    );
    assert_eq!(
        talk["messages"].as_array().unwrap().len(),
        2,
        "{about}\n{talk:#}"
    );
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn at_every_write_of_a_turn_a_disk_may_become_read_only() {
    for after in 0..WRITES {
        from_the_nth_write_on(BadDisk::ReadOnly, after).await;
    }
}

#[tokio::test]
async fn a_full_disk_takes_no_message_and_keeps_what_it_took() {
    let app = TestApp::start_on_sqlite().await;
    let mut talk = shop(&app).await;
    let long = "I would like to tell you a story. ".repeat(200);
    // What was free in the file is used up by the first ones.
    for _ in 0..3 {
        talk.say(&long).await;
    }
    app.store.disk(Some(BadDisk::Full), 0);
    let refused = talk.try_to_say(&long).await;
    assert_eq!(refused.problem(503), "database_unavailable");
    assert_eq!(
        talk.transcript().await["messages"]
            .as_array()
            .unwrap()
            .len(),
        6
    );
    app.store.disk(None, 0);
    talk.say(&long).await;
    assert_eq!(
        talk.transcript().await["messages"]
            .as_array()
            .unwrap()
            .len(),
        8
    );
}

#[tokio::test]
async fn a_server_that_cannot_write_says_so_and_goes_on_when_it_can() {
    let app = TestApp::start_on_sqlite().await;
    let agent = json!({"name": "Once"});
    app.store.disk(Some(BadDisk::ReadOnly), 0);
    let answer = app.get("/readyz").await;
    assert_eq!(answer.problem(503), "not_ready");
    let detail = answer.body["detail"].as_str().unwrap();
    assert!(detail.contains("must not be written to"), "{detail}");
    assert_eq!(app.get("/healthz").await.status, 200);
    let refused = app.post("/v1/agents", agent.clone()).await;
    assert_eq!(refused.problem(503), "database_unavailable");
    assert!(refused.header("retry-after").is_some());
    // What only reads goes on.
    assert_eq!(app.get("/v1/agents").await.expect(200)["data"], json!([]));
    app.store.disk(None, 0);
    assert_eq!(app.get("/readyz").await.status, 200);
    app.post("/v1/agents", agent).await.expect(201);
}

#[tokio::test]
async fn a_request_that_the_disk_refused_is_carried_out_when_it_is_sent_again() {
    let app = TestApp::start_on_sqlite().await;
    let agent = json!({"name": "Once"});
    // The key is claimed; the agent cannot be stored, and the key cannot be given back at once.
    app.store.disk(Some(BadDisk::ReadOnly), 1);
    let refused = send(&app, "/v1/agents", "k", &agent).await;
    assert_eq!(refused.problem(503), "database_unavailable");
    app.store.disk(None, 0);
    let made = loop {
        let made = send(&app, "/v1/agents", "k", &agent).await;
        if made.status != 409 {
            break made;
        }
        assert_eq!(made.problem(409), "idempotency_in_progress");
        app.service.recovery_round().await.unwrap();
    };
    let made = made.expect(201);
    let again = send(&app, "/v1/agents", "k", &agent).await;
    assert_eq!(again.expect(201)["id"], made["id"]);
    let listed = app.get("/v1/agents").await.expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_that_cannot_be_kept_at_once_is_kept_later() {
    let app = TestApp::start_on_sqlite().await;
    let key = json!({"name": "CI", "scope": "read"});
    // The key is claimed and the API key made; then nothing can be written.
    app.store.disk(Some(BadDisk::ReadOnly), 2);
    let made = send(&app, "/v1/keys", "k", &key).await;
    assert_eq!(made.status, 201, "{}", made.text);
    app.store.disk(None, 0);
    let again = loop {
        let again = send(&app, "/v1/keys", "k", &key).await;
        if again.status != 409 {
            break again;
        }
        app.service.recovery_round().await.unwrap();
    };
    assert_eq!((again.status, &again.text), (201, &made.text));
    assert!(
        Secret::new(again.body["key"].as_str().unwrap())
            .expose()
            .starts_with("dhk_")
    );
}

#[tokio::test]
async fn work_of_a_server_that_died_before_its_answer_is_not_done_again() {
    let app = TestApp::start().await;
    let action = app.action(json!({})).await;
    let yes = Reply::json(200, &json!({"success": true}));
    app.webhook.reply(yes.after_requests(2));
    let path = format!("/v1/actions/{}/test", id(&action));
    let run = json!({"parameters": {"order_number": "A-1"}});
    tokio::select! {
        _ = send(&app, &path, "k", &run) => panic!("answered too early"),
        () = app.webhook.wait_for_requests(1) => {}
    }
    // What a server does that finds it dead.
    app.another_node().recover().await.unwrap();
    let again = send(&app, &path, "k", &run).await;
    assert_eq!(again.problem(409), "idempotency_answer_lost");
    assert_eq!(app.webhook.requests().len(), 1);
}

/// Overwrites everything but the first page of a database's file.
fn damage(app: &TestApp) {
    let path = app.directory().join("deskhand.db");
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    for page in 1..file.metadata().unwrap().len() / 4096 {
        file.write_all_at(&[0xa5; 4096], page * 4096).unwrap();
    }
}

#[tokio::test]
async fn what_a_damaged_page_held_is_refused_and_nothing_is_made_up() {
    let app = TestApp::start_on_sqlite().await;
    app.agent(json!({})).await;
    // Opened anew, so that nothing of the agent is anywhere but in the file.
    app.store.close().await;
    let service = app.another_process().await;
    let server = Server::start(service, pages()).await;
    damage(&app);
    let bearer = format!("Bearer {ADMIN_KEY}");
    let headers = [("authorization", bearer.as_str())];
    let answer = request(server.address, "GET", "/v1/agents", &headers, Vec::new()).await;
    assert_eq!(answer.problem(503), "database_unavailable");
    let answer = request(server.address, "GET", "/healthz", &[], Vec::new()).await;
    assert_eq!(answer.status, 200);
}
