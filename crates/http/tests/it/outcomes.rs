//! The outcome table, through a conversation: what is recorded, how often the endpoint is asked, and
//! what the customer hears.

use std::time::Duration;

use deskhand_testkit::{Reply, TestApp, WebhookServer};
use serde_json::{Value, json};

use crate::seen::{CLAIM, Outcome, ask, outcome};

/// A question in a new app whose endpoint answers so, in order.
async fn after(action: Value, replies: Vec<Reply>) -> (Outcome, usize) {
    let app = TestApp::start().await;
    let mut talk = app.shop(action).await;
    for reply in replies {
        app.webhook.reply(reply);
    }
    let outcome = ask(&app, &mut talk).await;
    (outcome, app.webhook.requests().len())
}

fn write() -> Value {
    json!({})
}

fn read() -> Value {
    json!({"effect": "read"})
}

fn idempotent() -> Value {
    json!({"idempotent": true})
}

fn cut_body() -> Reply {
    Reply::raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{\"success\":")
        .then_close()
}

#[tokio::test]
async fn success_true_is_a_success_with_its_result() {
    let body = json!({"success": true, "result": {"status": "shipped"}, "extra": 1});
    let (outcome, sent) = after(write(), vec![Reply::json(200, &body)]).await;
    outcome.is_succeeded(json!({"status": "shipped"}));
    assert_eq!((sent, outcome.attempts()), (1, 1));
    assert_eq!(outcome.invocation["warnings"], json!([]));
    assert!(outcome.answer["invocations"][0]["duration_ms"].is_number());
}

#[tokio::test]
async fn an_object_without_success_is_a_success_with_a_warning() {
    let (outcome, _) = after(
        write(),
        vec![Reply::json(201, &json!({"status": "shipped"}))],
    )
    .await;
    outcome.is_succeeded(json!({"status": "shipped"}));
    assert_eq!(outcome.invocation["warnings"], json!(["no_success_field"]));
}

#[tokio::test]
async fn an_empty_202_or_204_is_a_success_without_result() {
    for status in [202, 204] {
        let (outcome, _) = after(write(), vec![Reply::full(status, &[], b"")]).await;
        outcome.is_succeeded(Value::Null);
    }
}

#[tokio::test]
async fn success_false_is_declined_and_the_model_gets_the_owners_words() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({})).await;
    let no = json!({"success": false, "error": "Order not found"});
    app.webhook.reply(Reply::json(200, &no));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply("I couldn't find that order number. Could you double-check it?");
    let reply = talk.hear("Where is A-1?").await;
    assert_eq!(
        reply,
        "I couldn't find that order number. Could you double-check it?"
    );
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["status"], "declined");
    assert_eq!(invocation["error"], "Order not found");
    assert_eq!(invocation["failure"], Value::Null);
    let told = app
        .models
        .last_request()
        .messages()
        .last()
        .unwrap()
        .to_string();
    assert!(
        told.contains("declined") && told.contains("Order not found"),
        "{told}"
    );
}

#[tokio::test]
async fn what_is_not_json_is_unknown_for_a_write_and_failed_for_a_look_up() {
    let bodies = [
        &b"<html>Welcome</html>"[..],
        b"",
        b"[1]",
        b"\"ok\"",
        b"{\"success\": \"yes\"}",
        b"{\"success\": true",
        b"\xff\xfe",
    ];
    let app = TestApp::start().await;
    let mut writes = app.shop(json!({})).await;
    let mut reads = app.shop(json!({"effect": "read", "name": "look_up"})).await;
    for body in bodies {
        let sent = app.webhook.requests().len();
        writes.conversation = None;
        app.webhook.reply(Reply::full(200, &[], body));
        ask(&app, &mut writes).await.is_unknown("invalid_response");
        app.webhook.reply(Reply::full(200, &[], body));
        app.models
            .call("look_up", json!({"order_number": "A-1"}))
            .reply(CLAIM);
        reads.conversation = None;
        let answer = reads.say("Please see to A-1").await;
        outcome(&app, answer).await.is_failed("invalid_response");
        assert_eq!(app.webhook.requests().len(), sent + 2);
    }
}

