//! Calls that never leave: no address, no connection, no trust.

use std::net::SocketAddr;
use std::time::Duration;

use deskhand_testkit::{DnsReply, ServerOptions, TestApp, WebhookServer};
use serde_json::{Value, json};

use crate::seen::ask;

#[tokio::test]
async fn a_refused_port_is_failed_after_three_attempts() {
    let closed: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let app = TestApp::start_with_exceptions(&[closed]).await;
    let mut talk = app
        .shop(json!({"webhook_url": "https://127.0.0.1:1/orders"}))
        .await;
    let outcome = ask(&app, &mut talk).await;
    outcome.is_failed("connect_error");
    assert_eq!(outcome.attempts(), 3);
    assert_eq!(outcome.invocation["sent_at"], Value::Null);
    assert_eq!(outcome.invocation["attempts"][0]["response"], Value::Null);
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_gets_nothing() {
    let unknown_root = WebhookServer::start(&[]).await;
    let plain = WebhookServer::start_with(ServerOptions {
        instead_of_tls: Some(
            b"HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"success\":true}".to_vec(),
        ),
        ..ServerOptions::default()
    })
    .await;
    for server in [unknown_root, plain] {
        let app = TestApp::start_with_exceptions(&[server.address()]).await;
        let mut talk = app
            .shop(json!({"webhook_url": server.url("/orders")}))
            .await;
        let outcome = ask(&app, &mut talk).await;
        outcome.is_failed("tls_error");
        assert_eq!(outcome.attempts(), 3);
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn a_name_on_another_servers_certificate_is_a_tls_error() {
    let app = TestApp::start().await;
    app.dns.answer("other.example.com", &["127.0.0.1"]);
    let url = format!(
        "https://other.example.com:{}/",
        app.webhook.address().port()
    );
    let mut talk = app.shop(json!({"webhook_url": url})).await;
    ask(&app, &mut talk).await.is_failed("tls_error");
    assert!(app.webhook.requests().is_empty());
}

#[tokio::test]
async fn a_name_that_is_gone_is_failed_after_three_look_ups() {
    let app = TestApp::start().await;
    let url = "https://gone.example.com/";
    let mut talk = app.shop(json!({"webhook_url": url})).await;
    app.dns
        .script("gone.example.com", vec![DnsReply::addresses(&[])]);
    let outcome = ask(&app, &mut talk).await;
    outcome.is_failed("dns_error");
    assert_eq!(
        (outcome.attempts(), app.dns.lookups("gone.example.com")),
        (3, 3)
    );
}

#[tokio::test]
async fn a_name_server_that_never_answers_uses_up_the_time_and_nothing_was_sent() {
    let app = TestApp::start().await;
    let url = "https://slow.example.com/";
    let mut talk = app
        .shop(json!({"webhook_url": url, "timeout_seconds": 2}))
        .await;
    app.dns.script("slow.example.com", vec![DnsReply::Never]);
    let clock = async {
        app.models.arrived(1).await;
        while app.dns.lookups("slow.example.com") == 0 {
            tokio::task::yield_now().await;
        }
        app.let_pass(Duration::from_millis(2_001)).await;
    };
    let (outcome, ()) = tokio::join!(ask(&app, &mut talk), clock);
    outcome.is_failed("timeout");
    assert_eq!(outcome.invocation["sent_at"], Value::Null);
}

#[tokio::test]
async fn a_name_that_turns_inwards_is_blocked_at_once() {
    let app = TestApp::start().await;
    let port = app.webhook.address().port();
    app.dns.script(
        "shop.example.com",
        vec![
            DnsReply::addresses(&["127.0.0.1"]),
            DnsReply::addresses(&["10.0.0.5"]),
        ],
    );
    let url = format!("https://shop.example.com:{port}/orders");
    let mut talk = app
        .shop(json!({"webhook_url": url, "effect": "read"}))
        .await;
    let outcome = ask(&app, &mut talk).await;
    outcome.is_failed("blocked_destination");
    assert_eq!(outcome.attempts(), 1);
    assert!(!outcome.invocation.to_string().contains("10.0.0.5"));
    assert!(app.webhook.requests().is_empty());
}
