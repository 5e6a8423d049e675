//! The real resolver against a name server on the wire: what it asks, and that it fails closed.

use deskhand_testkit::{DnsServer, Zone};
use deskhand_webhook::{Resolve, ResolveError, SystemResolver};
use hickory_resolver::Hosts;

const NAME: &str = "hook.example.org";
const DOT: &str = "hook.example.org.";

async fn resolve(
    zone: Zone,
) -> (
    Result<deskhand_webhook::DnsAnswer, ResolveError>,
    Vec<String>,
) {
    let server = DnsServer::start(zone).await;
    let resolver =
        SystemResolver::with_config(server.config(&["svc.cluster.local."]), Hosts::default())
            .unwrap();
    (resolver.resolve(NAME).await, server.asked())
}

#[tokio::test]
async fn both_families_are_asked_once_and_never_remembered() {
    let zone = Zone::default()
        .address(DOT, "93.184.216.34")
        .address(DOT, "2606:4700:4700::1111");
    let server = DnsServer::start(zone).await;
    let resolver = SystemResolver::with_config(server.config(&[]), Hosts::default()).unwrap();
    for look_ups in 1..=2 {
        let answer = resolver.resolve(NAME).await.unwrap();
        assert_eq!(answer.addresses.len(), 2);
        assert!(answer.aliases.is_empty());
        let mut asked = server.asked();
        asked.sort();
        assert_eq!(
            asked,
            [
                vec![format!("A {DOT}"); look_ups],
                vec![format!("AAAA {DOT}"); look_ups]
            ]
            .concat()
        );
    }
}

#[tokio::test]
async fn the_search_list_is_never_tried() {
    let zone = Zone::default().address("hook.example.org.svc.cluster.local.", "10.96.0.10");
    let (answer, asked) = resolve(zone).await;
    assert_eq!(answer, Err(ResolveError::NoSuchName));
    assert!(
        asked
            .iter()
            .all(|question| question.ends_with(" hook.example.org.")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn every_alias_on_the_way_is_told() {
    let zone = Zone::default()
        .alias(DOT, "edge.example.net.")
        .alias("edge.example.net.", "node.internal.")
        .address("node.internal.", "93.184.216.34");
    let (answer, _) = resolve(zone).await;
    let answer = answer.unwrap();
    assert_eq!(
        answer.addresses,
        ["93.184.216.34".parse::<std::net::IpAddr>().unwrap()]
    );
    for alias in ["edge.example.net", "node.internal"] {
        assert!(answer.aliases.iter().any(|a| a == alias), "{answer:?}");
    }
}

#[tokio::test]
async fn an_alias_of_localhost_shows_itself() {
    let (answer, _) = resolve(Zone::default().alias(DOT, "localhost.")).await;
    let answer = answer.unwrap();
    let loopback = answer.addresses.iter().any(std::net::IpAddr::is_loopback);
    assert!(
        loopback || answer.aliases.iter().any(|a| a == "localhost"),
        "{answer:?}"
    );
}

#[tokio::test]
async fn an_alias_loop_has_no_addresses() {
    let (answer, _) = resolve(Zone::default().alias(DOT, DOT)).await;
    assert!(
        answer.is_err() || answer.as_ref().unwrap().addresses.is_empty(),
        "{answer:?}"
    );
}

#[tokio::test]
async fn the_failures_are_told_apart() {
    assert_eq!(
        resolve(Zone::default()).await.0,
        Err(ResolveError::NoSuchName)
    );
    assert_eq!(
        resolve(Zone::default().empty(DOT)).await.0,
        Err(ResolveError::NoAddress)
    );
    assert_eq!(
        resolve(Zone::default().servfail(DOT)).await.0,
        Err(ResolveError::ServerFailure)
    );
}

#[tokio::test]
async fn the_hosts_file_is_honoured_and_its_answer_is_handed_over_like_any_other() {
    let server = DnsServer::start(Zone::default()).await;
    let mut hosts = Hosts::default();
    hosts
        .read_hosts_conf("10.0.0.9 hook.example.org\n".as_bytes())
        .unwrap();
    let resolver = SystemResolver::with_config(server.config(&[]), hosts).unwrap();
    let answer = resolver.resolve(NAME).await.unwrap();
    assert_eq!(
        answer.addresses,
        ["10.0.0.9".parse::<std::net::IpAddr>().unwrap()]
    );
}
