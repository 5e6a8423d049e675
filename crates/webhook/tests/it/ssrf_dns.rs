//! The rows of the table that are about what a name resolves to.

use std::net::{IpAddr, SocketAddr};

use deskhand_domain::invocation::{FailureCode, InvocationStatus};
use deskhand_testkit::{DnsReply, Reply, ServerOptions};
use deskhand_webhook::{Call, CallReport, EgressPolicy, ResolveError, SaveCheck};
use serde_json::json;

use crate::rig::{PUBLIC, Rig, idempotent_write, write};
use crate::ssrf::{ORG, Row, check, code, org_call, org_rig, refused_unsent, report, rows};

#[tokio::test]
async fn dns_rows() {
    let rows = rows("dns");
    let mut wrong = Vec::new();
    for row in &rows {
        let rest = row.input.split_once(" => ").unwrap().1;
        let problem = match plain_records(rest) {
            Some(addresses) => plain_dns_row(row, addresses).await,
            None => special_dns_row(row).await,
        };
        if let Err(problem) = problem {
            wrong.push(format!("{} {}: {problem}", row.id, row.input));
        }
    }
    report("dns", rows.len(), &wrong);
}

/// `A 1.1.1.1,8.8.8.8 ; AAAA ::1` as addresses; `None` for anything else.
fn plain_records(text: &str) -> Option<Vec<IpAddr>> {
    let mut addresses = Vec::new();
    for part in text.split(" ; ") {
        let list = part
            .strip_prefix("AAAA ")
            .or_else(|| part.strip_prefix("A "))?;
        for address in list.split(',') {
            addresses.push(address.parse().ok()?);
        }
    }
    Some(addresses)
}

async fn plain_dns_row(row: &Row, addresses: Vec<IpAddr>) -> Result<(), String> {
    let rig = org_rig(vec![DnsReply::Addresses(addresses.clone())]).await;
    for ip in &addresses {
        rig.network
            .lead(SocketAddr::new(*ip, 443), rig.server.address());
    }
    let outcome = rig.call(org_call()).await;
    let dials = rig.network.dials();
    if row.allow {
        let first = SocketAddr::new(addresses[0], 443);
        check(
            outcome.outcome.status == InvocationStatus::Succeeded && dials == [first],
            &outcome,
            &dials,
        )
    } else {
        check_blocked(&outcome, &dials)
    }
}

fn check_blocked(outcome: &CallReport, dials: &[SocketAddr]) -> Result<(), String> {
    let blocked = code(outcome) == Some(FailureCode::BlockedDestination);
    check(
        refused_unsent(outcome) && blocked && dials.is_empty(),
        outcome,
        dials,
    )
}

fn check_unresolved(outcome: &CallReport, dials: &[SocketAddr]) -> Result<(), String> {
    let unresolved = code(outcome) == Some(FailureCode::DnsError);
    check(
        refused_unsent(outcome) && unresolved && dials.is_empty(),
        outcome,
        dials,
    )
}

