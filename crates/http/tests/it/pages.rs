//! The pages of the dashboard and the widget, and what stands in their place in a build without them.

use deskhand_http::Pages;
use deskhand_testkit::{Answer, Server, TestApp};
use serde_json::Value;

async fn get(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Answer {
    app.send_raw("GET", path, headers, Vec::new()).await
}

async fn plain(app: &TestApp, path: &str) -> Answer {
    get(app, path, &[]).await
}

#[tokio::test]
async fn every_page_of_the_dashboard_is_its_index() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/index.html",
        "/actions",
        "/agents/agt_1/playground?x=a.b",
        "/docs/nothing",
        "/widget-settings",
    ] {
        let answer = plain(&app, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.text, "<!doctype html><title>Dashboard</title>");
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let policy = answer.header("content-security-policy").unwrap();
        for rule in [
            "default-src 'none'",
            "script-src 'self';",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(rule), "{policy}");
        }
    }
}

#[tokio::test]
async fn what_is_no_page_is_a_problem() {
    let app = TestApp::start().await;
    for path in [
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v1/agents/agt_1/nothing/at/all",
        "/nothing.js",
        "/assets/gone-1a2b.js",
        "/assets/",
        "/assets/notes.docx",
        "/assets/main-1a2b.js.gz",
        "/assets/..%2findex.html",
        "/assets/../widget/widget.js",
        "/.env",
        "/widget/",
        "/widget/widget.js",
        "/widget/assets/main-1a2b.js",
        "/widget/assets/../frame.html",
    ] {
        let answer = plain(&app, path).await;
        assert_eq!(answer.problem(404), "not_found", "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[tokio::test]
async fn pages_are_only_read() {
    let app = TestApp::start().await;
    for path in ["/", "/actions", "/widget.js"] {
        let answer = app.send("POST", path, Value::Null).await;
        assert_eq!(answer.problem(405), "method_not_allowed");
        assert_eq!(answer.header("allow"), Some("GET, HEAD"));
    }
    let answer = app.send("POST", "/v1/nothing", Value::Null).await;
    assert_eq!(answer.problem(404), "not_found");
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_the_loader_for_minutes() {
    let app = TestApp::start().await;
    let long = "public, max-age=31536000, immutable";
    let short = "public, max-age=300";
    for (path, cache, kind, text) in [
        (
            "/assets/main-1a2b.js",
            long,
            "text/javascript; charset=utf-8",
            "dashboard()",
        ),
        (
            "/widget/assets/frame-3c4d.css",
            long,
            "text/css; charset=utf-8",
            "body{}",
        ),
        (
            "/widget.js",
            short,
            "text/javascript; charset=utf-8",
            "widget()",
        ),
        ("/favicon.svg", short, "image/svg+xml", "<svg/>"),
    ] {
        let answer = plain(&app, path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("cache-control"), Some(cache), "{path}");
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert_eq!(answer.header("vary"), Some("accept-encoding"), "{path}");
        assert_eq!(answer.text, text);
        let policy = answer.header("cross-origin-resource-policy");
        let expected = if path.starts_with("/widget") {
            "cross-origin"
        } else {
            "same-origin"
        };
        assert_eq!(policy, Some(expected), "{path}");
    }
}

#[tokio::test]
async fn the_best_form_that_the_browser_reads_is_sent() {
    let app = TestApp::start().await;
    for (path, accepted, coding, text) in [
        ("/", "gzip, deflate, br", Some("br"), "dashboard in brotli"),
        ("/", "gzip", Some("gzip"), "dashboard in gzip"),
        ("/", "br;q=0, gzip", Some("gzip"), "dashboard in gzip"),
        (
            "/",
            "identity",
            None,
            "<!doctype html><title>Dashboard</title>",
        ),
        // Not every form is there.
        (
            "/assets/main-1a2b.js",
            "gzip, br",
            Some("gzip"),
            "dashboard() in gzip",
        ),
        ("/widget/assets/frame-3c4d.css", "gzip, br", None, "body{}"),
    ] {
        let answer = get(&app, path, &[("accept-encoding", accepted)]).await;
        assert_eq!(
            answer.header("content-encoding"),
            coding,
            "{path} {accepted}"
        );
        assert_eq!(answer.text, text);
        let length = text.len().to_string();
        assert_eq!(answer.header("content-length"), Some(&*length));
    }
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let app = TestApp::start().await;
    for path in ["/", "/widget.js"] {
        let first = get(&app, path, &[("accept-encoding", "br")]).await;
        let tag = first.header("etag").unwrap();
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
        let head = [("accept-encoding", "br"), ("if-none-match", tag)];
        let again = get(&app, path, &head).await;
        assert_eq!(again.status, 304);
        assert_eq!(again.text, "");
        assert_eq!(again.header("content-type"), None);
        for kept in ["etag", "vary", "cache-control", "content-security-policy"] {
            assert_eq!(again.header(kept), first.header(kept), "{kept}");
        }
        // Another form is another text.
        let other = get(&app, path, &[("if-none-match", tag)]).await;
        assert_eq!(other.status, 200);
        assert_ne!(other.header("etag"), Some(tag));
    }
}

#[tokio::test]
async fn head_answers_as_get_without_the_body() {
    let app = TestApp::start().await;
    for path in ["/", "/widget.js", "/assets/main-1a2b.js"] {
        let whole = plain(&app, path).await;
        let head = app.send_raw("HEAD", path, &[], Vec::new()).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
        for name in [
            "content-length",
            "content-type",
            "etag",
            "cache-control",
            "vary",
        ] {
            assert!(whole.header(name).is_some(), "{name}");
            assert_eq!(head.header(name), whole.header(name), "{name}");
        }
    }
}

#[tokio::test]
async fn without_built_pages_the_root_says_what_to_do() {
    let app = TestApp::start().await;
    let server = Server::start(app.service.clone(), Pages::of::<&str, &str>([])).await;
    let ask =
        async |path| deskhand_testkit::request(server.address, "GET", path, &[], Vec::new()).await;
    for path in ["/", "/actions"] {
        let answer = ask(path).await;
        assert_eq!(answer.status, 200);
        for said in ["Node.js", "cargo xtask demo", "href=\"/docs\""] {
            assert!(answer.text.contains(said), "{}", answer.text);
        }
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
    }
    for path in ["/widget.js", "/assets/main-1a2b.js", "/v1/nothing"] {
        assert_eq!(ask(path).await.problem(404), "not_found", "{path}");
    }
}
