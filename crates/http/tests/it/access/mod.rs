//! Who may do what, and whose things are whose.

mod table;

use std::collections::BTreeSet;
use std::time::Duration;

use deskhand_domain::workspace::Scope;
use deskhand_testkit::{ADMIN_KEY, TestApp, contract, id};
use serde_json::{Value, json};

use self::table::{Ids, one_of_each, routes};

fn takes_an_id(path: &str) -> bool {
    let alone = [
        "/v1/actions/check",
        "/v1/actions/preview",
        "/v1/models/test",
        "/v1/workspace/identity_secret",
    ];
    path.matches('/').count() > 2 && !alone.contains(&path)
}

/// What only an admin reads.
const ADMIN_READS: [&str; 3] = ["/v1/keys", "/v1/members", "/v1/invitations"];

fn only_an_admin_reads(path: &str) -> bool {
    ADMIN_READS.contains(&path)
        || path.starts_with("/v1/event_endpoints")
        || path.starts_with("/v1/deliveries")
}

/// Whether whoever may ask gets a stream that goes on for as long as the conversation may.
fn never_ends(path: &str) -> bool {
    path.ends_with("/events") || path == "/v1/live"
}

/// Everything in the first workspace as its admin sees it.
async fn everything(app: &TestApp, ids: &Ids) -> Vec<Value> {
    let mut all = Vec::new();
    for (method, path, _) in routes(app, ids) {
        if method == "GET" && !never_ends(&path) {
            // Without a period it would be another one each time.
            let path = match path.as_str() {
                "/v1/statistics" => {
                    format!("{path}?from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z")
                }
                _ => path,
            };
            all.push(app.get(&path).await.expect(200));
        }
    }
    all
}

/// The methods and paths of the description of the API, with `{}` for every id, but for
/// those that no key opens (see `accounts`). A route cannot be added without being described.
fn described() -> BTreeSet<(String, String)> {
    contract()
        .operations()
        .iter()
        .filter(|operation| !operation.scopes().is_empty())
        .map(|operation| {
            let path: Vec<&str> = operation
                .path
                .split('/')
                .map(|part| if part.starts_with('{') { "{}" } else { part })
                .collect();
            (operation.method.to_uppercase(), path.join("/"))
        })
        .collect()
}

/// A route that is added has to be added to the table, and so to every walk over it.
#[tokio::test]
async fn the_walks_miss_no_route() {
    let app = TestApp::start().await;
    let ids = Ids::all("{}");
    let walked: BTreeSet<(String, String)> = routes(&app, &ids)
        .into_iter()
        .map(|(method, path, _)| (method.to_owned(), path))
        .collect();
    assert_eq!(described(), walked);
}

