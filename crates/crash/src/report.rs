//! What a run came to, as a table and as JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Kind;
use crate::reconcile::{Seen, Violation};

/// Most violations of one rule that are shown on the terminal; the JSON has all.
const SHOWN: usize = 12;

/// A run.
pub struct Report<'a> {
    pub seed: u64,
    pub database: Kind,
    pub nodes: usize,
    /// How often the database was stopped.
    pub outages: usize,
    /// Deaths by where they happened.
    pub deaths: BTreeMap<String, usize>,
    pub took: Duration,
    pub seen: &'a Seen,
    pub violations: &'a [Violation],
}

impl Report<'_> {
    fn counts(&self) -> Vec<(&'static str, usize)> {
        let seen = self.seen;
        let answers = || seen.asked.iter().map(|asked| asked.answers.len());
        let caught = || seen.snapshots.iter().flat_map(|snapshot| &snapshot.caught);
        let conversations = || seen.conversations.iter();
        let mut sends: BTreeMap<&str, usize> = BTreeMap::new();
        for request in &seen.received {
            *sends.entry(&request.invocation).or_default() += 1;
        }
        vec![
            ("messages", seen.asked.len()),
            (
                "sent again by their client",
                seen.asked.iter().filter(|asked| asked.sent > 1).count(),
            ),
            (
                "answers replayed",
                answers().map(|n| n.saturating_sub(1)).sum(),
            ),
            (
                "clients that left",
                seen.asked.iter().filter(|asked| asked.left).count(),
            ),
            ("conversations", seen.conversations.len()),
            ("turns", conversations().map(|c| c.turns.len()).sum()),
            (
                "invocations",
                conversations().map(|c| c.invocations.len()).sum(),
            ),
            ("requests at the endpoint", seen.received.len()),
            (
                "invocations sent more than once",
                sends.values().filter(|count| **count > 1).count(),
            ),
            ("callbacks", seen.reported.len()),
            (
                "caught intended by a kill",
                caught().filter(|caught| !caught.sending).count(),
            ),
            (
                "caught sending by a kill",
                caught().filter(|caught| caught.sending).count(),
            ),
        ]
    }

    fn statuses(&self) -> BTreeMap<String, usize> {
        let mut statuses = BTreeMap::new();
        let all = self.seen.conversations.iter().flat_map(|c| &c.invocations);
        for invocation in all {
            let name = match invocation.code.as_str() {
                "" => invocation.status.clone(),
                code => format!("{}, {code}", invocation.status),
            };
            *statuses.entry(name).or_default() += 1;
        }
        statuses
    }

    /// For people.
    pub fn print(&self) {
        let kills: usize = self.deaths.values().sum();
        println!(
            "\n{kills} kills, seed {}, {:?}, {} node(s), {} outages of the database, {:.0} s\n",
            self.seed,
            self.database,
            self.nodes,
            self.outages,
            self.took.as_secs_f64()
        );
        for (name, count) in &self.deaths {
            println!("  killed {name:<34}{count:>7}");
        }
        println!();
        for (name, count) in self.counts() {
            println!("  {name:<41}{count:>7}");
        }
        println!();
        for (name, count) in self.statuses() {
            println!("  {name:<41}{count:>7}");
        }
        println!();
        let mut rules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for violation in self.violations {
            rules
                .entry(violation.rule)
                .or_default()
                .push(&violation.what);
        }
        for (rule, all) in &rules {
            println!("  BROKEN {rule}: {}", all.len());
            for what in all.iter().take(SHOWN) {
                println!("    {what}");
            }
        }
        if rules.is_empty() {
            println!("  Nothing sent twice, nothing lost, nothing said that is not so.");
        }
    }

    /// For machines.
    pub fn json(&self) -> Value {
        let counts: BTreeMap<&str, usize> = self.counts().into_iter().collect();
        let violations: Vec<Value> = self
            .violations
            .iter()
            .map(|violation| json!({ "rule": violation.rule, "what": violation.what }))
            .collect();
        json!({
            "seed": self.seed, "database": format!("{:?}", self.database).to_lowercase(),
            "nodes": self.nodes, "outages": self.outages,
            "kills": self.deaths.values().sum::<usize>(), "deaths": self.deaths,
            "seconds": self.took.as_secs(), "counts": counts, "invocations": self.statuses(),
            "violations": violations,
        })
    }
}
