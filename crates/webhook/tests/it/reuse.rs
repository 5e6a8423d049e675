//! Connections kept between calls.

use std::time::Duration;

use deskhand_domain::id::WorkspaceId;
use deskhand_domain::invocation::InvocationStatus;
use deskhand_testkit::{Reply, SeededEntropy};
use deskhand_webhook::Call;
use serde_json::json;

use crate::rig::{NAME, PUBLIC, Rig, read, write};

async fn succeeds(rig: &Rig, call: Call) -> deskhand_domain::invocation::Timings {
    let report = rig.call(call).await;
    assert_eq!(
        report.outcome.status,
        InvocationStatus::Succeeded,
        "{report:#?}"
    );
    assert_eq!(report.attempts.len(), 1);
    report.attempts[0].timings
}

/// Lets the client's clock run on without waiting.
async fn idle_for(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_second_call_uses_the_same_connection_after_a_new_look_up() {
    let rig = Rig::new().await;
    succeeds(&rig, write()).await;
    let timings = succeeds(&rig, write()).await;
    assert_eq!(rig.server.connections(), 1);
    assert_eq!(rig.dns.lookups(NAME), 2);
    assert!(timings.dns_ms.is_some());
    assert_eq!((timings.connect_ms, timings.tls_ms), (None, None));
}

#[tokio::test]
async fn workspaces_never_share_a_connection() {
    let rig = Rig::new().await;
    succeeds(&rig, write()).await;
    let other = WorkspaceId::new(jiff::Timestamp::UNIX_EPOCH, &SeededEntropy::new(99));
    succeeds(
        &rig,
        Call {
            workspace_id: other,
            ..write()
        },
    )
    .await;
    assert_eq!(rig.server.connections(), 2);
}

#[tokio::test]
async fn a_call_that_must_not_be_sent_twice_uses_none_that_was_idle_for_over_four_seconds() {
    let rig = Rig::new().await;
    succeeds(&rig, write()).await;
    idle_for(3).await;
    succeeds(&rig, write()).await;
    assert_eq!(rig.server.connections(), 1);
    idle_for(5).await;
    succeeds(&rig, write()).await;
    assert_eq!(rig.server.connections(), 2);
}

#[tokio::test]
async fn a_read_may_use_one_that_was_idle_for_up_to_a_minute() {
    let rig = Rig::new().await;
    succeeds(&rig, read()).await;
    idle_for(59).await;
    succeeds(&rig, read()).await;
    assert_eq!(rig.server.connections(), 1);
    idle_for(61).await;
    succeeds(&rig, read()).await;
    assert_eq!(rig.server.connections(), 2);
}

#[tokio::test]
async fn one_that_leads_to_an_address_of_yesterday_is_not_used() {
    let rig = Rig::new().await;
    succeeds(&rig, write()).await;
    rig.network
        .lead("8.8.8.8:443".parse().unwrap(), rig.server.address());
    rig.dns.answer(NAME, &["8.8.8.8"]);
    succeeds(&rig, write()).await;
    assert_eq!(rig.server.connections(), 2);
    assert_eq!(
        rig.network.dials().last().unwrap().to_string(),
        "8.8.8.8:443"
    );
}

#[tokio::test]
async fn one_that_the_endpoint_closed_is_replaced_without_a_second_attempt() {
    for first in [
        Reply::json(200, &json!({"success": true})).then_close(),
        Reply::full(200, &[("connection", "close")], br#"{"success":true}"#).then_close(),
        Reply::raw("HTTP/1.0 200 OK\r\n\r\n{\"success\":true}").then_close(),
    ] {
        let rig = Rig::new().await;
        rig.server.reply(first);
        succeeds(&rig, write()).await;
        rig.server.wait_for_closed(1).await;
        // It has left the server; the client's task reads it when it gets its turn.
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        succeeds(&rig, write()).await;
        assert_eq!(rig.server.connections(), 2);
    }
}

#[tokio::test]
async fn an_address_literal_needs_no_look_up_and_is_kept_too() {
    let rig = Rig::new().await;
    let call = || Call {
        url: format!("https://{PUBLIC}/orders"),
        ..write()
    };
    let timings = succeeds(&rig, call()).await;
    assert_eq!(timings.dns_ms, None);
    succeeds(&rig, call()).await;
    assert_eq!(rig.server.connections(), 1);
}

#[tokio::test]
async fn many_calls_at_once_find_their_connections_again() {
    let rig = Rig::new().await;
    let wave = || futures_util::future::join_all((0..12).map(|_| succeeds(&rig, write())));
    wave().await;
    assert_eq!(rig.server.connections(), 12);
    wave().await;
    assert_eq!(rig.server.connections(), 12);
}
