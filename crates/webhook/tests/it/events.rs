//! Events on the wire: what is sent, and when it counts as taken.

use std::time::Duration;

use deskhand_domain::invocation::FailureCode;
use deskhand_testkit::Reply;
use deskhand_webhook::{Notification, SigningSecret};
use serde_json::json;

use crate::rig::{Rig, SECRET, event};

#[tokio::test]
async fn an_event_sends_exactly_the_headers_of_the_contract() {
    let rig = Rig::new().await;
    let event = event();
    let id = event.event_id.to_string();
    let report = rig.client.notify(&event).await;

    assert_eq!(report.attempt.failure, None);
    assert_eq!(report.attempt.number, 3);
    let requests = rig.server.requests();
    assert_eq!(requests.len(), 1);
    let signature = SigningSecret::parse(SECRET)
        .unwrap()
        .sign(&id, 1_795_435_200, &event.body);
    let expected = format!(
        "POST /events HTTP/1.1\r\n\
         host: hook.example.com\r\n\
         content-type: application/json\r\n\
         accept: application/json\r\n\
         user-agent: Deskhand/{}\r\n\
         content-length: 24\r\n\
         webhook-id: {id}\r\n\
         webhook-timestamp: 1795435200\r\n\
         webhook-signature: {signature}",
        env!("CARGO_PKG_VERSION"),
    );
    assert_eq!(requests[0].head, expected);
    assert_eq!(requests[0].body, event.body);
}

#[tokio::test]
async fn any_answer_of_2xx_is_enough() {
    for reply in [
        Reply::full(200, &[], b"thanks, not JSON"),
        Reply::full(204, &[], b""),
        Reply::json(202, &json!({"success": false, "error": "no"})),
        Reply::full(200, &[("content-encoding", "gzip")], &[0x1f, 0x8b]),
    ] {
        let rig = Rig::new().await;
        rig.server.reply(reply);
        let report = rig.client.notify(&event()).await;
        assert_eq!(report.attempt.failure, None, "{report:#?}");
    }
}

#[tokio::test]
async fn any_other_answer_is_a_failure_that_is_not_tried_again_here() {
    for (reply, code) in [
        (Reply::json(400, &json!({})), FailureCode::HttpError),
        (Reply::json(503, &json!({})), FailureCode::HttpError),
        (
            Reply::full(302, &[("location", "https://hook.example.com/x")], b""),
            FailureCode::RedirectRefused,
        ),
        (Reply::raw("nonsense\r\n\r\n"), FailureCode::InvalidResponse),
        (Reply::nothing().then_reset(), FailureCode::ConnectionLost),
    ] {
        let rig = Rig::new().await;
        rig.server.reply(reply);
        let report = rig.client.notify(&event()).await;
        let failure = report.attempt.failure.clone();
        assert_eq!(failure.unwrap().code, code, "{report:#?}");
        assert_eq!(rig.server.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_endpoint_that_hangs_is_left() {
    let rig = Rig::new().await;
    rig.server.reply(Reply::nothing().then_hang());
    let event = Notification {
        timeout: Duration::from_millis(300),
        ..event()
    };
    let report = rig.client.notify(&event).await;
    let failure = report.attempt.failure.unwrap();
    assert_eq!(failure.code, FailureCode::Timeout);
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_reported() {
    let rig = Rig::new().await;
    rig.server
        .reply(Reply::full(429, &[("retry-after", "7200")], b""));
    let report = rig.client.notify(&event()).await;
    assert_eq!(report.retry_after, Some(Duration::from_secs(7200)));
    rig.server
        .reply(Reply::full(200, &[("retry-after", "7200")], b""));
    let report = rig.client.notify(&event()).await;
    assert_eq!(report.retry_after, None);
}

#[tokio::test]
async fn a_secret_that_comes_back_is_not_kept() {
    let rig = Rig::new().await;
    let bare = SECRET.strip_prefix("whsec_").unwrap();
    let echo = format!("your secret is {SECRET}, or {bare}");
    rig.server
        .reply(Reply::full(500, &[("x-echo", SECRET)], echo.as_bytes()));
    let report = rig.client.notify(&event()).await;
    assert!(!format!("{report:?}").contains(bare), "{report:#?}");
    let response = report.attempt.response.unwrap();
    assert_eq!(response.body, "your secret is [redacted], or [redacted]");
}
