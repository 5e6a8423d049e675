//! What reached the endpoint.

use std::collections::BTreeMap;

use super::Index;
use crate::receiver::Answer;
use crate::record::Invocation;
use crate::work::Action;

pub fn check(index: &Index<'_>, violate: &mut dyn FnMut(&'static str, String)) {
    for (id, requests) in &index.received {
        let Some(invocation) = index.invocations.get(id) else {
            violate("sent without a record", (*id).to_owned());
            continue;
        };
        if invocation.action.is_once() && requests.len() > 1 {
            violate("sent twice", format!("{id}: {} requests", requests.len()));
        }
        if requests.iter().any(|request| request.key != **id) {
            violate("sent under another key", (*id).to_owned());
        }
    }
    sends_a_message(index, violate);
    for snapshot in &index.seen.snapshots {
        for caught in &snapshot.caught {
            let id = &caught.invocation;
            let Some(invocation) = index.invocations.get(id.as_str()) else {
                violate(
                    "a committed intent is lost",
                    format!("{id}, kill {}", snapshot.kill),
                );
                continue;
            };
            let uncertain = match invocation.action {
                // Whoever carried it out may have reported back since.
                Action::Refund => matches!(
                    invocation.status.as_str(),
                    "unknown" | "completed" | "declined" | "expired"
                ),
                _ => invocation.status == "unknown",
            };
            if caught.sending && invocation.action.is_once() && !uncertain {
                violate(
                    "ambiguous, and not unknown",
                    format!("{id} is {}, kill {}", invocation.status, snapshot.kill),
                );
            }
        }
    }
    for invocation in index.invocations.values() {
        status(index, invocation, violate);
    }
}

/// However many invocations there are of it: one message, one send.
fn sends_a_message(index: &Index<'_>, violate: &mut dyn FnMut(&'static str, String)) {
    let mut sends: BTreeMap<(Action, &str), usize> = BTreeMap::new();
    let bodies = index.seen.received.iter().filter_map(|r| r.body.as_ref());
    for (action, order) in bodies.filter(|(action, _)| action.is_once()) {
        *sends.entry((*action, order)).or_default() += 1;
    }
    for ((action, order), count) in sends {
        let wanted = index.wanted.get(&(action, order)).copied().unwrap_or(0);
        if count > wanted {
            violate(
                "sent more often than asked for",
                format!(
                    "{} {order}: {count} requests, {wanted} messages",
                    action.name()
                ),
            );
        }
    }
}

/// Whether the endpoint can confirm what is recorded.
fn status(
    index: &Index<'_>,
    invocation: &Invocation,
    violate: &mut dyn FnMut(&'static str, String),
) {
    let Invocation {
        id, action, code, ..
    } = invocation;
    let requests = index.requests(id);
    let answered = |answer| requests.iter().any(|r| r.answer == Some(answer));
    let reported = index.reported.get(id.as_str());
    let described = || format!("{id} ({} {}) {code}", action.name(), invocation.order);
    let confirmed = match invocation.status.as_str() {
        "succeeded" => answered(Answer::Success),
        "declined" => answered(Answer::Decline) || reported.is_some_and(|r| !r.success),
        "accepted" => answered(Answer::Accepted),
        "completed" => reported.is_some_and(|r| r.success),
        "failed" if code == "http_error" => answered(Answer::Error),
        // What is uncertain of a look-up is of no consequence.
        "failed" if *action == Action::LookUp => true,
        "failed" => requests.is_empty(),
        "unknown" => {
            if !invocation.sent {
                violate("unknown, and never sent", described());
            }
            *action != Action::LookUp
        }
        _ => {
            violate(
                "left under way",
                format!("{} is {}", described(), invocation.status),
            );
            true
        }
    };
    if !confirmed {
        violate(
            "recorded otherwise than it happened",
            format!(
                "{} is {}, {} requests, answers {:?}",
                described(),
                invocation.status,
                requests.len(),
                requests.iter().map(|r| r.answer).collect::<Vec<_>>()
            ),
        );
    }
    if let Some(reported) = reported
        && reported.status != Some(200)
    {
        violate(
            "a callback was not taken",
            format!("{}: {:?}", described(), reported.status),
        );
    }
    if reported.is_some() && invocation.status == "accepted" {
        violate("a callback was lost", described());
    }
}
