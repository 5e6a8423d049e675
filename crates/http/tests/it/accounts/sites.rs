//! Requests that come from other sites with a cookie of ours.

use deskhand_testkit::{Answer, PASSWORD, TestApp};
use serde_json::json;

use super::who;

async fn make_agent(app: &TestApp, cookie: &str, headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![("cookie", cookie), ("content-type", "application/json")];
    all.extend(headers);
    let body = json!({"name": "Made"}).to_string().into_bytes();
    app.send_raw("POST", "/v1/agents", &all, body).await
}

#[tokio::test]
async fn they_change_nothing() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    let own = format!("http://{}", app.address());
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site"), ("origin", own.as_str())],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ] {
        let answer = make_agent(&app, &ada, headers).await;
        assert_eq!(answer.problem(403), "cross_site", "{headers:?}");
    }
    let agents = app.get("/v1/agents").await.expect(200);
    assert_eq!(agents["data"], json!([]));
    for headers in [
        [("sec-fetch-site", "same-origin")],
        [("origin", own.as_str())],
    ] {
        make_agent(&app, &ada, &headers).await.expect(201);
    }
    // Looking is harmless: no other site can read the answer.
    let headers = [("cookie", ada.as_str()), ("sec-fetch-site", "cross-site")];
    let looked = app
        .send_raw("GET", "/v1/agents", &headers, Vec::new())
        .await;
    looked.expect(200);
}

#[tokio::test]
async fn they_sign_nobody_in() {
    let app = TestApp::start().await;
    let ada = app.set_up().await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    for site in ["cross-site", "same-site"] {
        let headers = [
            ("content-type", "application/json"),
            ("sec-fetch-site", site),
        ];
        for path in [
            "/v1/session",
            "/v1/session/link",
            "/v1/setup",
            "/v1/invitations/accept",
        ] {
            let body = body.to_string().into_bytes();
            let answer = app.send_raw("POST", path, &headers, body).await;
            assert_eq!(answer.problem(403), "cross_site", "{path}");
            assert!(answer.header("set-cookie").is_none());
        }
        let headers = [("cookie", ada.as_str()), ("sec-fetch-site", site)];
        let out = app
            .send_raw("DELETE", "/v1/session", &headers, Vec::new())
            .await;
        assert_eq!(out.problem(403), "cross_site");
    }
    assert_eq!(who(&app, &ada).await.status, 200);
    // A program that says where it belongs is welcome.
    let own = format!("http://{}", app.address());
    let headers = [
        ("content-type", "application/json"),
        ("origin", own.as_str()),
    ];
    let body = body.to_string().into_bytes();
    app.send_raw("POST", "/v1/session", &headers, body)
        .await
        .expect(201);
    let none = app.send_raw("GET", "/v1/session", &[], Vec::new()).await;
    assert_eq!(none.problem(401), "unauthorized");
}
