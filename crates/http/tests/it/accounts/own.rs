//! One's own account, and the workspace.

use deskhand_domain::workspace::Scope;
use deskhand_testkit::{ADMIN_KEY, Answer, PASSWORD, TestApp};
use serde_json::{Value, json};

use super::{ada, sign_in, who};

async fn change(app: &TestApp, cookie: &str, changes: Value) -> Answer {
    app.from_page(Some(cookie), "PATCH", "/v1/account", changes)
        .await
}

#[tokio::test]
async fn the_name_changes_without_ado() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    let changed = change(&app, &ada, json!({"name": " Ada Lovelace "})).await;
    assert_eq!(changed.expect(200)["name"], "Ada Lovelace");
    let session = who(&app, &ada).await.expect(200);
    assert_eq!(session["user"]["name"], "Ada Lovelace");
    let same = change(&app, &ada, json!({"email": "ada@example.com"})).await;
    assert_eq!(same.expect(200), session["user"]);
    assert_eq!(
        change(&app, &ada, json!({})).await.expect(200),
        session["user"]
    );
}

#[tokio::test]
async fn a_new_password_takes_the_old_one_and_ends_other_sessions() {
    let app = TestApp::start().await;
    let here = app.set_up().await;
    let there = ada(&app).await;
    let bob = app.join(ADMIN_KEY, "bob@example.com").await;
    let new = "another long password";
    for (changes, field) in [
        (json!({"password": new}), "current_password"),
        (
            json!({"password": new, "current_password": "wrong"}),
            "current_password",
        ),
        (
            json!({"password": "short", "current_password": PASSWORD}),
            "password",
        ),
        (json!({"email": "new@example.com"}), "current_password"),
        (
            json!({"email": "new", "current_password": PASSWORD}),
            "email",
        ),
        (json!({"id": "usr_x"}), "id"),
    ] {
        let answer = change(&app, &here, changes).await;
        assert_eq!(answer.wrong_fields(), [field]);
    }
    let changes = json!({"password": new, "current_password": PASSWORD});
    change(&app, &here, changes).await.expect(200);
    assert_eq!(who(&app, &here).await.status, 200);
    assert_eq!(who(&app, &there).await.status, 401);
    assert_eq!(who(&app, &bob).await.status, 200);
    assert_eq!(sign_in(&app, "ada@example.com", PASSWORD).await.status, 401);
    sign_in(&app, "ada@example.com", new).await.expect(201);
}

#[tokio::test]
async fn guesses_at_the_old_password_are_counted_with_those_at_the_door() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    let guess = json!({"password": "another one", "current_password": "wrong"});
    for _ in 0..10 {
        assert_eq!(change(&app, &ada, guess.clone()).await.status, 422);
    }
    let answer = change(&app, &ada, guess).await;
    assert_eq!(answer.problem(429), "too_many_attempts");
    let answer = sign_in(&app, "ada@example.com", PASSWORD).await;
    assert_eq!(answer.problem(429), "too_many_attempts");
}

#[tokio::test]
async fn a_new_address_is_what_one_signs_in_with() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    app.join(ADMIN_KEY, "bob@example.com").await;
    let taken = json!({"email": "BOB@example.com", "current_password": PASSWORD});
    assert_eq!(change(&app, &ada, taken).await.problem(409), "email_taken");
    let new = json!({"email": "lovelace@example.com", "current_password": PASSWORD});
    change(&app, &ada, new).await.expect(200);
    assert_eq!(sign_in(&app, "ada@example.com", PASSWORD).await.status, 401);
    sign_in(&app, "lovelace@example.com", PASSWORD)
        .await
        .expect(201);
}

#[tokio::test]
async fn the_workspace_is_read_by_readers_and_named_by_admins() {
    let app = TestApp::start().await;
    let workspace = app.first_workspace().await;
    let read = app.key(workspace, Scope::Read, |_| {}).await;
    let seen = app
        .send_as(Some(&read), "GET", "/v1/workspace", Value::Null)
        .await;
    let seen = seen.expect(200);
    assert_eq!(seen["id"], json!(workspace.to_string()));
    let changed = app
        .patch("/v1/workspace", json!({"name": "Fern & Co."}))
        .await;
    assert_eq!(changed.expect(200)["name"], "Fern & Co.");
    app.patch("/v1/workspace", json!({})).await.expect(200);
    let wrong = app.patch("/v1/workspace", json!({"name": ""})).await;
    assert_eq!(wrong.wrong_fields(), ["name"]);
    let (_, other) = app.workspace("Other").await;
    let theirs = app
        .send_as(Some(&other), "GET", "/v1/workspace", Value::Null)
        .await;
    assert_eq!(theirs.expect(200)["name"], "Other");
}
