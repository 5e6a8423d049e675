//! The first account.

use std::time::Duration;

use deskhand_testkit::{PASSWORD, TestApp, cookie, id};
use serde_json::{Value, json};

use super::{sign_in, who};

fn request(token: &str) -> Value {
    json!({
        "token": token,
        "workspace_name": " Willow & Co. ",
        "name": "Ada",
        "email": "Ada@Example.com",
        "password": PASSWORD,
    })
}

async fn needed(app: &TestApp) -> bool {
    let answer = app.send_as(None, "GET", "/v1/setup", Value::Null).await;
    answer.expect(200)["needed"] == true
}

#[tokio::test]
async fn the_first_account_joins_the_workspace_that_is_there_and_names_it() {
    let app = TestApp::start().await;
    assert!(needed(&app).await);
    let token = app.setup_token().await;
    let answer = app
        .from_page(None, "POST", "/v1/setup", request(&token))
        .await;
    let ada = cookie(&answer);
    let session = answer.expect(201);
    let workspace = app.first_workspace().await.to_string();
    assert_eq!(session["workspace"]["id"], json!(workspace));
    assert_eq!(session["workspace"]["name"], "Willow & Co.");
    assert_eq!(session["user"]["email"], "Ada@Example.com");
    assert_eq!(who(&app, &ada).await.expect(200), session);
    assert!(!needed(&app).await);
    // What was there before is theirs.
    let agent = app.agent(json!({})).await;
    let path = format!("/v1/agents/{}", id(&agent));
    app.from_page(Some(&ada), "GET", &path, Value::Null)
        .await
        .expect(200);
    sign_in(&app, "ada@example.com", PASSWORD).await.expect(201);
}

#[tokio::test]
async fn the_link_works_once_and_only_the_last_one() {
    let app = TestApp::start().await;
    let first = app.setup_token().await;
    let second = app.setup_token().await;
    for token in [first.as_str(), "", "nonsense"] {
        let answer = app
            .from_page(None, "POST", "/v1/setup", request(token))
            .await;
        assert_eq!(answer.problem(403), "setup_token_invalid");
    }
    app.from_page(None, "POST", "/v1/setup", request(&second))
        .await
        .expect(201);
    let again = app
        .from_page(None, "POST", "/v1/setup", request(&second))
        .await;
    assert_eq!(again.problem(409), "already_set_up");
    assert!(app.service.new_setup_link().await.unwrap().is_none());
}

#[tokio::test]
async fn the_link_ends_after_a_day() {
    let app = TestApp::start().await;
    let token = app.setup_token().await;
    app.clock.advance(Duration::from_secs(24 * 3600));
    let answer = app
        .from_page(None, "POST", "/v1/setup", request(&token))
        .await;
    assert_eq!(answer.problem(403), "setup_token_invalid");
}

#[tokio::test]
async fn of_two_at_once_one_makes_it() {
    let app = TestApp::start().await;
    let token = app.setup_token().await;
    let one = app.from_page(None, "POST", "/v1/setup", request(&token));
    let other = app.from_page(None, "POST", "/v1/setup", request(&token));
    let (one, other) = tokio::join!(one, other);
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let members = app.get("/v1/members").await.expect(200);
    assert_eq!(members["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_accepted_is_named_and_uses_nothing_up() {
    let app = TestApp::start().await;
    let token = app.setup_token().await;
    for (field, value) in [
        ("workspace_name", json!(" ")),
        ("name", json!("x".repeat(81))),
        ("email", json!("ada")),
        ("password", json!("1234567")),
        ("password", json!("x".repeat(129))),
        ("password", json!(5)),
        ("role", json!("owner")),
    ] {
        let mut body = request(&token);
        body[field] = value;
        let answer = app.from_page(None, "POST", "/v1/setup", body).await;
        assert_eq!(answer.wrong_fields(), [field]);
        assert!(!answer.text.contains("1234567"), "{}", answer.text);
    }
    let answer = app.from_page(None, "POST", "/v1/setup", json!({})).await;
    let all = ["token", "workspace_name", "name", "email", "password"];
    assert_eq!(answer.wrong_fields(), all);
    assert!(needed(&app).await);
    app.from_page(None, "POST", "/v1/setup", request(&token))
        .await
        .expect(201);
}

#[tokio::test]
async fn neither_tokens_nor_passwords_are_in_the_database() {
    let app = TestApp::start().await;
    let setup = app.setup_token().await;
    let ada = app
        .from_page(None, "POST", "/v1/setup", request(&setup))
        .await;
    let ada = cookie(&ada);
    let invited = json!({"email": "bob@example.com"});
    let invited = app.post("/v1/invitations", invited).await.expect(201);
    let link = invited["link"].as_str().unwrap();
    let session = ada.split_once('=').unwrap().1;
    for path in std::fs::read_dir(app.directory()).unwrap() {
        let bytes = std::fs::read(path.unwrap().path()).unwrap();
        for secret in [
            setup.as_str(),
            PASSWORD,
            session,
            deskhand_testkit::token(link),
        ] {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} lies in the clear");
        }
    }
}
