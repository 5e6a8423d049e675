//! The description of the API. Every other test holds the answers it gets against it as well.

mod callbacks;
mod demands;
mod events;
mod examples;
mod people;
mod visits;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use deskhand_domain::workspace::Scope;
use deskhand_testkit::{PASSWORD, TestApp, contract, cookie};
use serde_json::{Value, json};

/// Whoever may ask these need not say who they are.
const PUBLIC: &[&str] = &[
    "accept_invitation",
    "docs",
    "docs_style",
    "get_setup",
    "is_alive",
    "is_ready",
    "may_open_visit",
    "metrics",
    "open_visit",
    "openapi",
    "report_callback",
    "set_up",
    "sign_in",
    "sign_in_by_link",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "`cargo xtask openapi` says this way that the files are to be written"
)]
async fn the_committed_document_is_the_codes() {
    let examples = examples::collect().await.examples;
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/openapi/examples.json");
    let files = [
        (own, Value::Object(examples.clone())),
        (
            root().join("openapi.json"),
            deskhand_http::openapi_with(&examples),
        ),
    ];
    for (path, value) in files {
        let text = format!("{value:#}\n");
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap();
        let line = text.lines().zip(committed.lines()).find(|(a, b)| a != b);
        assert!(
            text == committed,
            "{} is not as the code has it (first difference: {line:?}); run `cargo xtask openapi`",
            path.display()
        );
    }
}

#[tokio::test]
async fn every_operation_is_carried_out_and_fits() {
    let done = examples::collect().await.done;
    let all: BTreeSet<String> = contract()
        .operations()
        .iter()
        .map(|operation| operation.id.to_owned())
        .collect();
    assert_eq!(done, all);
}

#[tokio::test]
async fn every_operation_has_its_rule_and_keeps_it() {
    let app = TestApp::start().await;
    let workspace = app.first_workspace().await;
    // Streams that nothing else ends end at once.
    app.service.let_listeners_go();
    let mut cookie = app.set_up().await;
    let mut open = Vec::new();
    for operation in contract().operations() {
        let path = some_path(operation.path);
        let method = operation.method.to_uppercase();
        let without = app.send_as(None, &method, &path, Value::Null).await;
        if operation.is_public() {
            open.push(operation.id);
            match operation.method {
                "get" => assert_eq!(without.status, 200, "{}", operation.id),
                // Open to pages of the origins that the owner has named: see widget.rs.
                _ if path.starts_with("/v1/widget/") => {
                    assert_eq!(without.header("access-control-allow-origin"), None);
                }
                // Open to whoever has the token.
                _ if path.starts_with("/v1/callbacks/") => {
                    assert_eq!(without.problem(404), "not_found");
                }
                // Open to everybody, but only from our own pages.
                _ => assert_eq!(without.problem(403), "cross_site", "{}", operation.id),
            }
            continue;
        }
        assert_eq!(without.problem(401), "unauthorized", "{}", operation.id);
        for scope in Scope::ALL {
            let key = app.key(workspace, *scope, |_| {}).await;
            let answer = app.send_as(Some(&key), &method, &path, Value::Null).await;
            let allowed = operation.scopes().contains(&scope.as_str());
            assert_eq!(
                answer.status != 403,
                allowed,
                "{} with {scope}: {}",
                operation.id,
                answer.text
            );
        }
        let signed_in = app
            .from_page(Some(&cookie), &method, &path, Value::Null)
            .await;
        assert!(![401, 403].contains(&signed_in.status), "{}", operation.id);
        if operation.method != "get" {
            let headers = [
                ("cookie", cookie.as_str()),
                ("sec-fetch-site", "cross-site"),
            ];
            let elsewhere = app.send_raw(&method, &path, &headers, Vec::new()).await;
            assert_eq!(elsewhere.problem(403), "cross_site", "{}", operation.id);
        }
        if operation.id == "sign_out" {
            cookie = sign_in(&app).await;
        }
    }
    open.sort_unstable();
    assert_eq!(open, PUBLIC);
}

