//! A client as the server makes it, and what it says while an action is saved.

use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::invocation::{FailureCode, InvocationStatus};
use deskhand_testkit::{DnsReply, FakeDns, SeededEntropy, TestClock, WebhookServer};
use deskhand_webhook::{
    Call, Client, ClientConfig, EgressPolicy, Error, ResolveError, Rule, SaveCheck,
};

use crate::rig::{NAME, Open, Rig, write};

fn config(policy: EgressPolicy, roots: Option<Vec<u8>>) -> ClientConfig {
    ClientConfig {
        policy,
        resolver: Arc::new(FakeDns::new()),
        native_roots: false,
        extra_roots_pem: roots,
        clock: Arc::new(TestClock::at("2026-11-23T12:00:00Z")),
        entropy: Arc::new(SeededEntropy::new(1)),
    }
}

#[tokio::test]
async fn an_exception_opens_loopback_to_the_real_dialler() {
    let server = WebhookServer::start(&["127.0.0.1"]).await;
    let call = Call {
        url: server.url("/orders"),
        ..write()
    };
    let roots = || Some(server.ca_pem().as_bytes().to_vec());

    let shut = Client::new(config(EgressPolicy::default(), roots())).unwrap();
    let report = shut.call(call.clone(), &Open::default()).await;
    assert_eq!(
        report.outcome.failure.unwrap().code,
        FailureCode::BlockedDestination
    );
    assert_eq!(server.connections(), 0);

    let policy = EgressPolicy::parse(&server.address().to_string()).unwrap();
    let open = Client::new(config(policy, roots())).unwrap();
    let report = open.call(call, &Open::default()).await;
    assert_eq!(report.outcome.status, InvocationStatus::Succeeded);
    assert_eq!(
        server.requests()[0].header("host"),
        Some(server.address().to_string().as_str())
    );
}

#[test]
fn a_root_file_without_a_certificate_is_refused() {
    for pem in [
        "",
        "hello",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n",
    ] {
        let error = Client::new(config(EgressPolicy::default(), Some(pem.into()))).unwrap_err();
        assert!(matches!(error, Error::CaFile(_)), "{pem:?}: {error}");
    }
}

async fn at_save(reply: DnsReply) -> SaveCheck {
    let rig = Rig::new().await;
    rig.dns.script(NAME, vec![reply]);
    let target = rig.client.policy().check_url(&write().url).unwrap();
    let found = rig.client.check_at_save(&target).await;
    assert!(rig.network.dials().is_empty());
    found
}

#[tokio::test]
async fn saving_refuses_what_is_not_public_and_only_warns_of_what_does_not_resolve() {
    assert_eq!(
        at_save(DnsReply::addresses(&["1.1.1.1"])).await,
        SaveCheck::Fine
    );
    let refused = SaveCheck::Refused(Rule::AddressNotPublic.into());
    assert_eq!(
        at_save(DnsReply::addresses(&["1.1.1.1", "10.0.0.1"])).await,
        refused
    );
    let alias = DnsReply::Alias(vec!["db.internal".into()], vec!["1.1.1.1".parse().unwrap()]);
    assert_eq!(
        at_save(alias).await,
        SaveCheck::Refused(Rule::NameNotPublic.into())
    );
    for why in [
        ResolveError::NoSuchName,
        ResolveError::ServerFailure,
        ResolveError::Other,
    ] {
        assert_eq!(
            at_save(DnsReply::Fails(why)).await,
            SaveCheck::DoesNotResolve
        );
    }
    assert_eq!(
        at_save(DnsReply::Addresses(Vec::new())).await,
        SaveCheck::DoesNotResolve
    );
}

#[tokio::test(start_paused = true)]
async fn saving_waits_two_seconds_for_a_name() {
    let started = tokio::time::Instant::now();
    assert_eq!(at_save(DnsReply::Never).await, SaveCheck::DoesNotResolve);
    assert_eq!(
        started.elapsed().as_secs(),
        Duration::from_secs(2).as_secs()
    );
}
