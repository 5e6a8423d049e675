//! Signing in and out, and how long it lasts.

use std::time::Duration;

use deskhand_testkit::{ADMIN_KEY, PASSWORD, TestApp, cookie, id, token};
use serde_json::{Value, json};

use super::{ada, sign_in, who};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn the_cookie_is_for_this_host_and_no_script() {
    let app = TestApp::start().await;
    app.set_up().await;
    let answer = sign_in(&app, "ada@example.com", PASSWORD).await;
    let set = answer.header("set-cookie").unwrap();
    let (pair, rest) = set.split_once("; ").unwrap();
    let (name, token) = pair.split_once('=').unwrap();
    assert_eq!((name, token.len()), ("deskhand", 43));
    assert_eq!(rest, "Path=/; HttpOnly; SameSite=Lax; Max-Age=1209600");
    // A proxy that was asked over TLS says so.
    let body = json!({"email": "ada@example.com", "password": PASSWORD}).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("sec-fetch-site", "same-origin"),
        ("x-forwarded-proto", "https"),
    ];
    let answer = app
        .send_raw("POST", "/v1/session", &headers, body.into_bytes())
        .await;
    let set = answer.header("set-cookie").unwrap();
    assert!(
        set.starts_with("__Host-deskhand=") && set.ends_with("; Secure"),
        "{set}"
    );
    // Over TLS only the cookie that only TLS carries counts.
    let planted = set.replace("__Host-", "");
    let planted = planted.split(';').next().unwrap();
    for (cookie, status) in [(set.split(';').next().unwrap(), 200), (planted, 401)] {
        let headers = [("cookie", cookie), ("x-forwarded-proto", "https")];
        let answer = app
            .send_raw("GET", "/v1/session", &headers, Vec::new())
            .await;
        assert_eq!(answer.status, status, "{cookie}");
    }
}

#[tokio::test]
async fn a_session_opens_what_an_admin_key_does() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    let agent = json!({"name": "Made by a person"});
    app.from_page(Some(&ada), "POST", "/v1/agents", agent)
        .await
        .expect(201);
    for path in [
        "/v1/agents",
        "/v1/conversations",
        "/v1/keys",
        "/v1/workspace",
    ] {
        app.from_page(Some(&ada), "GET", path, Value::Null)
            .await
            .expect(200);
    }
    // The cookie stands among others.
    let crowded = format!("a=b; {ada}; deskhand2=x; c");
    assert_eq!(who(&app, &crowded).await.status, 200);
}

#[tokio::test]
async fn a_key_counts_before_the_cookie() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    let (_, other) = app.workspace("Other").await;
    let agent = app.agent(json!({})).await;
    let path = format!("/v1/agents/{}", id(&agent));
    let both = async |key: &str, headers: &[(&str, &str)]| {
        let key = format!("Bearer {key}");
        let mut all = vec![("cookie", ada.as_str()), ("authorization", key.as_str())];
        all.extend(headers);
        app.send_raw("GET", &path, &all, Vec::new()).await
    };
    assert_eq!(both(ADMIN_KEY, &[]).await.status, 200);
    assert_eq!(both(&other, &[]).await.problem(404), "not_found");
    assert_eq!(both("wrong", &[]).await.problem(401), "unauthorized");
    // A key comes from wherever it likes.
    let cross = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    assert_eq!(both(ADMIN_KEY, &cross).await.status, 200);
    // What a proxy asks for is nothing to us.
    let headers = [("cookie", ada.as_str()), ("authorization", "Basic eDp5")];
    assert_eq!(
        app.send_raw("GET", &path, &headers, Vec::new())
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_key_is_nobody() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    let own = app
        .from_page(Some(&ada), "GET", "/v1/sessions", Value::Null)
        .await;
    let own = format!("/v1/sessions/{}", id(&own.body["data"][0]));
    for (method, path) in [
        ("GET", "/v1/session"),
        ("DELETE", "/v1/session"),
        ("GET", "/v1/sessions"),
        ("DELETE", own.as_str()),
        ("PATCH", "/v1/account"),
    ] {
        let answer = app.send(method, path, Value::Null).await;
        assert_eq!(answer.problem(403), "forbidden", "{method} {path}");
        for cookie in [None, Some("deskhand=nonsense"), Some("deskhand=")] {
            let answer = app.from_page(cookie, method, path, Value::Null).await;
            assert_eq!(answer.problem(401), "unauthorized", "{method} {path}");
        }
    }
    assert_eq!(who(&app, &ada).await.status, 200);
}

#[tokio::test]
async fn it_lasts_14_days_after_its_last_use() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    let first = who(&app, &ada).await.expect(200);
    for _ in 0..3 {
        app.clock.advance(13 * DAY);
        let later = who(&app, &ada).await;
        assert!(later.header("set-cookie").unwrap().starts_with(&ada));
        assert!(later.expect(200)["expires_at"].as_str() > first["expires_at"].as_str());
    }
    app.clock.advance(14 * DAY);
    assert_eq!(who(&app, &ada).await.problem(401), "unauthorized");
}

