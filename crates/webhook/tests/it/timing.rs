//! Waits, timeouts, and the gate before the first byte.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use deskhand_domain::invocation::FailureCode as Code;
use deskhand_domain::invocation::InvocationStatus::{Failed, Succeeded, Unknown};
use deskhand_testkit::{DnsReply, Reply};
use deskhand_webhook::{Call, Gate, GateClosed};

use crate::outcomes::ending;
use crate::rig::{NAME, Open, Rig, idempotent_write, read, write};

#[tokio::test]
async fn retry_after_is_honoured_where_it_fits_and_ends_the_call_where_not() {
    let rig = Rig::new().await;
    rig.server
        .reply(Reply::full(503, &[("retry-after", "0")], b""));
    assert_eq!(ending(&rig.call(read()).await), (Succeeded, None, 2));

    let rig = Rig::new().await;
    rig.server
        .reply(Reply::full(503, &[("retry-after", "3600")], b""));
    assert_eq!(
        ending(&rig.call(read()).await),
        (Failed, Some(Code::HttpError), 1)
    );

    let rig = Rig::new().await;
    rig.server.reply(Reply::full(
        429,
        &[("retry-after", "Mon, 23 Nov 2026 12:30:00 GMT")],
        b"",
    ));
    assert_eq!(
        ending(&rig.call(read()).await),
        (Failed, Some(Code::HttpError), 1)
    );
}

struct Shut;

#[async_trait]
impl Gate for Shut {
    async fn before_first_byte(&self, _attempt: u32) -> Result<(), GateClosed> {
        Err(GateClosed {
            reason: "the server is stopping".into(),
        })
    }
}

#[tokio::test]
async fn nothing_is_sent_through_a_closed_gate() {
    let rig = Rig::new().await;
    let report = rig.client.call(read(), &Shut).await;
    assert_eq!(ending(&report), (Failed, Some(Code::Interrupted), 1));
    assert!(!report.sent && rig.server.requests().is_empty());
}

#[tokio::test]
async fn the_gate_is_not_asked_when_there_is_no_connection() {
    let rig = Rig::new().await;
    rig.dns.answer(NAME, &["10.0.0.1"]);
    let gate = Open::default();
    rig.client.call(write(), &gate).await;
    assert_eq!(gate.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_timeout_after_sending_is_final() {
    for (call, status) in [
        (write(), Unknown),
        (idempotent_write(), Unknown),
        (read(), Failed),
    ] {
        for reply in [
            Reply::nothing().then_hang(),
            Reply::raw("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"succ").then_hang(),
            Reply::raw("HTTP/1.1 200 OK\r\nx-slow").then_hang(),
        ] {
            let rig = Rig::new().await;
            rig.server.otherwise(reply);
            // The clock runs on only once the request is there.
            let time_passes = async {
                rig.server.wait_for_requests(1).await;
                tokio::time::pause();
                tokio::time::advance(Duration::from_secs(21)).await;
            };
            let (report, ()) = tokio::join!(rig.call(call.clone()), time_passes);
            tokio::time::resume();
            assert_eq!(ending(&report), (status, Some(Code::Timeout), 1));
            assert!(report.sent);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_timeout_before_sending_is_a_failure() {
    let rig = Rig::new().await;
    rig.dns.script(NAME, vec![DnsReply::Never]);
    let report = rig
        .call(Call {
            timeout: Duration::from_secs(3),
            ..write()
        })
        .await;
    assert_eq!(ending(&report), (Failed, Some(Code::Timeout), 1));
    assert!(!report.sent);
}

#[tokio::test(start_paused = true)]
async fn a_look_up_takes_five_seconds_at_most_and_so_does_a_connection() {
    let rig = Rig::new().await;
    rig.dns.script(NAME, vec![DnsReply::Never]);
    let report = rig.call(write()).await;
    assert_eq!(ending(&report), (Failed, Some(Code::DnsError), 3));
    assert!((4_990.0..5_100.0).contains(&report.attempts[0].timings.dns_ms.unwrap()));

    rig.dns.answer(NAME, &["8.8.8.8", "8.8.4.4"]);
    rig.network.swallow("8.8.8.8:443".parse().unwrap());
    rig.network.swallow("8.8.4.4:443".parse().unwrap());
    let report = rig.call(write()).await;
    assert_eq!(ending(&report), (Failed, Some(Code::ConnectError), 3));
    assert!((4_990.0..5_100.0).contains(&report.attempts[0].timings.connect_ms.unwrap()));
    assert_eq!(rig.network.dials().len(), 6);
}
