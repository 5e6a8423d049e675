//! The outcome table, through a conversation: what is recorded, how often the endpoint is asked, and
//! what the customer hears.

use std::net::SocketAddr;
use std::time::Duration;

use deskhand_testkit::{DnsReply, Reply, ServerOptions, Talk, TestApp, WebhookServer};
use serde_json::{Value, json};

/// Asked of the model after the call; never true, so it must not get through where it matters.
const CLAIM: &str = "All done! Your order was cancelled successfully.";

/// What came of one question whose action was called.
struct Outcome {
    answer: Value,
    reply: String,
    invocation: Value,
}

impl Outcome {
    fn status(&self) -> &str {
        self.invocation["status"].as_str().unwrap()
    }

    fn code(&self) -> &str {
        self.invocation["failure"]["code"]
            .as_str()
            .unwrap_or_default()
    }

    fn attempts(&self) -> usize {
        self.invocation["attempts"].as_array().unwrap().len()
    }

    /// Nothing in the reply that a customer must not see.
    fn is_fit_for_customers(&self) {
        let reply = self.reply.to_lowercase();
        for internal in [
            "127.0.0.1",
            "localhost",
            "http",
            "shop.example.com",
            "webhook",
            "endpoint",
            "500",
            "503",
            "404",
            "timeout",
            "tls",
            "dns",
            "connection",
            "json",
            "null",
            "error",
            "code",
            "check_order_status",
            "inv_",
            "internal",
            "parameter",
        ] {
            assert!(!reply.contains(internal), "{internal:?} in {reply:?}");
        }
        assert!(self.reply.ends_with(['.', '?', '!']), "{:?}", self.reply);
        let way_on = reply.contains("again") || reply.contains("contact") || reply.contains('?');
        assert!(way_on, "no way on in {reply:?}");
    }

    fn is_failed(&self, code: &str) {
        assert_eq!(
            (self.status(), self.code()),
            ("failed", code),
            "{:#}",
            self.invocation
        );
        assert!(!self.reply.contains(CLAIM), "{}", self.reply);
        assert!(
            self.reply.contains("wasn't able to complete"),
            "{}",
            self.reply
        );
        self.is_fit_for_customers();
    }

    fn is_unknown(&self, code: &str) {
        assert_eq!(
            (self.status(), self.code()),
            ("unknown", code),
            "{:#}",
            self.invocation
        );
        let said = "I couldn't complete that in time, and I can't confirm whether it went through.";
        assert!(self.reply.starts_with(said), "{}", self.reply);
        assert!(!self.reply.contains(CLAIM), "{}", self.reply);
        self.is_fit_for_customers();
    }

    fn is_succeeded(&self, result: Value) {
        assert_eq!(self.status(), "succeeded", "{:#}", self.invocation);
        assert_eq!(self.invocation["result"], result);
        assert_eq!(self.invocation["failure"], Value::Null);
        assert_eq!(self.reply, CLAIM);
    }
}

/// Asks one question in the conversation; the model calls the action and then claims success.
async fn ask(app: &TestApp, talk: &mut Talk<'_>) -> Outcome {
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .reply(CLAIM);
    let answer = talk.say("Please see to A-1").await;
    outcome(app, answer).await
}

async fn outcome(app: &TestApp, answer: Value) -> Outcome {
    assert_eq!(answer["status"], "completed");
    assert_eq!(
        answer["invocations"].as_array().unwrap().len(),
        1,
        "{answer}"
    );
    let invocation = app.last_invocation().await;
    assert_eq!(invocation["id"], answer["invocations"][0]["id"]);
    assert_eq!(invocation["status"], answer["invocations"][0]["status"]);
    Outcome {
        reply: answer["reply"].as_str().unwrap().to_owned(),
        answer,
        invocation,
    }
}

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

#[tokio::test]
async fn the_way_on_is_the_agents_contact_if_it_has_one() {
    let app = TestApp::start().await;
    let agent = json!({"fallback_contact": "help@shop.example"});
    let mut talk = app.shop_with(agent, [json!({})]).await;
    app.webhook.reply(Reply::json(500, &json!({})));
    let failed = ask(&app, &mut talk).await;
    failed.is_failed("http_error");
    assert!(
        failed.reply.contains("help@shop.example"),
        "{}",
        failed.reply
    );
    app.webhook.reply(Reply::nothing().then_reset());
    let unknown = ask(&app, &mut talk).await;
    unknown.is_unknown("connection_lost");
    assert!(
        unknown.reply.contains("help@shop.example"),
        "{}",
        unknown.reply
    );
    assert!(!unknown.reply.contains("again"), "{}", unknown.reply);
}

#[tokio::test]
async fn a_look_up_that_worked_in_the_end_is_told_by_the_model() {
    let app = TestApp::start().await;
    let mut talk = app.shop(read()).await;
    app.webhook.reply(Reply::json(500, &json!({})));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .call("check_order_status", json!({"order_number": "A1"}))
        .reply("It has shipped.");
    assert_eq!(talk.hear("Where is A-1?").await, "It has shipped.");
}

#[tokio::test]
async fn one_success_does_not_hide_anothers_failure_and_each_is_told_by_its_number() {
    let app = TestApp::start().await;
    let mut talk = app.shop(json!({"display_name": "Cancel the order"})).await;
    app.webhook.reply(Reply::json(500, &json!({})));
    app.models
        .call("check_order_status", json!({"order_number": "A-1"}))
        .call("check_order_status", json!({"order_number": "A-2"}))
        .reply(CLAIM);
    assert_eq!(
        talk.hear("Cancel A-1 and A-2").await,
        "\u{201c}Cancel the order\u{201d} (A-2) is done. I wasn't able to complete \u{201c}Cancel \
         the order\u{201d} (A-1) just now. You can try again in a few minutes."
    );
}

#[tokio::test]
async fn what_worked_is_told_beside_what_did_not() {
    let app = TestApp::start().await;
    let actions = [
        json!({"name": "look_up", "display_name": "Look up the order", "effect": "read"}),
        json!({"name": "cancel", "display_name": "Cancel the order"}),
    ];
    let mut talk = app.shop_with(json!({}), actions).await;
    let found = json!({"success": true, "result": {"status": "shipped"}});
    app.webhook.reply(Reply::json(200, &found));
    app.webhook.reply(Reply::nothing().then_reset());
    app.models
        .call("look_up", json!({"order_number": "A-1"}))
        .call("cancel", json!({"order_number": "A-1"}))
        .reply(CLAIM);
    let reply = talk.hear("Look up A-1, then cancel it").await;
    assert!(reply.contains("shipped"), "{reply}");
    assert!(
        reply.contains("I can't confirm whether it went through"),
        "{reply}"
    );
    assert!(!reply.contains(CLAIM), "{reply}");
}