/// A page that was left open is no use of it.
#[tokio::test]
async fn a_stream_that_is_open_does_not_make_it_last_longer() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    who(&app, &ada).await.expect(200);
    let mut watching = std::pin::pin!(app.from_page(Some(&ada), "GET", "/v1/live", Value::Null));
    for day in 0..=14 {
        tokio::time::pause();
        let watched = tokio::time::timeout(Duration::from_secs(60), watching.as_mut()).await;
        tokio::time::resume();
        assert_eq!(watched.is_ok(), day == 14, "day {day}");
        app.clock.advance(DAY);
    }
    assert_eq!(who(&app, &ada).await.problem(401), "unauthorized");
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let app = TestApp::start().await;
    let first = app.set_up().await;
    let second = ada(&app).await;
    let answer = app
        .from_page(Some(&second), "DELETE", "/v1/session", Value::Null)
        .await;
    assert_eq!(answer.status, 204);
    let cleared = answer.header("set-cookie").unwrap();
    assert!(cleared.starts_with("deskhand=; ") && cleared.ends_with("Max-Age=0"));
    assert_eq!(who(&app, &second).await.status, 401);
    assert_eq!(who(&app, &first).await.status, 200);
}

#[tokio::test]
async fn signing_in_anew_ends_what_the_browser_had_before() {
    let app = TestApp::start().await;
    let before = app.set_up().await;
    let request = json!({"email": "ada@example.com", "password": PASSWORD});
    let answer = app
        .from_page(Some(&before), "POST", "/v1/session", request)
        .await;
    let after = cookie(&answer);
    assert_ne!(before, after);
    assert_eq!(who(&app, &before).await.status, 401);
    assert_eq!(who(&app, &after).await.status, 200);
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_sessions_only() {
    let app = TestApp::start().await;
    let first = app.set_up().await;
    let bob = app.join(ADMIN_KEY, "bob@example.com").await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD}).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("sec-fetch-site", "same-origin"),
        ("user-agent", "Firefox"),
    ];
    let answer = app
        .send_raw("POST", "/v1/session", &headers, body.into_bytes())
        .await;
    let second = cookie(&answer);
    let list = async |cookie: &str| {
        let list = app.from_page(Some(cookie), "GET", "/v1/sessions", Value::Null);
        list.await.expect(200)["data"].as_array().unwrap().clone()
    };
    let own = list(&second).await;
    let shown: Vec<_> = own
        .iter()
        .map(|one| (one["current"] == true, one["user_agent"].as_str()))
        .collect();
    assert_eq!(shown, [(true, Some("Firefox")), (false, None)]);
    assert_eq!(list(&bob).await.len(), 1);

    let path = format!("/v1/sessions/{}", id(&own[1]));
    let foreign = app
        .from_page(Some(&bob), "DELETE", &path, Value::Null)
        .await;
    assert_eq!(foreign.problem(404), "not_found");
    assert_eq!(who(&app, &first).await.status, 200);
    let ended = app
        .from_page(Some(&second), "DELETE", &path, Value::Null)
        .await;
    assert_eq!(ended.status, 204);
    assert_eq!(who(&app, &first).await.status, 401);
    for malformed in ["/v1/sessions/x", "/v1/sessions/%FF", path.as_str()] {
        let answer = app
            .from_page(Some(&second), "DELETE", malformed, Value::Null)
            .await;
        assert_eq!(answer.problem(404), "not_found");
    }
}

#[tokio::test]
async fn a_sign_in_link_works_once_and_not_for_ever() {
    let app = TestApp::start().await;
    let cookie = app.set_up().await;
    let ada = who(&app, &cookie).await.expect(200);
    let link = async || app.sign_in_link(&cookie, DAY).await;
    let follow = async |link: &str| {
        let request = json!({"token": token(link)});
        app.from_page(None, "POST", "/v1/session/link", request)
            .await
    };
    let first = link().await;
    assert!(first.starts_with(&format!("http://{}/sign-in#", app.address())));
    let answer = follow(&first).await;
    assert_eq!(
        who(&app, &deskhand_testkit::cookie(&answer))
            .await
            .expect(200)["user"],
        ada["user"]
    );
    assert_eq!(follow(&first).await.problem(403), "link_invalid");
    assert_eq!(follow("#nonsense").await.problem(403), "link_invalid");
    let late = link().await;
    app.clock.advance(DAY);
    assert_eq!(follow(&late).await.problem(403), "link_invalid");
    let none = app
        .from_page(None, "POST", "/v1/session/link", json!({}))
        .await;
    assert_eq!(none.wrong_fields(), ["token"]);
}
