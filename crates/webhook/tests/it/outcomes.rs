//! Every row of the outcome table over real TLS, with its retries.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use deskhand_domain::invocation::{FailureCode, InvocationStatus};
use deskhand_testkit::{DnsReply, Reply, ServerOptions};
use deskhand_webhook::{CallReport, EgressPolicy, Gate, GateClosed, ResolveError};
use serde_json::json;

use crate::rig::{NAME, Open, PUBLIC, Rig, idempotent_write, read, write};

pub(crate) fn ending(report: &CallReport) -> (InvocationStatus, Option<FailureCode>, usize) {
    let code = report.outcome.failure.as_ref().map(|failure| failure.code);
    (report.outcome.status, code, report.attempts.len())
}

use FailureCode as Code;
use InvocationStatus::{Failed, Succeeded, Unknown};

/// Runs the three natures of call against a server that always replies so.
async fn each(reply: Reply) -> [(InvocationStatus, Option<FailureCode>, usize); 3] {
    let mut endings = Vec::new();
    for call in [write(), idempotent_write(), read()] {
        let rig = Rig::new().await;
        rig.server.otherwise(reply.clone());
        let report = rig.call(call).await;
        assert!(report.sent);
        assert_eq!(rig.server.requests().len(), report.attempts.len());
        endings.push(ending(&report));
    }
    endings.try_into().unwrap()
}

#[tokio::test]
async fn a_reset_is_unknown_for_a_write_and_tried_again_for_the_others() {
    let lost = Some(Code::ConnectionLost);
    let expected = [(Unknown, lost, 1), (Unknown, lost, 3), (Failed, lost, 3)];
    assert_eq!(each(Reply::nothing().then_reset()).await, expected);
    assert_eq!(each(Reply::nothing().then_close()).await, expected);
}

#[tokio::test]
async fn a_cut_body_is_a_lost_connection() {
    let lost = Some(Code::ConnectionLost);
    let expected = [(Unknown, lost, 1), (Unknown, lost, 3), (Failed, lost, 3)];
    let cut = Reply::raw("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"success\":true");
    assert_eq!(each(cut.then_close()).await, expected);
    let chunked =
        Reply::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\n{\"success\":");
    assert_eq!(each(chunked.then_reset()).await, expected);
}

#[tokio::test]
async fn answers_that_cannot_be_used_are_never_asked_for_again() {
    let invalid = Some(Code::InvalidResponse);
    let expected = [
        (Unknown, invalid, 1),
        (Unknown, invalid, 1),
        (Failed, invalid, 1),
    ];
    assert_eq!(each(Reply::full(200, &[], b"<html>")).await, expected);
    assert_eq!(each(Reply::full(200, &[], b"")).await, expected);
    assert_eq!(
        each(Reply::raw("SSH-2.0-OpenSSH_9.6\r\n\r\n").then_close()).await,
        expected
    );
    assert_eq!(
        each(Reply::full(200, &[("content-encoding", "gzip")], b"{}")).await,
        expected
    );
}

#[tokio::test]
async fn redirects_and_errors_are_failures() {
    let redirect = Some(Code::RedirectRefused);
    assert_eq!(
        each(Reply::full(302, &[("location", "https://1.1.1.1/")], b"")).await,
        [(Failed, redirect, 1); 3]
    );
    let http = Some(Code::HttpError);
    for status in [400, 401, 403, 404, 407, 409, 410, 422, 500, 501] {
        assert_eq!(
            each(Reply::json(status, &json!({}))).await,
            [(Failed, http, 1); 3],
            "{status}"
        );
    }
    for status in [429, 502, 503, 504] {
        let expected = [(Failed, http, 1), (Failed, http, 3), (Failed, http, 3)];
        assert_eq!(
            each(Reply::json(status, &json!({}))).await,
            expected,
            "{status}"
        );
    }
}

#[tokio::test]
async fn empty_202_and_204_are_successes() {
    for status in [202, 204] {
        assert_eq!(
            each(Reply::full(status, &[], b"")).await,
            [(Succeeded, None, 1); 3]
        );
    }
}

#[tokio::test]
async fn the_caps_hold_while_reading() {
    let large = Some(Code::ResponseTooLarge);
    let expected = [(Unknown, large, 1), (Unknown, large, 1), (Failed, large, 1)];
    let body = vec![b'a'; 1024 * 1024 + 1];
    assert_eq!(each(Reply::full(200, &[], &body)).await, expected);
    let headers: String = (0..101).map(|i| format!("x-{i}: y\r\n")).collect();
    assert_eq!(
        each(Reply::raw(format!("HTTP/1.1 200 OK\r\n{headers}\r\n"))).await,
        expected
    );
    let head = format!(
        "HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 0\r\n\r\n",
        "y".repeat(65 * 1024)
    );
    assert_eq!(each(Reply::raw(head)).await, expected);
}

#[tokio::test]
async fn a_body_without_end_is_left_at_the_cap() {
    let rig = Rig::new().await;
    rig.server
        .reply(Reply::raw("HTTP/1.1 200 OK\r\n\r\n").then_flood());
    let report = rig.call(write()).await;
    assert_eq!(ending(&report), (Unknown, Some(Code::ResponseTooLarge), 1));
    let response = report.attempts[0].response.as_ref().unwrap();
    assert!(response.body_truncated && response.body.len() == 64 * 1024);
    // What lay in the sockets' buffers beside the cap, and no more.
    assert!(rig.server.flooded() < 32 * 1024 * 1024);
}