async fn sign_in(app: &TestApp) -> String {
    let request = json!({"email": "ada@example.com", "password": PASSWORD});
    cookie(&app.from_page(None, "POST", "/v1/session", request).await)
}

#[tokio::test]
async fn other_methods_are_refused() {
    let app = TestApp::start().await;
    for operation in contract().operations() {
        let path = some_path(operation.path);
        // Held against the document by the test app: 405, unless the path has that method too.
        for method in ["PUT", "PATCH", "DELETE", "POST", "OPTIONS"] {
            if contract().operation(method, &path).is_err() {
                let answer = app.send(method, &path, Value::Null).await;
                assert_eq!(answer.problem(405), "method_not_allowed");
                assert!(answer.header("allow").is_some(), "{}", answer.text);
            }
        }
    }
}

/// The document is made from what is given to `Api`; a route that is added past it would be in the
/// router alone.
#[test]
fn routes_are_added_in_one_place() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut adding = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let ways = [".route(", ".route_service(", ".nest(", ".merge("];
                if ways.iter().any(|way| text.contains(way)) {
                    adding.push(path);
                }
            }
        }
    }
    assert_eq!(adding.len(), 1, "{adding:?}");
    assert!(adding[0].ends_with("openapi/mod.rs"), "{adding:?}");
}

/// A path of this template. Nothing is there.
fn some_path(template: &str) -> String {
    let parts: Vec<&str> = template
        .split('/')
        .map(|part| {
            if part.starts_with('{') {
                "nothing"
            } else {
                part
            }
        })
        .collect();
    parts.join("/")
}

#[test]
fn names_are_unique_and_references_lead_somewhere() {
    let document = deskhand_http::openapi();
    let operations = contract().operations();
    let names: BTreeSet<&str> = operations.iter().map(|operation| operation.id).collect();
    assert_eq!(names.len(), operations.len());
    let mut referred = BTreeSet::new();
    references(&document, &mut referred);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in schemas.keys() {
        assert!(referred.contains(name), "{name} is used nowhere");
    }
    for name in &referred {
        assert!(schemas.contains_key(name), "there is no schema {name}");
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let name = reference.strip_prefix("#/components/schemas/");
                found.insert(name.expect(reference).to_owned());
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_success_and_request_with_json_has_an_example() {
    let document = deskhand_http::openapi();
    for operation in contract().operations() {
        let value = &document["paths"][operation.path][operation.method];
        let mut contents = vec![&value["requestBody"]["content"]["application/json"]];
        if operation.id != "openapi" {
            contents.push(&value["responses"][operation.success()]["content"]["application/json"]);
        }
        for content in contents.into_iter().filter(|content| content.is_object()) {
            assert!(!content["example"].is_null(), "{}", operation.id);
        }
    }
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let page = app.send_as(None, "GET", "/docs", Value::Null).await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"));
    for loads in [
        "<script", "src=", "style=", "@import", "url(", "<img", "<iframe",
    ] {
        assert!(!page.text.contains(loads), "{loads}");
    }
    let links: Vec<&str> = page
        .text
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|link| !link.starts_with('#'))
        .collect();
    assert_eq!(links, ["/docs/style.css", "/openapi.json"]);
    let style = app
        .send_as(None, "GET", "/docs/style.css", Value::Null)
        .await;
    assert_eq!(
        style.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    assert!(!style.text.contains("url(") && !style.text.contains("@import"));
}

#[tokio::test]
async fn links_of_the_page_lead_somewhere() {
    let app = TestApp::start().await;
    let page = app.get("/docs").await.text;
    for link in page.split("href=\"#").skip(1) {
        let id = link.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    for operation in contract().operations() {
        assert!(page.contains(&format!("id=\"{}\"", operation.id)));
    }
}

#[tokio::test]
async fn the_served_document_is_the_same() {
    let app = TestApp::start().await;
    let served = app.send_as(None, "GET", "/openapi.json", Value::Null).await;
    assert_eq!(served.expect(200), deskhand_http::openapi());
    assert_eq!(deskhand_http::openapi()["openapi"], json!("3.1.1"));
}
