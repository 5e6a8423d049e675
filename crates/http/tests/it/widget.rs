//! The owner's side of the widget, and the page that opens a session.

use deskhand_domain::workspace::Scope;
use deskhand_testkit::{Answer, TestApp, id};
use serde_json::{Value, json};

pub const SHOP: &str = "https://shop.example";

/// Switches on the widget of an agent for pages of [`SHOP`].
pub async fn switch_on(app: &TestApp, agent: &str) {
    let origins = json!({"widget_origins": [SHOP]});
    app.patch("/v1/workspace", origins).await.expect(200);
    let path = format!("/v1/agents/{agent}/widget");
    app.send("PUT", &path, json!({"enabled": true}))
        .await
        .expect(200);
}

/// Opens a session as a page of this origin.
pub async fn open(app: &TestApp, origin: Option<&str>, body: Value) -> Answer {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(origin.map(|origin| ("origin", origin)));
    let body = body.to_string().into_bytes();
    app.send_raw("POST", "/v1/widget/sessions", &headers, body)
        .await
}

/// Asks as a browser does for a page of this origin, before it lets it ask.
pub async fn preflight(app: &TestApp, origin: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    app.send_raw("OPTIONS", "/v1/widget/sessions", &headers, Vec::new())
        .await
}

const ALLOWED: &str = "access-control-allow-origin";

#[tokio::test]
async fn a_widget_is_off_until_the_owner_switches_it_on() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    let path = format!("/v1/agents/{}/widget", id(&agent));
    let defaults = json!({
        "enabled": false, "title": null, "greeting": "Hello! How can I help you?",
        "color": "#1f6feb", "text_color": "#ffffff", "position": "right",
    });
    assert_eq!(app.get(&path).await.expect(200), defaults);
    let own = json!({
        "enabled": true, "title": "Ask us", "greeting": "", "color": "#FFD700",
        "text_color": "#000000", "position": "left",
    });
    assert_eq!(app.send("PUT", &path, own.clone()).await.expect(200), own);
    assert_eq!(app.get(&path).await.expect(200), own);
    // What is left out takes its default.
    assert_eq!(
        app.send("PUT", &path, json!({})).await.expect(200),
        defaults
    );
}

#[tokio::test]
async fn a_widget_that_cannot_be_read_is_refused_by_field() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    let path = format!("/v1/agents/{}/widget", id(&agent));
    for (wrong, field) in [
        (json!({"color": "#ffffff"}), "text_color"),
        (json!({"color": "blue"}), "color"),
        (json!({"text_color": "#fff"}), "text_color"),
        (json!({"position": "top"}), "position"),
        (json!({"title": " "}), "title"),
        (json!({"greeting": "é".repeat(501)}), "greeting"),
        (json!({"enabled": 1}), "enabled"),
    ] {
        let answer = app.send("PUT", &path, wrong.clone()).await;
        assert_eq!(answer.wrong_fields(), [field], "{wrong}");
    }
    let unknown = app.send("PUT", &path, json!({"colour": "#000000"})).await;
    assert_eq!(unknown.problem(422), "invalid_fields");
}