#[tokio::test]
async fn a_response_over_the_cap_is_unknown_for_a_write_and_failed_for_a_look_up() {
    let flood = || {
        Reply::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffff\r\n").then_flood()
    };
    let (outcome, sent) = after(write(), vec![flood()]).await;
    outcome.is_unknown("response_too_large");
    assert_eq!(sent, 1);
    let (outcome, sent) = after(read(), vec![flood()]).await;
    outcome.is_failed("response_too_large");
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn a_redirect_is_refused_and_its_target_left_alone() {
    let target = WebhookServer::start(&[]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = target.url("/stolen");
        let redirect = Reply::full(status, &[("location", &location)], b"");
        let (outcome, sent) = after(read(), vec![redirect]).await;
        outcome.is_failed("redirect_refused");
        assert_eq!(outcome.invocation["failure"]["http_status"], status);
        assert_eq!((sent, target.connections()), (1, 0));
    }
}

#[tokio::test]
async fn other_4xx_and_5xx_are_failed_at_once() {
    for status in [400, 401, 403, 404, 409, 422, 500, 501] {
        let (outcome, sent) = after(
            read(),
            vec![Reply::json(status, &json!({"error": "secret trace"}))],
        )
        .await;
        outcome.is_failed("http_error");
        assert_eq!(outcome.invocation["failure"]["http_status"], status);
        assert!(!outcome.reply.contains("trace"));
        assert_eq!((sent, outcome.attempts()), (1, 1), "{status}");
    }
}

#[tokio::test]
async fn a_busy_endpoint_is_asked_again_only_where_that_is_harmless() {
    let cases = [429, 502, 503, 504].map(|status| async move {
        let busy = || Reply::full(status, &[("retry-after", "0")], b"");
        let (outcome, sent) = after(write(), vec![busy()]).await;
        outcome.is_failed("http_error");
        assert_eq!((sent, outcome.attempts()), (1, 1), "{status}");
        for repeatable in [read(), idempotent()] {
            let replies = vec![busy(), busy(), busy(), busy()];
            let (outcome, sent) = after(repeatable.clone(), replies).await;
            outcome.is_failed("http_error");
            assert_eq!((sent, outcome.attempts()), (3, 3), "{status}");
            let (outcome, sent) = after(repeatable, vec![busy(), busy()]).await;
            outcome.is_succeeded(Value::Null);
            assert_eq!((sent, outcome.attempts()), (3, 3), "{status}");
            let first = &outcome.invocation["attempts"][0];
            assert_eq!(first["response"]["status"], status);
            assert_eq!(first["failure"]["code"], "http_error");
        }
    });
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn retry_after_is_honoured_if_there_is_time() {
    let busy = || Reply::full(503, &[("retry-after", "20")], b"");
    let app = TestApp::start().await;
    let mut talk = app
        .shop(json!({"effect": "read", "timeout_seconds": 10}))
        .await;
    app.webhook.reply(busy());
    // Not enough time for a wait of 20 s: it ends at once.
    ask(&app, &mut talk).await.is_failed("http_error");
    assert_eq!(app.webhook.requests().len(), 1);

    let mut talk = app.shop(json!({"effect": "read", "name": "patient"})).await;
    app.webhook.reply(busy());
    app.models
        .call("patient", json!({"order_number": "A-1"}))
        .reply(CLAIM);
    let waits = async {
        app.webhook.wait_for_requests(2).await;
        crate::settle().await;
        assert_eq!(app.webhook.requests().len(), 2);
        app.let_pass(Duration::from_secs(21)).await;
    };
    let (answer, ()) = tokio::join!(talk.say("Please see to A-1"), waits);
    outcome(&app, answer).await.is_succeeded(Value::Null);
    assert_eq!(app.webhook.requests().len(), 3);
}

#[tokio::test]
async fn a_connection_lost_after_the_request_is_never_guessed_about() {
    let ways = [
        Reply::nothing().then_reset(),
        Reply::nothing().then_close(),
        cut_body(),
    ];
    let cases = ways.map(|lost| async move {
        let (outcome, sent) = after(write(), vec![lost.clone()]).await;
        outcome.is_unknown("connection_lost");
        assert_eq!((sent, outcome.attempts()), (1, 1));

        let thrice = vec![lost.clone(), lost.clone(), lost.clone()];
        let (outcome, sent) = after(idempotent(), thrice.clone()).await;
        outcome.is_unknown("connection_lost");
        assert_eq!((sent, outcome.attempts()), (3, 3));

        let (outcome, sent) = after(read(), thrice).await;
        outcome.is_failed("connection_lost");
        assert_eq!((sent, outcome.attempts()), (3, 3));

        for repeatable in [read(), idempotent()] {
            let (outcome, sent) = after(repeatable, vec![lost.clone()]).await;
            outcome.is_succeeded(Value::Null);
            assert_eq!((sent, outcome.attempts()), (2, 2));
        }
    });
    futures_util::future::join_all(cases).await;
}

#[tokio::test]
async fn an_idempotent_write_that_was_lost_and_then_refused_is_still_unknown() {
    let replies = vec![Reply::nothing().then_reset(), Reply::json(500, &json!({}))];
    let (outcome, sent) = after(idempotent(), replies).await;
    outcome.is_unknown("connection_lost");
    assert_eq!(sent, 2);
}

#[tokio::test]
async fn a_timeout_is_final_unknown_for_a_write_and_failed_for_a_look_up() {
    for (action, status) in [
        (write(), "unknown"),
        (idempotent(), "unknown"),
        (read(), "failed"),
    ] {
        for slow in [
            Reply::nothing().then_hang(),
            Reply::raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{").then_hang(),
        ] {
            let app = TestApp::start().await;
            let mut action = action.clone();
            action["timeout_seconds"] = json!(1);
            let mut talk = app.shop(action).await;
            app.webhook.reply(slow);
            let clock = async {
                app.webhook.wait_for_requests(1).await;
                crate::settle().await;
                app.let_pass(Duration::from_millis(1_001)).await;
            };
            let (outcome, ()) = tokio::join!(ask(&app, &mut talk), clock);
            match status {
                "unknown" => outcome.is_unknown("timeout"),
                _ => outcome.is_failed("timeout"),
            }
            assert_eq!((app.webhook.requests().len(), outcome.attempts()), (1, 1));
        }
    }
}
