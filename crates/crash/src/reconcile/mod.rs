//! The promise, rule by rule: what reached the endpoint and what the customers were told, against what
//! Deskhand has recorded.

mod calls;
mod talk;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::callbacks::Reported;
use crate::customer::Asked;
use crate::receiver::Received;
use crate::record::{Conversation, Invocation};
use crate::snapshot::Snapshot;
use crate::work::Action;

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Which rule.
    pub rule: &'static str,
    /// The ids, and what is wrong.
    pub what: String,
}

/// Everything that was seen.
#[derive(Debug, Default)]
pub struct Seen {
    pub asked: Vec<Asked>,
    pub received: Vec<Received>,
    pub reported: Vec<Reported>,
    pub snapshots: Vec<Snapshot>,
    pub conversations: Vec<Conversation>,
}

/// The same, looked up.
struct Index<'a> {
    seen: &'a Seen,
    invocations: HashMap<&'a str, &'a Invocation>,
    /// By invocation.
    received: HashMap<&'a str, Vec<&'a Received>>,
    /// By invocation.
    reported: HashMap<&'a str, &'a Reported>,
    /// How many messages asked for a call.
    wanted: BTreeMap<(Action, &'a str), usize>,
}

impl<'a> Index<'a> {
    fn new(seen: &'a Seen) -> Self {
        let mut received: HashMap<&str, Vec<&Received>> = HashMap::new();
        for request in &seen.received {
            received
                .entry(&request.invocation)
                .or_default()
                .push(request);
        }
        let mut wanted = BTreeMap::new();
        for call in seen
            .asked
            .iter()
            .flat_map(|asked| asked.rounds.iter().flatten())
        {
            *wanted
                .entry((call.action, call.order.as_str()))
                .or_default() += 1;
        }
        Self {
            seen,
            invocations: seen
                .conversations
                .iter()
                .flat_map(|conversation| &conversation.invocations)
                .map(|invocation| (invocation.id.as_str(), invocation))
                .collect(),
            received,
            reported: seen
                .reported
                .iter()
                .map(|reported| (reported.invocation.as_str(), reported))
                .collect(),
            wanted,
        }
    }

    fn requests(&self, invocation: &str) -> &[&'a Received] {
        self.received.get(invocation).map_or(&[], Vec::as_slice)
    }
}

/// Every violation, sorted, each once.
pub fn reconcile(seen: &Seen) -> Vec<Violation> {
    let index = Index::new(seen);
    let mut violations = BTreeSet::new();
    calls::check(&index, &mut |rule, what| {
        violations.insert(Violation { rule, what });
    });
    talk::check(&index, &mut |rule, what| {
        violations.insert(Violation { rule, what });
    });
    violations.into_iter().collect()
}