#[tokio::test]
async fn origins_are_kept_as_browsers_write_them() {
    let app = TestApp::start().await;
    let put = async |origins: Value| {
        let body = json!({"widget_origins": origins});
        app.patch("/v1/workspace", body).await
    };
    let given = json!(["HTTPS://Shop.Example/", "http://localhost:3000", SHOP]);
    let kept = put(given).await.expect(200);
    let origins = json!([SHOP, "http://localhost:3000"]);
    assert_eq!(kept["widget_origins"], origins);
    let wrong = put(json!([SHOP, "http://shop.example", "shop.example"])).await;
    let fields = ["widget_origins.1", "widget_origins.2"];
    assert_eq!(wrong.wrong_fields(), fields);
    let read = app.get("/v1/workspace").await.expect(200);
    assert_eq!(read["widget_origins"], origins);
    assert_eq!(read["has_identity_secret"], false);
    // A name alone leaves them.
    let named = app.patch("/v1/workspace", json!({"name": "Shop"})).await;
    assert_eq!(named.expect(200)["widget_origins"], origins);
    assert_eq!(
        put(json!([])).await.expect(200)["widget_origins"],
        json!([])
    );
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_opens_a_session() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({"name": "Ada"})).await;
    switch_on(&app, id(&agent)).await;
    let answer = open(&app, Some(SHOP), json!({"agent_id": id(&agent)})).await;
    assert_eq!(answer.header(ALLOWED), Some(SHOP));
    assert_eq!(answer.header("vary"), Some("origin"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let visit = answer.expect(201);
    assert!(visit["token"].as_str().unwrap().starts_with("dhv_"));
    assert_eq!(visit["expires_at"], "2026-12-23T12:00:00.004Z");
    assert_eq!(visit["agent"], json!({"name": "Ada"}));
    assert_eq!(visit["widget"]["color"], "#1f6feb");
    assert_eq!(visit["widget"].get("enabled"), None);
    assert_eq!(visit["conversation_id"], Value::Null);
    assert_eq!(visit["contact"]["verified"], false);
    assert!(visit["contact"]["id"].as_str().unwrap().starts_with("con_"));
}

#[tokio::test]
async fn no_other_page_does() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    switch_on(&app, id(&agent)).await;
    let body = json!({"agent_id": id(&agent)});
    for origin in [
        None,
        Some("null"),
        Some(""),
        Some("https://evil.example"),
        Some("http://shop.example"),
        Some("https://shop.example:8443"),
        Some("https://shop.example.evil.example"),
        Some("https://SHOP.example"),
        Some("https://shop.example/"),
    ] {
        let answer = open(&app, origin, body.clone()).await;
        assert_eq!(answer.problem(403), "origin_not_allowed", "{origin:?}");
        assert_eq!(answer.header(ALLOWED), None);
        assert_eq!(answer.header("vary"), Some("origin"));
    }
}

#[tokio::test]
async fn an_agent_without_a_widget_is_not_there() {
    let app = TestApp::start().await;
    let (off, none) = (app.agent(json!({})).await, app.agent(json!({})).await);
    switch_on(&app, id(&off)).await;
    let ask = async |agent: &str| open(&app, Some(SHOP), json!({"agent_id": agent})).await;
    assert_eq!(ask(id(&off)).await.status, 201);
    assert_eq!(ask(id(&none)).await.problem(404), "not_found");
    assert_eq!(ask("nonsense").await.problem(404), "not_found");
    let path = format!("/v1/agents/{}/widget", id(&off));
    app.send("PUT", &path, json!({})).await.expect(200);
    let answer = ask(id(&off)).await;
    assert_eq!(answer.problem(404), "not_found");
    assert_eq!(answer.header(ALLOWED), None);
    let wrong = open(&app, Some(SHOP), json!({"agent": "x"})).await;
    assert_eq!(wrong.problem(422), "invalid_fields");
}

#[tokio::test]
async fn another_workspaces_origin_opens_nothing_here() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    switch_on(&app, id(&agent)).await;
    let (_, theirs) = app.workspace("Other").await;
    let origins = json!({"widget_origins": ["https://other.example"]});
    app.send_as(Some(&theirs), "PATCH", "/v1/workspace", origins)
        .await
        .expect(200);
    let other = Some("https://other.example");
    let answer = open(&app, other, json!({"agent_id": id(&agent)})).await;
    assert_eq!(answer.problem(403), "origin_not_allowed");
    let listed = app.get("/v1/workspace").await.expect(200);
    assert_eq!(listed["widget_origins"], json!([SHOP]));
    // Browsers ask before they can say whose page it is.
    assert_eq!(preflight(&app, "https://other.example").await.status, 204);
}