async fn special_dns_row(row: &Row) -> Result<(), String> {
    let public = || DnsReply::addresses(&[PUBLIC]);
    let one = |reply: DnsReply| async move {
        let rig = org_rig(vec![reply]).await;
        (rig.call(org_call()).await, rig.network.dials())
    };
    match row.id.as_str() {
        "D039" => {
            let rig = org_rig(vec![public(), DnsReply::addresses(&["169.254.169.254"])]).await;
            let target = rig.client.policy().check_url(&org_call().url).unwrap();
            assert_eq!(rig.client.check_at_save(&target).await, SaveCheck::Fine);
            check_blocked(&rig.call(org_call()).await, &rig.network.dials())
        }
        "D040" => {
            let rig = org_rig(vec![public(), DnsReply::addresses(&["127.0.0.1"])]).await;
            let outcome = rig.call(org_call()).await;
            let dials = rig.network.dials();
            let fine = outcome.outcome.status == InvocationStatus::Succeeded
                && dials == [format!("{PUBLIC}:443").parse().unwrap()]
                && rig.dns.lookups(ORG) == 1;
            check(fine, &outcome, &dials)
        }
        "D042" => {
            let rig = org_rig(vec![public(), DnsReply::addresses(&["10.0.0.1"])]).await;
            rig.server.reply(Reply::json(503, &json!({})));
            let call = Call {
                url: org_call().url,
                ..idempotent_write()
            };
            let outcome = rig.call(call).await;
            let fine = code(&outcome) == Some(FailureCode::BlockedDestination)
                && outcome.attempts.len() == 2
                && rig.server.requests().len() == 1;
            check(fine, &outcome, &rig.network.dials())
        }
        "D043" => alternating().await,
        "D045" => {
            let (outcome, dials) = one(DnsReply::Alias(
                vec!["localhost".into()],
                vec!["127.0.0.1".parse().unwrap()],
            ))
            .await;
            check_blocked(&outcome, &dials)?;
            let (outcome, dials) = one(DnsReply::Alias(
                vec!["localhost".into()],
                vec![PUBLIC.parse().unwrap()],
            ))
            .await;
            check_blocked(&outcome, &dials)
        }
        "D048" => one(DnsReply::Fails(ResolveError::Other))
            .await
            .into_unresolved(),
        "D050" => one(DnsReply::Fails(ResolveError::NoSuchName))
            .await
            .into_unresolved(),
        "D051" => one(DnsReply::Addresses(Vec::new())).await.into_unresolved(),
        "D052" => one(DnsReply::Fails(ResolveError::ServerFailure))
            .await
            .into_unresolved(),
        "D053" => {
            tokio::time::pause();
            let result = one(DnsReply::Never).await.into_unresolved();
            tokio::time::resume();
            result
        }
        // Hints, search lists and the hosts file are the resolver's: see `wire_dns.rs`. Here, what the
        // resolver then hands over.
        "D057" => {
            let (outcome, dials) = one(public()).await;
            check(
                outcome.outcome.status == InvocationStatus::Succeeded,
                &outcome,
                &dials,
            )
        }
        "D059" => one(DnsReply::Fails(ResolveError::NoSuchName))
            .await
            .into_unresolved(),
        "D060" => {
            let (outcome, dials) = one(DnsReply::addresses(&["10.0.0.9"])).await;
            check_blocked(&outcome, &dials)
        }
        "D061" => {
            let policy = EgressPolicy::default().with_own_addresses([PUBLIC.parse().unwrap()]);
            let rig = Rig::with(policy, ServerOptions::default()).await;
            check_blocked(&rig.call(write()).await, &rig.network.dials())?;
            let rig = Rig::new().await;
            rig.network.own(PUBLIC.parse().unwrap());
            check_blocked(&rig.call(write()).await, &rig.network.dials())
        }
        "D064" => {
            let policy = EgressPolicy::parse("10.1.2.3/32:443").unwrap();
            let rig = Rig::with(policy, ServerOptions::default()).await;
            rig.dns.answer("internal.corp.example.org", &["10.1.2.3"]);
            let url = "https://internal.corp.example.org:8443/".to_owned();
            check_blocked(
                &rig.call(Call { url, ..write() }).await,
                &rig.network.dials(),
            )
        }
        _ => Err("no test knows this row".to_owned()),
    }
}

trait Unresolved {
    fn into_unresolved(self) -> Result<(), String>;
}

impl Unresolved for (CallReport, Vec<SocketAddr>) {
    fn into_unresolved(self) -> Result<(), String> {
        check_unresolved(&self.0, &self.1)
    }
}

async fn alternating() -> Result<(), String> {
    let bad = DnsReply::addresses(&["127.0.0.1"]);
    let rig = org_rig(
        (0..1_000)
            .map(|i| {
                if i % 2 == 0 {
                    DnsReply::addresses(&[PUBLIC])
                } else {
                    bad.clone()
                }
            })
            .collect(),
    )
    .await;
    for i in 0..1_000 {
        let outcome = rig.call(org_call()).await;
        let expected = if i % 2 == 0 {
            InvocationStatus::Succeeded
        } else {
            InvocationStatus::Failed
        };
        check(
            outcome.outcome.status == expected,
            &outcome,
            &rig.network.dials(),
        )?;
    }
    let public: SocketAddr = format!("{PUBLIC}:443").parse().unwrap();
    assert!(rig.network.dials().iter().all(|dial| *dial == public));
    assert_eq!(rig.server.requests().len(), 500);
    Ok(())
}
