//! Where a call goes, what it carries, how long it may take.

use std::time::Duration;

use super::words::Words;
use super::{Finding, FindingCode, Severity, UrlObserved};
use crate::action::ActionDefinition;
use crate::limits::{SLOW_CALL, TIMEOUT_SECONDS_DEFAULT};

/// Headers that are credentials by their very name.
const CREDENTIALS: Words = Words("authorization proxy-authorization cookie x-auth x-signature");
/// Parts of names that credentials go by, with `-` and `_` left out.
const CREDENTIAL_PARTS: Words =
    Words("token secret password passwd apikey authkey accesskey privatekey credential bearer");
/// Query parameters that are credentials by their whole name.
const QUERY_CREDENTIALS: Words = Words("key auth sig signature pwd code");

pub(super) fn url(definition: &ActionDefinition, observed: UrlObserved) -> Vec<Finding> {
    let mut findings = Vec::new();
    match observed {
        UrlObserved::Fine => {}
        UrlObserved::Refused { rule, message } => {
            // The rule's text has the mend in it; it is told apart where a sentence ends.
            let (what, mend) = message.split_once(". ").unwrap_or((
                message.trim_end_matches('.'),
                "Use a public HTTPS endpoint.",
            ));
            findings.push(Finding::new(
                Severity::Error,
                FindingCode::UrlRefused,
                "webhook_url",
                format!("The URL is refused by rule {rule}: {what}."),
                mend,
            ));
        }
        UrlObserved::DoesNotResolve => findings.push(Finding::new(
            Severity::Warning,
            FindingCode::DoesNotResolve,
            "webhook_url",
            "The host name does not resolve now. Calls will fail until it does.",
            "Check the host for a typing error, or set up its DNS.",
        )),
    }
    if let Some(name) = credential_in_query(&definition.webhook_url) {
        findings.push(Finding::new(
            Severity::Warning,
            FindingCode::SecretInUrl,
            "webhook_url",
            format!(
                "The URL carries what looks like a credential ({name}). Everyone who may see the action sees the URL."
            ),
            "Take it out of the URL and send it as a header with \"secret\", which is stored encrypted and never shown.",
        ));
    }
    findings
}

pub(super) fn timeout(definition: &ActionDefinition) -> Option<Finding> {
    (definition.timeout_seconds > TIMEOUT_SECONDS_DEFAULT).then(|| {
        Finding::new(
            Severity::Info,
            FindingCode::TimeoutLong,
            "timeout_seconds",
            format!(
                "The customer may wait {} seconds for an answer.",
                definition.timeout_seconds
            ),
            "Answer within 30 seconds: take the request, answer, and do the rest of the work afterwards.",
        )
    })
}

/// What customers have been waiting for lately, where it is long.
pub(super) fn slow(p95_ms: Option<u64>) -> Option<Finding> {
    let p95 = Duration::from_millis(p95_ms?);
    let severity = match p95 {
        _ if p95 <= SLOW_CALL => return None,
        _ if p95 <= SLOW_CALL * 2 => Severity::Info,
        _ => Severity::Warning,
    };
    Some(Finding::new(
        severity,
        FindingCode::SlowAction,
        "webhook_url",
        format!(
            "One call in twenty takes over {:.1} seconds, by the calls of the last 7 days. A customer waits all that time.",
            p95.as_secs_f64()
        ),
        "Look at the timings of a slow call to see which phase takes the time, and answer within 5 seconds.",
    ))
}

pub(super) fn headers(definition: &ActionDefinition) -> Vec<Finding> {
    definition
        .headers
        .iter()
        .enumerate()
        .filter(|(_, header)| {
            header.value.as_ref().is_some_and(|value| !value.is_empty())
                && is_credential(&header.name)
        })
        .map(|(i, header)| {
            Finding::new(
                Severity::Warning,
                FindingCode::SecretInPlainHeader,
                format!("headers.{i}.value"),
                format!(
                    "The header {} looks like a credential, and its value is kept in the clear and shown.",
                    header.name
                ),
                format!(
                    "Give it as {{\"name\": \"{}\", \"secret\": \"…\"}}: a secret is stored encrypted and never shown.",
                    header.name
                ),
            )
        })
        .collect()
}

fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let joined = name.replace(['-', '_'], "");
    CREDENTIALS.has(&name) || CREDENTIAL_PARTS.iter().any(|part| joined.contains(part))
}

/// The name of the first query parameter that looks like a credential and has a value.
fn credential_in_query(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next().unwrap_or_default();
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let lower = name.to_ascii_lowercase();
        let telling = is_credential(name) || QUERY_CREDENTIALS.has(&lower);
        (telling && !value.is_empty()).then_some(name)
    })
}
