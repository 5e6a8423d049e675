//! What goes over the wire, and what is kept of it.

use deskhand_domain::invocation::{FailureCode, InvocationStatus};
use deskhand_testkit::Reply;
use deskhand_webhook::{Call, CallHeader, HeaderText, SigningSecret};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use crate::rig::{Rig, SECRET, write};

#[tokio::test]
async fn a_call_sends_exactly_the_headers_of_the_contract() {
    let rig = Rig::new().await;
    rig.server.reply(Reply::json(
        200,
        &json!({"success": true, "result": {"status": "shipped"}}),
    ));
    let call = write();
    let id = call.invocation_id.to_string();
    let report = rig.call(call).await;

    assert_eq!(
        report.outcome.status,
        InvocationStatus::Succeeded,
        "{report:#?}"
    );
    assert_eq!(report.outcome.result, Some(json!({"status": "shipped"})));
    let requests = rig.server.requests();
    assert_eq!(requests.len(), 1);
    let signature = requests[0].header("webhook-signature").unwrap();
    let expected = format!(
        "POST /orders HTTP/1.1\r\n\
         host: hook.example.com\r\n\
         content-type: application/json\r\n\
         accept: application/json\r\n\
         user-agent: Deskhand/{}\r\n\
         content-length: 31\r\n\
         webhook-id: {id}\r\n\
         webhook-timestamp: 1795435200\r\n\
         webhook-signature: {signature}\r\n\
         idempotency-key: \"{id}\"\r\n\
         deskhand-contact: asserted",
        env!("CARGO_PKG_VERSION"),
    );
    assert_eq!(requests[0].head, expected);
    assert_eq!(requests[0].body, br#"{"action":"check_order_status"}"#);
}

#[tokio::test]
async fn the_optional_headers_are_sent_when_they_are_due() {
    let rig = Rig::new().await;
    let report = rig
        .call(Call {
            contact_verified: true,
            test: true,
            callback_url: Some("https://desk.example.com/v1/callbacks/tok_canary".into()),
            earlier: None,
            headers: vec![
                header("X-Shop", "7"),
                secret_header("Authorization", "Bearer sk_live_canary01"),
            ],
            ..write()
        })
        .await;
    let request = &rig.server.requests()[0];
    assert_eq!(request.header("deskhand-contact"), Some("verified"));
    assert_eq!(request.header("deskhand-test"), Some("true"));
    assert_eq!(
        request.header("deskhand-callback-url"),
        Some("https://desk.example.com/v1/callbacks/tok_canary")
    );
    assert!(!format!("{report:?}").contains("canary"));
    assert_eq!(request.header("x-shop"), Some("7"));
    assert_eq!(
        request.header("authorization"),
        Some("Bearer sk_live_canary01")
    );
}

fn header(name: &str, value: &str) -> CallHeader {
    CallHeader {
        name: name.into(),
        value: HeaderText::Plain(value.into()),
    }
}

fn secret_header(name: &str, value: &str) -> CallHeader {
    CallHeader {
        name: name.into(),
        value: HeaderText::Secret(value.to_owned().into()),
    }
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "the library checks the timestamp against the system's clock"
)]
async fn any_standard_webhooks_library_verifies_the_signature_while_secrets_rotate() {
    let rig = Rig::new().await;
    rig.clock.set(jiff::Timestamp::now());
    let new = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let secrets = [SECRET, new].map(|text| SigningSecret::parse(text).unwrap());
    rig.call(Call {
        signing_secrets: secrets.into(),
        ..write()
    })
    .await;
    let request = &rig.server.requests()[0];
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    for secret in [SECRET, new] {
        let webhook = standardwebhooks::Webhook::new(secret).unwrap();
        webhook.verify(&request.body, &headers).unwrap();
        assert!(webhook.verify(b"{}", &headers).is_err());
    }
}

#[tokio::test]
async fn a_header_of_ours_cannot_be_overridden_and_nothing_is_sent() {
    let rig = Rig::new().await;
    for name in [
        "webhook-signature",
        "Host",
        "Transfer-Encoding",
        "deskhand-contact",
    ] {
        let report = rig
            .call(Call {
                headers: vec![header(name, "x")],
                ..write()
            })
            .await;
        assert_eq!(report.outcome.status, InvocationStatus::Failed, "{name}");
        assert!(!report.sent);
    }
    assert_eq!(rig.server.connections(), 0);
}

