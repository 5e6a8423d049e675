//! Every row of `data/ssrf_cases.tsv`, as a whole call. A row that is refused must not connect
//! anywhere; a row that is allowed must connect to exactly the host it names.

use std::net::{IpAddr, SocketAddr};

use deskhand_domain::invocation::{FailureCode, InvocationStatus};
use deskhand_testkit::{DnsReply, Reply, ServerOptions};
use deskhand_webhook::{Call, CallReport, EgressPolicy, Notification};
use serde_json::json;

use crate::rig::{NAME, PUBLIC, Rig, event, write};

pub(crate) const ORG: &str = "hook.example.org";

#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) id: String,
    kind: String,
    pub(crate) input: String,
    pub(crate) allow: bool,
}

pub(crate) fn rows(kind: &str) -> Vec<Row> {
    let all: Vec<Row> = include_str!("../data/ssrf_cases.tsv")
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            assert!(matches!(cells[3], "allow" | "deny"), "{line}");
            Row {
                id: cells[0].to_owned(),
                kind: cells[1].to_owned(),
                input: unescape(cells[2]),
                allow: cells[3] == "allow",
            }
        })
        .collect();
    assert_eq!(all.len(), 192);
    all.into_iter().filter(|row| row.kind == kind).collect()
}

/// Undoes `\xNN`, `\uNNNN` and `\\`.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = match rest.as_bytes().first() {
            Some(b'x') => 2,
            Some(b'u') => 4,
            _ => {
                out.push('\\');
                rest = rest.strip_prefix('\\').unwrap_or(rest);
                continue;
            }
        };
        let code = u32::from_str_radix(&rest[1..=digits], 16).unwrap();
        out.push(char::from_u32(code).unwrap());
        rest = &rest[1 + digits..];
    }
    out.push_str(rest);
    out
}

/// Fails with every row that went wrong, by its id.
pub(crate) fn report(kind: &str, expected: usize, wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} of {expected} {kind} rows went wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

pub(crate) fn refused_unsent(report: &CallReport) -> bool {
    report.outcome.status == InvocationStatus::Failed && !report.sent
}

pub(crate) fn code(report: &CallReport) -> Option<FailureCode> {
    report.outcome.failure.as_ref().map(|failure| failure.code)
}

pub(crate) async fn org_rig(replies: Vec<DnsReply>) -> Rig {
    let rig = Rig::new().await;
    rig.dns.script(ORG, replies);
    rig
}

pub(crate) fn org_call() -> Call {
    Call {
        url: format!("https://{ORG}/orders"),
        ..write()
    }
}

pub(crate) fn check(fine: bool, outcome: &CallReport, dials: &[SocketAddr]) -> Result<(), String> {
    match fine {
        true => Ok(()),
        false => Err(format!("dialled {dials:?}: {:?}", outcome.outcome)),
    }
}

#[tokio::test]
async fn url_rows() {
    let rows = rows("url");
    let allowed: Vec<IpAddr> = rows
        .iter()
        .filter(|row| row.allow)
        .filter_map(|row| literal(&row.input))
        .collect();
    let mut names = vec![NAME.to_owned()];
    names.extend(allowed.iter().map(ToString::to_string));
    let options = ServerOptions {
        names,
        ..ServerOptions::default()
    };
    let rig = Rig::with(EgressPolicy::default(), options).await;
    for ip in allowed.iter().copied().chain([PUBLIC.parse().unwrap()]) {
        for port in [443, 8443] {
            rig.network
                .lead(SocketAddr::new(ip, port), rig.server.address());
        }
    }
    let mut wrong = Vec::new();
    for row in &rows {
        // Nothing below reads the environment, so there is none to set.
        let url = row.input.split(" | env ").next().unwrap();
        let before = rig.network.dials().len();
        let outcome = rig
            .call(Call {
                url: url.to_owned(),
                workspace_id: fresh(),
                ..write()
            })
            .await;
        let dials = rig.network.dials()[before..].to_vec();
        let fine = if row.allow {
            let ip = literal(url).unwrap_or_else(|| PUBLIC.parse().unwrap());
            let port = if url.contains(":8443") { 8443 } else { 443 };
            outcome.outcome.status == InvocationStatus::Succeeded
                && dials == [SocketAddr::new(ip, port)]
        } else {
            refused_unsent(&outcome)
                && dials.is_empty()
                && code(&outcome) == Some(FailureCode::BlockedDestination)
        };
        if !fine {
            wrong.push(format!(
                "{} {url:?} dialled {dials:?}: {:?}",
                row.id, outcome.outcome
            ));
        }
        // An event goes where a call may go, and nowhere else.
        let before = rig.network.dials().len();
        let event = rig
            .client
            .notify(&Notification {
                url: url.to_owned(),
                workspace_id: fresh(),
                ..event()
            })
            .await;
        let code = event.attempt.failure.map(|failure| failure.code);
        let same = match row.allow {
            true => code.is_none(),
            false => code == Some(FailureCode::BlockedDestination),
        };
        if !same || rig.network.dials()[before..] != dials {
            wrong.push(format!("{} {url:?} as an event: {code:?}", row.id));
        }
    }
    report("url", rows.len(), &wrong);
}