#[tokio::test]
async fn without_a_key_every_route_is_401() {
    let app = TestApp::start().await;
    let ids = one_of_each(&app).await;
    let before = everything(&app, &ids).await;
    for key in [
        None,
        Some("nonsense"),
        Some(""),
        Some("dhk_0000000000000000000000"),
    ] {
        for (method, path, body) in routes(&app, &ids) {
            let answer = app.send_as(key, method, &path, body).await;
            assert_eq!(answer.problem(401), "unauthorized", "{method} {path}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    assert_eq!(everything(&app, &ids).await, before);
    for path in ["/healthz", "/readyz"] {
        let answer = app.send_as(None, "GET", path, Value::Null).await;
        assert_eq!(answer.expect(200), json!({"status": "ok"}));
    }
}

#[tokio::test]
async fn the_scheme_of_the_key_is_bearer_in_any_case() {
    let app = TestApp::start().await;
    for (header, status) in [
        (format!("Bearer {ADMIN_KEY}"), 200),
        (format!("bearer {ADMIN_KEY}"), 200),
        (format!("Basic {ADMIN_KEY}"), 401),
        (ADMIN_KEY.to_owned(), 401),
        ("Bearer".to_owned(), 401),
    ] {
        let answer = app
            .send_raw(
                "GET",
                "/v1/agents",
                &[("authorization", &header)],
                Vec::new(),
            )
            .await;
        assert_eq!(answer.status, status, "{header}");
    }
}

#[tokio::test]
async fn another_workspaces_ids_do_not_exist_and_nothing_happens_to_them() {
    let app = TestApp::start().await;
    let ids = one_of_each(&app).await;
    let before = everything(&app, &ids).await;
    let calls = app.webhook.requests().len();
    let (_, other) = app.workspace("Other").await;
    for (method, path, body) in routes(&app, &ids) {
        if takes_an_id(&path) {
            let answer = app.send_as(Some(&other), method, &path, body).await;
            assert_eq!(answer.problem(404), "not_found", "{method} {path}");
        } else if method == "GET" && !never_ends(&path) {
            let answer = app
                .send_as(Some(&other), method, &path, body)
                .await
                .expect(200);
            let rows = answer["data"].as_array().cloned().unwrap_or_default();
            // Of its own it has but the key it asks with.
            let own = usize::from(path == "/v1/keys");
            assert_eq!(rows.len(), own, "{path}");
        }
    }
    assert_eq!(everything(&app, &ids).await, before);
    assert_eq!(app.webhook.requests().len(), calls);
}

#[tokio::test]
async fn neither_agents_nor_conversations_mix_across_workspaces() {
    let app = TestApp::start().await;
    let ids = one_of_each(&app).await;
    let (_, other) = app.workspace("Other").await;
    let agent = json!({"name": "Theirs"});
    let theirs = app
        .send_as(Some(&other), "POST", "/v1/agents", agent)
        .await
        .expect(201);
    let action = app.order_action(json!({}));
    let action = app
        .send_as(Some(&other), "POST", "/v1/actions", action)
        .await
        .expect(201);
    let key = Some(other.as_str());

    let attach = format!("/v1/agents/{}/actions/{}", id(&theirs), ids.action);
    app.send_as(key, "PUT", &attach, Value::Null)
        .await
        .problem(404);
    let attach = format!("/v1/agents/{}/actions/{}", ids.agent, id(&action));
    app.send_as(key, "PUT", &attach, Value::Null)
        .await
        .problem(404);
    app.put(&attach).await.problem(404);
    let chat = format!("/v1/agents/{}/chat", id(&theirs));
    let body = json!({"message": "Hi", "conversation_id": ids.conversation});
    app.send_as(key, "POST", &chat, body).await.problem(404);
    let filter = format!("/v1/invocations?conversation_id={}", ids.conversation);
    let list = app
        .send_as(key, "GET", &filter, Value::Null)
        .await
        .expect(200);
    assert_eq!(list["data"], json!([]));
    let cursor = format!("/v1/agents?cursor={}", ids.agent);
    let list = app
        .send_as(key, "GET", &cursor, Value::Null)
        .await
        .expect(200);
    assert_ne!(list["data"][0]["id"], json!(ids.agent));
}

#[tokio::test]
async fn malformed_ids_are_404() {
    let app = TestApp::start().await;
    let ids = one_of_each(&app).await;
    for bad in [
        "x",
        "agt_",
        "act_01",
        "%00",
        "%FF",
        "..%2F",
        "agt_zzzzzzzzzzzzzzzzzzzzzzzzzz",
        &ids.agent.to_uppercase(),
    ] {
        let bad = Ids::all(bad);
        for (method, path, body) in routes(&app, &bad) {
            if takes_an_id(&path) {
                let answer = app.send(method, &path, body).await;
                assert_eq!(answer.problem(404), "not_found", "{method} {path}");
            }
        }
    }
    // An id of another noun is no id either.
    let swapped = Ids {
        agent: ids.action.clone(),
        action: ids.agent.clone(),
        conversation: ids.invocation.clone(),
        invocation: ids.conversation.clone(),
        key: ids.agent.clone(),
        member: ids.key.clone(),
        invitation: ids.member.clone(),
        endpoint: ids.delivery.clone(),
        delivery: ids.endpoint.clone(),
    };
    for (method, path, body) in routes(&app, &swapped) {
        if takes_an_id(&path) {
            app.send(method, &path, body).await.problem(404);
        }
    }
    let chat = format!("/v1/agents/{}/chat", ids.agent);
    for conversation in ["x", "conv_", ids.agent.as_str(), ""] {
        let body = json!({"message": "Hi", "conversation_id": conversation});
        assert_eq!(app.post(&chat, body).await.problem(404), "not_found");
    }
}

#[tokio::test]
async fn each_scope_does_its_own() {
    let app = TestApp::start().await;
    let ids = one_of_each(&app).await;
    let workspace = app.first_workspace().await;
    let read = app.key(workspace, Scope::Read, |_| {}).await;
    let chat = app.key(workspace, Scope::Chat, |_| {}).await;
    for (method, path, body) in routes(&app, &ids) {
        if never_ends(&path) {
            continue;
        }
        let answer = app.send_as(Some(&read), method, &path, body.clone()).await;
        if method == "GET" && !only_an_admin_reads(&path) {
            assert_eq!(answer.status, 200, "read: {method} {path}");
        } else {
            assert_eq!(answer.problem(403), "forbidden", "read: {method} {path}");
        }
        let as_person = path.ends_with("/messages");
        let may_chat =
            path.ends_with("/chat") || path.starts_with("/v1/conversations") && !as_person;
        if method == "POST" && may_chat {
            app.models.reply("Hello!");
        }
        let answer = app.send_as(Some(&chat), method, &path, body).await;
        if may_chat {
            assert_eq!(answer.status, 200, "chat: {method} {path}");
        } else {
            assert_eq!(answer.problem(403), "forbidden", "chat: {method} {path}");
        }
    }
}

#[tokio::test]
async fn a_key_for_one_agent_knows_no_other() {
    let app = TestApp::start().await;
    let ids = one_of_each(&app).await;
    let other = app.agent(json!({"name": "Other"})).await;
    let workspace = app.first_workspace().await;
    let bound = app
        .key(workspace, Scope::Chat, |key| {
            key.agent_id = Some(id(&other).parse().unwrap());
        })
        .await;
    let key = Some(bound.as_str());
    let hi = json!({"message": "Hi"});
    let chat = format!("/v1/agents/{}/chat", ids.agent);
    app.send_as(key, "POST", &chat, hi.clone())
        .await
        .problem(404);
    let conversation = format!("/v1/conversations/{}", ids.conversation);
    app.send_as(key, "GET", &conversation, Value::Null)
        .await
        .problem(404);
    let filter = format!("/v1/conversations?agent_id={}", ids.agent);
    for path in ["/v1/conversations", &filter] {
        let list = app.send_as(key, "GET", path, Value::Null).await.expect(200);
        assert_eq!(list["data"], json!([]), "{path}");
    }
    app.models.reply("Hello!");
    let chat = format!("/v1/agents/{}/chat", id(&other));
    let answer = app.send_as(key, "POST", &chat, hi).await.expect(200);
    let own = format!(
        "/v1/conversations/{}",
        answer["conversation_id"].as_str().unwrap()
    );
    app.send_as(key, "GET", &own, Value::Null).await.expect(200);
}

#[tokio::test]
async fn an_expired_key_opens_nothing() {
    let app = TestApp::start().await;
    let workspace = app.first_workspace().await;
    let end = "2026-11-23T12:10:00Z".parse().unwrap();
    let key = app
        .key(workspace, Scope::Admin, |key| key.expires_at = Some(end))
        .await;
    let status = async || {
        app.send_as(Some(&key), "GET", "/v1/agents", Value::Null)
            .await
            .status
    };
    assert_eq!(status().await, 200);
    app.clock.advance(Duration::from_secs(600));
    assert_eq!(status().await, 401);
}
