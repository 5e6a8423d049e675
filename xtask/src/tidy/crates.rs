//! Which crate may use which.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::program::{cargo, output};

/// The crates of this project and what each may use of the others. `deskhand` is `crates/cli`.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("deskhand-domain", &[]),
    ("deskhand-store", &["deskhand-domain"]),
    ("deskhand-model", &["deskhand-domain"]),
    ("deskhand-webhook", &["deskhand-domain"]),
    (
        "deskhand-service",
        &[
            "deskhand-store",
            "deskhand-model",
            "deskhand-webhook",
            "deskhand-domain",
        ],
    ),
    ("deskhand-http", &["deskhand-service", "deskhand-domain"]),
    (
        "deskhand",
        &[
            "deskhand-http",
            "deskhand-service",
            "deskhand-store",
            "deskhand-model",
            "deskhand-webhook",
            "deskhand-domain",
        ],
    ),
    // The doubles stand in for what is outside, and may set up the whole for others to test.
    (
        TESTKIT,
        &[
            "deskhand-http",
            "deskhand-service",
            "deskhand-store",
            "deskhand-model",
            "deskhand-webhook",
            "deskhand-domain",
        ],
    ),
    // Drives the built product from outside; it lays down histories in its database.
    (BENCH, &["deskhand-store", "deskhand-domain"]),
    // Kills the built product; it reads what was committed at the moment of death.
    (CRASH, &["deskhand-store", "deskhand-domain"]),
    ("xtask", &[]),
];

/// Nobody's dependency.
const BENCH: &str = "deskhand-bench";

/// Nobody's either.
const CRASH: &str = "deskhand-crash";

/// Only ever a dev-dependency.
const TESTKIT: &str = "deskhand-testkit";

/// All that domain may use: data, time, text; nothing that waits, reads or writes.
const DOMAIN_USES: &[&str] = &[
    "jiff",
    // Behind a feature: what the API carries, described.
    "schemars",
    "serde",
    "serde_json",
    "thiserror",
    "unicode-normalization",
    "uuid",
    "zeroize",
];

/// Crates that only some of ours may use, other than in tests.
const HOLDERS: &[(&str, &[&str], &str)] = &[
    ("rusqlite", &["deskhand-store"], "only store knows SQL"),
    ("postgres", &["deskhand-store"], "only store knows SQL"),
    (
        "hickory-resolver",
        // The test doubles answer queries over real sockets.
        &["deskhand-webhook", TESTKIT],
        "only webhook resolves tenants' names",
    ),
    (
        "tokio-rustls",
        // The demo's shop, the test doubles, the bench's stubs and the crash harness's endpoint are TLS servers.
        &["deskhand-webhook", "deskhand", TESTKIT, BENCH, CRASH],
        "only webhook connects to tenant-given addresses",
    ),
    (
        "reqwest",
        // `deskhand chat` and its like speak to a Deskhand server that their user names.
        &["deskhand-model", "deskhand"],
        "only model speaks to providers; tenants' addresses are webhook's",
    ),
    ("genai", &["deskhand-model"], "only model knows providers"),
    (
        "axum",
        // A test asks the API as a client does.
        &["deskhand-http", "deskhand", TESTKIT],
        "only http knows status codes",
    ),
    (
        "anyhow",
        &["deskhand", "xtask", BENCH, CRASH],
        "the other crates have one error enum each",
    ),
    (
        "clap",
        &["deskhand", "xtask", BENCH, CRASH],
        "only cli reads the command line",
    ),
];

/// One of our crates.
pub struct Package {
    pub name: String,
    pub uses: Vec<Use>,
}

/// One of its dependencies.
pub struct Use {
    pub name: String,
    /// Only for its tests.
    pub dev: bool,
    pub features: Vec<String>,
}

/// Asks cargo.
pub fn read() -> Result<Vec<Package>> {
    let json = output(cargo(["metadata", "--format-version", "1", "--no-deps"]))?;
    parse(&serde_json::from_slice(&json)?).context("cargo metadata is not as expected")
}

/// Every direction that is not allowed.
pub fn check(packages: &[Package]) -> Vec<String> {
    let directions: BTreeMap<&str, &[&str]> = DIRECTIONS.iter().copied().collect();
    let ours: BTreeSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
    let mut problems = Vec::new();
    for package in packages {
        let name = package.name.as_str();
        let Some(allowed) = directions.get(name) else {
            problems.push(format!(
                "{name} is not on the list of crates in xtask/src/tidy/crates.rs"
            ));
            continue;
        };
        let below = reachable(name, &directions);
        for used in &package.uses {
            let other = used.name.as_str();
            if ours.contains(other) {
                let fine = if used.dev {
                    other == TESTKIT || below.contains(other)
                } else {
                    allowed.contains(&other)
                };
                if !fine {
                    problems.push(format!("{name} must not use {other}{}", when(used.dev)));
                }
            } else if !used.dev {
                problems.extend(outside(name, used));
            }
        }
    }
    problems
}