fn fresh() -> deskhand_domain::id::WorkspaceId {
    use std::sync::atomic::{AtomicI64, Ordering};
    static NEXT: AtomicI64 = AtomicI64::new(1);
    let millis = NEXT.fetch_add(1, Ordering::Relaxed);
    let entropy = deskhand_testkit::SeededEntropy::new(3);
    deskhand_domain::id::WorkspaceId::new(
        jiff::Timestamp::from_millisecond(millis).unwrap(),
        &entropy,
    )
}

fn literal(url: &str) -> Option<IpAddr> {
    let authority = url.strip_prefix("https://")?.split('/').next()?;
    authority.trim_matches(['[', ']']).parse().ok()
}

#[tokio::test]
async fn redirect_rows() {
    let rows = rows("redirect");
    let mut wrong = Vec::new();
    for row in &rows {
        let outcome = redirect_row(row).await;
        if let Err(problem) = outcome {
            wrong.push(format!("{} {}: {problem}", row.id, row.input));
        }
    }
    report("redirect", rows.len(), &wrong);
}

async fn redirect_row(row: &Row) -> Result<(), String> {
    if row.id == "R033" {
        return old_tls_row().await;
    }
    let rig = org_rig(vec![DnsReply::addresses(&[PUBLIC])]).await;
    rig.server.reply(scripted(row)?);
    let outcome = rig.call(org_call()).await;
    let dials = rig.network.dials();
    let public: SocketAddr = format!("{PUBLIC}:443").parse().unwrap();
    let mut fine =
        dials == [public] && rig.server.requests().len() == 1 && rig.dns.lookups(ORG) == 1;
    fine &= (outcome.outcome.status == InvocationStatus::Succeeded) == row.allow;
    if row.input.starts_with('3') {
        fine &= code(&outcome) == Some(FailureCode::RedirectRefused);
    }
    if row.id == "R027" {
        fine &= code(&outcome) == Some(FailureCode::ResponseTooLarge);
    }
    check(fine, &outcome, &dials)
}

fn scripted(row: &Row) -> Result<Reply, String> {
    let done = json!({"success": true}).to_string();
    let (status, rest) = row.input.split_at(3);
    let status: u16 = status.parse().map_err(|_| "no status".to_owned())?;
    let rest = rest.trim();
    if row.id == "R027" {
        return Ok(Reply::raw(format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
            1u64 << 30
        ))
        .then_flood());
    }
    if row.id == "R029" {
        return Ok(Reply::full(
            200,
            &[("content-encoding", "gzip")],
            &[0x1f, 0x8b, 8, 0, 0, 0],
        ));
    }
    if let Some(body) = rest.strip_prefix("body ") {
        return Ok(Reply::full(status, &[], body.as_bytes()));
    }
    match status {
        101 => Ok(Reply::raw(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
        )),
        401 | 407 => {
            let (name, value) = rest.split_once(": ").unwrap_or((rest, "Basic realm=\"x\""));
            Ok(Reply::full(status, &[(name, value)], b""))
        }
        _ => {
            let (name, value) = rest.split_once(": ").ok_or("no header")?;
            Ok(Reply::full(
                status,
                &[(name, value.trim_end_matches(" (self loop)"))],
                done.as_bytes(),
            ))
        }
    }
}

/// A server that answers the hello with one of TLS 1.0.
async fn old_tls_row() -> Result<(), String> {
    let mut hello = vec![0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    let options = ServerOptions {
        instead_of_tls: Some(hello),
        ..ServerOptions::default()
    };
    let rig = Rig::with(EgressPolicy::default(), options).await;
    let outcome = rig.call(write()).await;
    check(
        refused_unsent(&outcome) && code(&outcome) == Some(FailureCode::TlsError),
        &outcome,
        &rig.network.dials(),
    )
}