#[tokio::test]
async fn browsers_are_told_which_origins_may_ask() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    switch_on(&app, id(&agent)).await;
    let answer = preflight(&app, SHOP).await;
    assert_eq!(answer.status, 204);
    for (name, value) in [
        (ALLOWED, SHOP),
        ("access-control-allow-methods", "POST"),
        ("access-control-allow-headers", "content-type"),
        ("vary", "origin"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let refused = preflight(&app, "https://evil.example").await;
    assert_eq!(refused.status, 204);
    for name in [
        ALLOWED,
        "access-control-allow-methods",
        "access-control-allow-headers",
    ] {
        assert_eq!(refused.header(name), None, "{name}");
    }
}

#[tokio::test]
async fn no_other_route_answers_other_origins() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    switch_on(&app, id(&agent)).await;
    let key = format!("Bearer {}", deskhand_testkit::ADMIN_KEY);
    for path in [
        "/v1/agents",
        "/v1/conversations",
        "/healthz",
        "/",
        "/widget.js",
    ] {
        let headers = [("origin", SHOP), ("authorization", key.as_str())];
        let answer = app.send_raw("GET", path, &headers, Vec::new()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header(ALLOWED), None, "{path}");
    }
}

#[tokio::test]
async fn the_owners_pages_alone_frame_the_widget() {
    let app = TestApp::start().await;
    let agent = app.agent(json!({})).await;
    let get = async |path: &str| app.send_raw("GET", path, &[], Vec::new()).await;
    let path = format!("/widget/frame?agent={}", id(&agent));
    assert_eq!(get(&path).await.problem(404), "not_found");
    switch_on(&app, id(&agent)).await;
    let frame = get(&path).await;
    assert_eq!(frame.status, 200);
    assert_eq!(frame.text, "<!doctype html><title>Chat</title>");
    assert_eq!(frame.header("cache-control"), Some("no-cache"));
    let policy = frame.header("content-security-policy").unwrap().to_owned();
    assert!(
        policy.ends_with("; frame-ancestors https://shop.example"),
        "{policy}"
    );
    assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"));
    // Other origins make it another page.
    let tag = frame.header("etag").unwrap().to_owned();
    let origins = json!({"widget_origins": [SHOP, "http://localhost:3000"]});
    app.patch("/v1/workspace", origins).await.expect(200);
    let headers = [("if-none-match", tag.as_str())];
    let frame = app.send_raw("GET", &path, &headers, Vec::new()).await;
    assert_eq!(frame.status, 200);
    let policy = frame.header("content-security-policy").unwrap();
    assert!(policy.ends_with("frame-ancestors https://shop.example http://localhost:3000"));
    let none = json!({"widget_origins": []});
    app.patch("/v1/workspace", none).await.expect(200);
    let frame = get(&path).await;
    let policy = frame.header("content-security-policy").unwrap();
    assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
    for path in [
        "/widget/frame",
        "/widget/frame?agent=",
        "/widget/frame?agent=agt_1",
    ] {
        assert_eq!(get(path).await.problem(404), "not_found", "{path}");
    }
}

#[tokio::test]
async fn the_identity_secret_is_shown_once_and_kept_sealed() {
    let app = TestApp::start().await;
    let path = "/v1/workspace/identity_secret";
    let made = app.post(path, json!({})).await.expect(200);
    let secret = made["identity_secret"].as_str().unwrap();
    assert!(secret.starts_with("dhi_") && secret.len() > 40, "{secret}");
    let read = app.get("/v1/workspace").await;
    assert!(!read.text.contains(secret));
    assert_eq!(read.expect(200)["has_identity_secret"], true);
    let second = app
        .post(path, json!({"overlap_seconds": 60}))
        .await
        .expect(200);
    assert_ne!(second["identity_secret"], made["identity_secret"]);
    let long = app.post(path, json!({"overlap_seconds": 2_592_001})).await;
    assert_eq!(long.wrong_fields(), ["overlap_seconds"]);
    let workspace = app.first_workspace().await;
    let reader = app.key(workspace, Scope::Read, |_| {}).await;
    let refused = app.send_as(Some(&reader), "POST", path, json!({})).await;
    assert_eq!(refused.problem(403), "forbidden");
    for entry in std::fs::read_dir(app.directory()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let found = bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!found);
    }
}
