//! Members and invitations.

use std::time::Duration;

use deskhand_testkit::{ADMIN_KEY, Answer, PASSWORD, TestApp, cookie, id, token};
use serde_json::{Value, json};

use super::{sign_in, who};

async fn invite(app: &TestApp, email: &str) -> Value {
    let request = json!({"email": email});
    app.post("/v1/invitations", request).await.expect(201)
}

async fn accept(app: &TestApp, invitation: &Value) -> Answer {
    let link = invitation["link"].as_str().unwrap();
    let request = json!({"token": token(link), "name": "Bob", "password": PASSWORD});
    app.from_page(None, "POST", "/v1/invitations/accept", request)
        .await
}

#[tokio::test]
async fn whoever_has_the_link_joins() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    let invitation = invite(&app, "bob@example.com").await;
    let link = invitation["link"].as_str().unwrap();
    assert!(link.starts_with(&format!("http://{}/join#", app.address())));
    let listed = app.get("/v1/invitations").await.expect(200);
    assert_eq!(listed["data"][0]["id"], invitation["id"]);
    assert!(listed["data"][0].get("link").is_none());

    let joined = accept(&app, &invitation).await;
    let bob = cookie(&joined);
    let joined = joined.expect(201);
    assert_eq!(joined["user"]["email"], "bob@example.com");
    let ours = who(&app, &ada).await.expect(200);
    assert_eq!(joined["workspace"], ours["workspace"]);
    let listed = app.get("/v1/invitations").await.expect(200);
    assert_eq!(listed["data"], json!([]));
    assert_eq!(
        accept(&app, &invitation).await.problem(403),
        "invitation_invalid"
    );

    let members = app
        .from_page(Some(&bob), "GET", "/v1/members", Value::Null)
        .await;
    let members = members.expect(200);
    let shown: Vec<_> = members["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["name"].as_str().unwrap(),
                one["last_seen_at"].is_string(),
            )
        })
        .collect();
    assert_eq!(shown, [("Bob", true), ("Ada", true)]);
}

#[tokio::test]
async fn an_invitation_ends() {
    let app = TestApp::start().await;
    app.set_up().await;
    let first = invite(&app, "bob@example.com").await;
    let second = invite(&app, "BOB@example.com").await;
    assert_eq!(
        accept(&app, &first).await.problem(403),
        "invitation_invalid"
    );
    let path = format!("/v1/invitations/{}", id(&second));
    assert_eq!(app.delete(&path).await.status, 204);
    assert_eq!(app.delete(&path).await.status, 404);
    assert_eq!(
        accept(&app, &second).await.problem(403),
        "invitation_invalid"
    );
    let third = invite(&app, "bob@example.com").await;
    app.clock.advance(Duration::from_secs(7 * 24 * 3600));
    assert_eq!(
        accept(&app, &third).await.problem(403),
        "invitation_invalid"
    );
    let listed = app.get("/v1/invitations").await.expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_address_has_one_account() {
    let app = TestApp::start().await;
    app.set_up().await;
    let request = json!({"email": "Ada@Example.com"});
    let answer = app.post("/v1/invitations", request.clone()).await;
    assert_eq!(answer.problem(409), "email_taken");
    // Another workspace learns of it only from whoever has the address.
    let (_, other) = app.workspace("Other").await;
    let invitation = app
        .send_as(Some(&other), "POST", "/v1/invitations", request)
        .await
        .expect(201);
    assert_eq!(accept(&app, &invitation).await.problem(409), "email_taken");
    // Nothing was used up by that.
    assert_eq!(accept(&app, &invitation).await.problem(409), "email_taken");
}

#[tokio::test]
async fn what_cannot_be_accepted_is_named() {
    let app = TestApp::start().await;
    for body in [json!({}), json!({"email": "bob"}), json!({"email": 5})] {
        let answer = app.post("/v1/invitations", body).await;
        assert_eq!(answer.wrong_fields(), ["email"]);
    }
    let invitation = invite(&app, "bob@example.com").await;
    let token = token(invitation["link"].as_str().unwrap());
    for (body, wrong) in [
        (
            json!({"token": token, "name": "", "password": "short"}),
            vec!["name", "password"],
        ),
        (json!({"token": token}), vec!["name", "password"]),
    ] {
        let answer = app
            .from_page(None, "POST", "/v1/invitations/accept", body)
            .await;
        assert_eq!(answer.wrong_fields(), wrong);
    }
    assert_eq!(accept(&app, &invitation).await.status, 201);
}

#[tokio::test]
async fn an_invitation_asked_for_twice_under_one_key_is_one() {
    let app = TestApp::start().await;
    let body = json!({"email": "bob@example.com"}).to_string().into_bytes();
    let key = format!("Bearer {ADMIN_KEY}");
    let headers = [
        ("authorization", key.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "one"),
    ];
    let path = "/v1/invitations";
    let first = app.send_raw("POST", path, &headers, body.clone()).await;
    let again = app.send_raw("POST", path, &headers, body).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.expect(201), again.expect(201));
}

#[tokio::test]
async fn whoever_is_removed_is_signed_out_everywhere() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    let bob = app.join(ADMIN_KEY, "bob@example.com").await;
    let id = who(&app, &bob).await.expect(200);
    let path = format!("/v1/members/{}", deskhand_testkit::id(&id["user"]));
    let (_, other) = app.workspace("Other").await;
    let foreign = app
        .send_as(Some(&other), "DELETE", &path, Value::Null)
        .await;
    assert_eq!(foreign.problem(404), "not_found");
    let removed = app
        .from_page(Some(&ada), "DELETE", &path, Value::Null)
        .await;
    assert_eq!(removed.status, 204);
    assert_eq!(who(&app, &bob).await.problem(401), "unauthorized");
    let answer = sign_in(&app, "bob@example.com", PASSWORD).await;
    assert_eq!(answer.problem(401), "wrong_credentials");
    // They may be asked again.
    app.join(ADMIN_KEY, "bob@example.com").await;
}

#[tokio::test]
async fn the_last_one_stays() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    let session = who(&app, &ada).await.expect(200);
    let path = format!("/v1/members/{}", id(&session["user"]));
    assert_eq!(app.delete(&path).await.problem(409), "last_member");
    let bob = app.join(ADMIN_KEY, "bob@example.com").await;
    let gone = app
        .from_page(Some(&ada), "DELETE", &path, Value::Null)
        .await;
    assert_eq!(gone.status, 204);
    assert_eq!(who(&app, &ada).await.status, 401);
    assert_eq!(who(&app, &bob).await.status, 200);
}