/// What is wrong with using a crate that is not ours.
fn outside(name: &str, used: &Use) -> Option<String> {
    let other = used.name.as_str();
    if name == "deskhand-domain" && !DOMAIN_USES.contains(&other) {
        return Some(format!(
            "{name} must not use {other}: domain is pure; its few dependencies are listed in xtask/src/tidy/crates.rs"
        ));
    }
    if matches!(other, "hyper" | "hyper-util")
        && !["deskhand-webhook", TESTKIT, BENCH, CRASH].contains(&name)
        && used.features.iter().any(|f| f.starts_with("client"))
    {
        return Some(format!(
            "{name} must not use {other} with its client: only webhook connects to tenant-given addresses"
        ));
    }
    let (_, holders, why) = HOLDERS.iter().find(|(held, ..)| *held == other)?;
    (!holders.contains(&name)).then(|| format!("{name} must not use {other}: {why}"))
}

fn when(dev: bool) -> &'static str {
    if dev { ", not even in tests" } else { "" }
}

/// Everything below a crate, through any number of steps.
fn reachable<'a>(name: &str, directions: &BTreeMap<&str, &'a [&'a str]>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&str> = directions.get(name).copied().unwrap_or_default().to_vec();
    while let Some(crate_name) = next.pop() {
        if seen.insert(crate_name) {
            next.extend(directions.get(crate_name).copied().unwrap_or_default());
        }
    }
    seen
}

fn parse(metadata: &Value) -> Option<Vec<Package>> {
    let text = |value: &Value, key: &str| Some(value.get(key)?.as_str()?.to_owned());
    metadata
        .get("packages")?
        .as_array()?
        .iter()
        .map(|package| {
            let uses = package
                .get("dependencies")?
                .as_array()?
                .iter()
                .map(|used| {
                    Some(Use {
                        name: text(used, "name")?,
                        dev: used.get("kind")?.as_str() == Some("dev"),
                        features: used
                            .get("features")?
                            .as_array()?
                            .iter()
                            .filter_map(|feature| Some(feature.as_str()?.to_owned()))
                            .collect(),
                    })
                })
                .collect::<Option<_>>()?;
            Some(Package {
                name: text(package, "name")?,
                uses,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// `user` uses `used`; every name that occurs is a package, unless it is somebody else's crate.
    fn found(user: &str, used: &str, dev: bool, features: &[&str]) -> Vec<String> {
        let uses = vec![Use {
            name: used.to_owned(),
            dev,
            features: features.iter().map(|f| (*f).to_owned()).collect(),
        }];
        let mut packages = vec![Package {
            name: user.to_owned(),
            uses,
        }];
        if DIRECTIONS.iter().any(|(name, _)| *name == used) {
            packages.push(Package {
                name: used.to_owned(),
                uses: Vec::new(),
            });
        }
        check(&packages)
    }

    #[test]
    fn an_arrow_against_the_direction_is_reported() {
        assert_eq!(
            found("deskhand-store", "deskhand-service", false, &[]),
            ["deskhand-store must not use deskhand-service"]
        );
        assert_eq!(
            found("deskhand-http", "deskhand-webhook", false, &[]).len(),
            1
        );
        assert!(found("deskhand-service", "deskhand-webhook", false, &[]).is_empty());
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        for (name, _) in DIRECTIONS.iter().filter(|(name, _)| *name != TESTKIT) {
            assert_eq!(found(name, TESTKIT, false, &[]).len(), 1, "{name}");
            assert!(found(name, TESTKIT, true, &[]).is_empty(), "{name}");
        }
    }

    #[test]
    fn tests_may_use_whatever_stands_below_and_nothing_above() {
        assert!(found("deskhand-http", "deskhand-store", true, &[]).is_empty());
        assert_eq!(
            found("deskhand-store", "deskhand-http", true, &[]),
            ["deskhand-store must not use deskhand-http, not even in tests"]
        );
    }

    #[test]
    fn domain_uses_what_is_listed() {
        assert!(found("deskhand-domain", "jiff", false, &[]).is_empty());
        assert_eq!(found("deskhand-domain", "tokio", false, &[]).len(), 1);
        assert!(found("deskhand-domain", "proptest", true, &[]).is_empty());
    }

    #[test]
    fn sql_belongs_to_store() {
        assert!(found("deskhand-store", "rusqlite", false, &[]).is_empty());
        assert_eq!(
            found("deskhand-service", "rusqlite", false, &[]),
            ["deskhand-service must not use rusqlite: only store knows SQL"]
        );
    }

    #[test]
    fn the_client_half_of_hyper_belongs_to_webhook() {
        assert!(found("deskhand", "hyper", false, &["server", "http1"]).is_empty());
        assert!(found("deskhand-webhook", "hyper", false, &["client"]).is_empty());
        assert_eq!(found("deskhand", "hyper", false, &["client"]).len(), 1);
        assert_eq!(
            found("deskhand-http", "hyper-util", false, &["client-legacy"]).len(),
            1
        );
    }

    #[test]
    fn a_crate_nobody_has_placed_is_reported() {
        assert_eq!(found("deskhand-new", "serde", false, &[]).len(), 1);
    }

    #[test]
    fn what_cargo_says_is_understood() {
        let metadata = json!({"packages": [{"name": "a", "dependencies": [
            {"name": "b", "kind": null, "features": ["x"]},
            {"name": "c", "kind": "dev", "features": []}
        ]}]});
        let packages = parse(&metadata).unwrap();
        assert_eq!(packages[0].name, "a");
        assert_eq!(packages[0].uses[0].features, ["x"]);
        assert!(!packages[0].uses[0].dev);
        assert!(packages[0].uses[1].dev);
        assert!(parse(&json!({})).is_none());
    }
}