#[tokio::test]
async fn an_attempt_is_recorded_with_its_secrets_out() {
    let rig = Rig::new().await;
    let secret = "Bearer sk_live_\"canary\"_9";
    let bare = SECRET.trim_start_matches("whsec_");
    let echo = json!({
        "success": true,
        "result": {"auth": secret, "token": "sk_live_\"canary\"_9", "signed_with": SECRET, "key": bare, "fine": "yes"},
    });
    rig.server.reply(Reply::full(
        200,
        &[("x-echo", secret), ("content-type", "application/json")],
        echo.to_string().as_bytes(),
    ));
    let report = rig
        .call(Call {
            headers: vec![secret_header("Authorization", secret)],
            ..write()
        })
        .await;

    let hidden = "[redacted]";
    assert_eq!(
        report.outcome.result,
        Some(
            json!({"auth": hidden, "token": hidden, "signed_with": hidden, "key": hidden, "fine": "yes"})
        )
    );
    let attempt = &report.attempts[0];
    assert_eq!(attempt.number, 1);
    assert_eq!(attempt.request.url, "https://hook.example.com/orders");
    assert_eq!(attempt.request.body, r#"{"action":"check_order_status"}"#);
    let sent = attempt
        .request
        .headers
        .iter()
        .find(|h| h.name == "authorization")
        .unwrap();
    assert_eq!(sent.value, hidden);
    let response = attempt.response.as_ref().unwrap();
    assert_eq!(response.status, 200);
    assert!(
        response
            .headers
            .iter()
            .any(|h| h.name == "x-echo" && h.value == hidden)
    );
    assert!(!response.body_truncated);
    let everything = format!("{report:?}");
    assert!(
        !everything.contains("canary") && !everything.contains(bare),
        "{everything}"
    );
    let timings = attempt.timings;
    for phase in [
        timings.dns_ms,
        timings.connect_ms,
        timings.tls_ms,
        timings.first_byte_ms,
    ] {
        assert!(
            phase.is_some_and(|ms| ms >= 0.0 && ms <= timings.total_ms),
            "{timings:?}"
        );
    }
}

#[tokio::test]
async fn a_secret_in_the_endpoints_error_is_taken_out() {
    let rig = Rig::new().await;
    rig.server.reply(Reply::json(
        200,
        &json!({"success": false, "error": "bad key sk_live_canary01"}),
    ));
    let report = rig
        .call(Call {
            headers: vec![secret_header("x-key", "sk_live_canary01")],
            ..write()
        })
        .await;
    assert_eq!(report.outcome.status, InvocationStatus::Declined);
    assert_eq!(report.outcome.error.as_deref(), Some("bad key [redacted]"));
}

#[tokio::test]
async fn a_secret_at_the_cut_of_a_long_error_is_taken_out_before_the_cut() {
    let rig = Rig::new().await;
    let error = format!("{}sk_live_canary01", "a".repeat(490));
    rig.server
        .reply(Reply::json(200, &json!({"success": false, "error": error})));
    let report = rig
        .call(Call {
            headers: vec![secret_header("x-key", "sk_live_canary01")],
            ..write()
        })
        .await;
    assert_eq!(
        report.outcome.error,
        Some(format!("{}[redacted]", "a".repeat(490)))
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_sent() {
    let rig = Rig::new().await;
    let report = rig
        .call(Call {
            body: vec![b'a'; 256 * 1024 + 1].into(),
            ..write()
        })
        .await;
    assert!(!report.sent);
    assert_eq!(report.outcome.status, InvocationStatus::Failed);
    let report = rig
        .call(Call {
            body: vec![b'a'; 256 * 1024].into(),
            ..write()
        })
        .await;
    assert_eq!(report.outcome.status, InvocationStatus::Succeeded);
    assert_eq!(rig.server.requests()[0].body.len(), 256 * 1024);
    assert_eq!(report.attempts[0].request.body.len(), 64 * 1024);
}

#[tokio::test]
async fn a_refusal_shows_the_class_of_the_rule_and_no_address_and_no_timing() {
    let rig = Rig::new().await;
    rig.dns.answer("hook.example.com", &["10.11.12.13"]);
    let report = rig.call(write()).await;
    let failure = report.outcome.failure.as_ref().unwrap();
    assert_eq!(failure.code, FailureCode::BlockedDestination);
    assert!(failure.message.contains("public internet"));
    let attempt = &report.attempts[0];
    assert_eq!(attempt.timings.dns_ms, None);
    assert!(!format!("{report:?}").contains("10.11.12.13"));
}
