//! Whoever guesses passwords.

use std::time::Duration;

use deskhand_testkit::{ADMIN_KEY, Answer, PASSWORD, TestApp};
use serde_json::json;

use super::sign_in;

/// Signs in from this address, as our proxy tells it.
async fn from(app: &TestApp, address: &str, email: &str, password: &str) -> Answer {
    let headers = [
        ("content-type", "application/json"),
        ("sec-fetch-site", "same-origin"),
        ("x-forwarded-for", address),
    ];
    let body = json!({"email": email, "password": password}).to_string();
    app.send_raw("POST", "/v1/session", &headers, body.into_bytes())
        .await
}

#[tokio::test]
async fn an_unknown_address_is_refused_as_a_wrong_password_is() {
    let app = TestApp::start().await;
    app.set_up().await;
    let known = sign_in(&app, "ada@example.com", "wrong password").await;
    let unknown = sign_in(&app, "eve@example.com", "wrong password").await;
    let none = sign_in(&app, "not an address", "wrong password").await;
    assert_eq!(known.problem(401), "wrong_credentials");
    assert_eq!(known.text, unknown.text);
    assert_eq!(known.text, none.text);
    assert!(known.header("set-cookie").is_none());
    for (email, password) in [
        ("ADA@EXAMPLE.COM", PASSWORD),
        (" ada@example.com ", PASSWORD),
    ] {
        assert_eq!(sign_in(&app, email, password).await.status, 201, "{email}");
    }
    for wrong in ["", "CORRECT HORSE BATTERY", "correct horse battery "] {
        assert_eq!(sign_in(&app, "ada@example.com", wrong).await.status, 401);
    }
}

#[tokio::test]
async fn ten_wrong_ones_close_an_account_for_a_while_to_everybody() {
    let app = TestApp::start().await;
    app.set_up().await;
    app.join(ADMIN_KEY, "bob@example.com").await;
    for n in 0..10 {
        let answer = from(&app, &format!("203.0.113.{n}"), "ada@example.com", "wrong").await;
        assert_eq!(answer.status, 401);
    }
    let answer = from(&app, "203.0.113.99", "Ada@Example.com", PASSWORD).await;
    assert_eq!(answer.problem(429), "too_many_attempts");
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((890..=900).contains(&wait), "{wait}");
    from(&app, "203.0.113.99", "bob@example.com", PASSWORD)
        .await
        .expect(201);
    app.clock.advance(Duration::from_secs(wait));
    from(&app, "203.0.113.99", "ada@example.com", PASSWORD)
        .await
        .expect(201);
}

#[tokio::test]
async fn thirty_wrong_ones_close_the_server_for_a_while_to_their_client() {
    let app = TestApp::start().await;
    app.set_up().await;
    for n in 0..30 {
        // A client that claims to come from elsewhere is known all the same.
        let claimed = format!("192.0.2.{n}, 203.0.113.1");
        let answer = from(&app, &claimed, &format!("{n}@example.com"), "wrong").await;
        assert_eq!(answer.status, 401);
    }
    let answer = from(&app, "203.0.113.1", "ada@example.com", PASSWORD).await;
    assert_eq!(answer.problem(429), "too_many_attempts");
    from(&app, "203.0.113.2", "ada@example.com", PASSWORD)
        .await
        .expect(201);
}

#[tokio::test]
async fn many_at_once_are_no_way_round() {
    let app = TestApp::start().await;
    app.set_up().await;
    let tries = (0..20).map(|_| sign_in(&app, "ada@example.com", "wrong"));
    let answers = futures_util::future::join_all(tries).await;
    let compared = answers.iter().filter(|answer| answer.status == 401).count();
    assert_eq!(compared, 10);
    assert!(
        answers
            .iter()
            .all(|answer| [401, 429].contains(&answer.status))
    );
}

#[tokio::test]
async fn a_password_that_is_right_in_time_is_no_failure() {
    let app = TestApp::start().await;
    app.set_up().await;
    for _ in 0..3 {
        for _ in 0..9 {
            sign_in(&app, "ada@example.com", "wrong").await;
        }
        sign_in(&app, "ada@example.com", PASSWORD).await.expect(201);
    }
}