#[tokio::test]
async fn a_body_of_exactly_the_cap_is_read() {
    let rig = Rig::new().await;
    let filler = "a".repeat(1024 * 1024 - r#"{"success":true,"result":""}"#.len());
    let body = format!(r#"{{"success":true,"result":"{filler}"}}"#);
    assert_eq!(body.len(), 1024 * 1024);
    rig.server.reply(Reply::full(200, &[], body.as_bytes()));
    assert_eq!(ending(&rig.call(write()).await), (Succeeded, None, 1));
}

#[tokio::test]
async fn informational_responses_are_passed_over() {
    let rig = Rig::new().await;
    let hints = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <http://127.0.0.1/>\r\n\r\n";
    rig.server.reply(Reply::raw(format!(
        "{hints}HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{{\"success\":true}}"
    )));
    assert_eq!(ending(&rig.call(write()).await), (Succeeded, None, 1));
}

#[tokio::test]
async fn what_was_not_sent_is_tried_three_times_and_failed() {
    let rig = Rig::new().await;
    rig.dns
        .script(NAME, vec![DnsReply::Fails(ResolveError::ServerFailure)]);
    let report = rig.call(write()).await;
    assert_eq!(ending(&report), (Failed, Some(Code::DnsError), 3));
    assert!(!report.sent);

    let rig = Rig::new().await;
    rig.dns.answer(NAME, &["8.8.8.8"]);
    let report = rig.call(write()).await;
    assert_eq!(ending(&report), (Failed, Some(Code::ConnectError), 3));
    assert!(!report.sent && report.attempts[0].timings.connect_ms.is_some());

    for options in [
        ServerOptions {
            expired: true,
            ..ServerOptions::default()
        },
        ServerOptions {
            names: vec!["other.example.com".into()],
            ..ServerOptions::default()
        },
        ServerOptions {
            instead_of_tls: Some(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
            ..ServerOptions::default()
        },
    ] {
        let rig = Rig::with(EgressPolicy::default(), options).await;
        let report = rig.call(write()).await;
        assert_eq!(ending(&report), (Failed, Some(Code::TlsError), 3));
        assert!(!report.sent && rig.server.requests().is_empty());
    }
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let (one, other) = (Rig::new().await, Rig::new().await);
    one.network.lead(
        format!("{PUBLIC}:443").parse().unwrap(),
        other.server.address(),
    );
    assert_eq!(
        ending(&one.call(write()).await),
        (Failed, Some(Code::TlsError), 3)
    );
}

#[tokio::test]
async fn a_peer_that_is_not_the_one_asked_for_gets_nothing() {
    let rig = Rig::new().await;
    let public = format!("{PUBLIC}:443").parse().unwrap();
    rig.network.lead_astray(
        public,
        rig.server.address(),
        "10.0.0.1:443".parse().unwrap(),
    );
    assert_eq!(
        ending(&rig.call(write()).await),
        (Failed, Some(Code::ConnectError), 3)
    );
    assert!(rig.server.requests().is_empty());
}

#[tokio::test]
async fn the_next_address_is_tried_when_one_refuses() {
    let rig = Rig::new().await;
    rig.dns.answer(NAME, &["8.8.8.8", PUBLIC]);
    assert_eq!(ending(&rig.call(write()).await), (Succeeded, None, 1));
    assert_eq!(rig.network.dials().len(), 2);
}

#[tokio::test]
async fn retries_keep_the_ids_and_renew_the_time() {
    let rig = Rig::new().await;
    rig.server.reply(Reply::nothing().then_reset());
    rig.server.reply(Reply::json(503, &json!({})));
    let gate = Open::default();
    let report = rig
        .client
        .call(idempotent_write(), &Advancing(&gate, &rig))
        .await;
    assert_eq!(ending(&report), (Succeeded, None, 3));
    assert_eq!(gate.asked.load(Ordering::SeqCst), 3);
    let requests = rig.server.requests();
    let all = |name: &str| {
        requests
            .iter()
            .map(|r| r.header(name).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(all("webhook-id").windows(2).all(|w| w[0] == w[1]));
    assert!(all("idempotency-key").windows(2).all(|w| w[0] == w[1]));
    assert!(all("webhook-timestamp").windows(2).all(|w| w[0] != w[1]));
    assert!(all("webhook-signature").windows(2).all(|w| w[0] != w[1]));
    assert_eq!(
        report.attempts.iter().map(|a| a.number).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(rig.dns.lookups(NAME), 3);
}

/// Moves the clock on by a second with each attempt.
struct Advancing<'a>(&'a Open, &'a Rig);

#[async_trait]
impl Gate for Advancing<'_> {
    async fn before_first_byte(&self, attempt: u32) -> Result<(), GateClosed> {
        self.1.clock.advance(Duration::from_secs(1));
        self.0.before_first_byte(attempt).await
    }
}

#[tokio::test]
async fn an_uncertain_idempotent_write_stays_uncertain_when_the_next_attempt_fails() {
    let rig = Rig::new().await;
    rig.dns.script(
        NAME,
        vec![
            DnsReply::addresses(&[PUBLIC]),
            DnsReply::Fails(ResolveError::NoSuchName),
        ],
    );
    rig.server.reply(Reply::nothing().then_reset());
    let report = rig.call(idempotent_write()).await;
    assert_eq!(ending(&report), (Unknown, Some(Code::ConnectionLost), 3));
    assert!(report.sent);
}
