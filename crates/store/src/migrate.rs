//! Brings a database's schema up to date.

use sha2::{Digest as _, Sha256};

use crate::row::{Conn, get, hex};
use crate::sql::query;
use crate::{Result, StoreError};

/// A step: its number, what it is about, and what is to be run.
type Step = (i64, &'static str, &'static str);

/// Counted from 1, in order. A step that has been released is never changed.
const STEPS: &[Step] = &[
    (1, "first", include_str!("../migrations/0001_first.sql")),
    (
        2,
        "idempotency",
        include_str!("../migrations/0002_idempotency.sql"),
    ),
    (
        3,
        "agent usage",
        include_str!("../migrations/0003_agent_usage.sql"),
    ),
    (
        4,
        "accounts",
        include_str!("../migrations/0004_accounts.sql"),
    ),
    (5, "insight", include_str!("../migrations/0005_insight.sql")),
    (6, "widget", include_str!("../migrations/0006_widget.sql")),
    (
        7,
        "revision",
        include_str!("../migrations/0007_revision.sql"),
    ),
    (
        8,
        "recovery",
        include_str!("../migrations/0008_recovery.sql"),
    ),
    (
        9,
        "callbacks",
        include_str!("../migrations/0009_callbacks.sql"),
    ),
    (10, "events", include_str!("../migrations/0010_events.sql")),
    (
        11,
        "circuit and handoff",
        include_str!("../migrations/0011_circuit_and_handoff.sql"),
    ),
    (12, "worked", include_str!("../migrations/0012_worked.sql")),
    (
        13,
        "fewer trees",
        include_str!("../migrations/0013_fewer_trees.sql"),
    ),
    (
        14,
        "open calls",
        include_str!("../migrations/0014_open_calls.sql"),
    ),
];

/// One step that was taken, or had been taken before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Counts the steps from 1.
    pub version: i64,
    /// What it is about.
    pub about: String,
    /// Whether it was taken now.
    pub now: bool,
}

/// Begins a transaction in which no other node takes steps; the number is nobody else's. A step waits for
/// what others do with its tables, but not for ever: they wait behind it.
const HELD: &str =
    "BEGIN; SET LOCAL lock_timeout TO 0; SELECT pg_advisory_xact_lock(6821340156602817);
     SET LOCAL lock_timeout TO '30s'";

/// Takes the steps that have not been taken. One transaction holds all of them, so that of two
/// processes that start together one waits, and finds it done.
pub(crate) fn run(conn: &mut Conn) -> Result<Vec<Migrated>> {
    conn.batch(match conn.is_postgres() {
        true => HELD,
        false => "BEGIN IMMEDIATE",
    })?;
    let done = take(conn);
    conn.batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    done
}

fn take(conn: &mut Conn) -> Result<Vec<Migrated>> {
    let taken = taken(conn)?;
    let unknown: Vec<_> = taken
        .iter()
        .filter(|(version, _)| !is_known(*version))
        .collect();
    match unknown.as_slice() {
        [] => {}
        // While nodes are replaced one by one, the old ones go on beside the new ones.
        [(version, _)] if *version == newest() + 1 => tracing::warn!(
            version,
            "a later version of Deskhand has taken a step that this one does not know; one such step is \
             no harm"
        ),
        [.., (version, _)] => {
            return Err(StoreError::Migration(format!(
                "step {version} has been taken by a later version of Deskhand, which this one does not \
                 know: use a version that is at most one step behind"
            )));
        }
    }
    STEPS
        .iter()
        .map(|step @ (version, about, sql)| {
            let before = taken.iter().find(|(taken, _)| taken == version);
            match before {
                Some((_, checksum)) if *checksum != sum(sql) => {
                    return Err(StoreError::Migration(format!(
                        "step {version} ({about}) is not what was run on this database"
                    )));
                }
                Some(_) => {}
                None => record(conn, step)?,
            }
            Ok(Migrated {
                version: *version,
                about: (*about).to_owned(),
                now: before.is_none(),
            })
        })
        .collect()
}

fn is_known(version: i64) -> bool {
    STEPS.iter().any(|(known, ..)| *known == version)
}

fn newest() -> i64 {
    STEPS
        .iter()
        .map(|(version, ..)| *version)
        .max()
        .unwrap_or(0)
}

fn record(conn: &mut Conn, (version, about, sql): &Step) -> Result<()> {
    match conn.is_postgres() {
        true => conn.batch(&by_bytes(sql))?,
        false => conn.batch(sql)?,
    }
    note(conn, *version, about, sql)
}

/// Texts are compared byte by byte, as SQLite does: ids must sort by their moments whatever language the
/// database was made for. SQLite knows no such word, so it is put in where a column is of type `TEXT`.
fn by_bytes(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + sql.len() / 8);
    let mut parts = sql.split("TEXT");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let cast = out.trim_end().ends_with(" AS");
        let whole = out.ends_with(char::is_whitespace)
            && !part.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        out.push_str("TEXT");
        if whole && !cast {
            out.push_str(" COLLATE \"C\"");
        }
        out.push_str(part);
    }
    out
}

fn note(conn: &mut Conn, version: i64, about: &str, sql: &str) -> Result<()> {
    query("INSERT INTO migrations (version, about, checksum) VALUES ($1, $2, $3)")
        .bind(version)
        .bind(about)
        .bind(sum(sql))
        .execute(conn)?;
    Ok(())
}

/// The steps taken so far, with the checksums of what was run.
fn taken(conn: &mut Conn) -> Result<Vec<(i64, String)>> {
    conn.batch(
        "CREATE TABLE IF NOT EXISTS migrations (
             version BIGINT PRIMARY KEY, about TEXT NOT NULL, checksum TEXT NOT NULL)",
    )?;
    adopt(conn)?;
    query("SELECT version, checksum FROM migrations ORDER BY version")
        .fetch_all(conn)?
        .iter()
        .map(|row| Ok((get(row, "version")?, get(row, "checksum")?)))
        .collect()
}

/// Before its first release Deskhand kept the steps in a table of another name.
fn adopt(conn: &mut Conn) -> Result<()> {
    if conn.is_postgres() {
        return Ok(());
    }
    let old = query("SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'");
    if old.fetch_optional(conn)?.is_none() {
        return Ok(());
    }
    for row in query("SELECT version FROM _sqlx_migrations WHERE success").fetch_all(conn)? {
        let version: i64 = get(&row, "version")?;
        if let Some((_, about, sql)) = STEPS.iter().find(|(known, ..)| *known == version) {
            note(conn, version, about, sql)?;
        }
    }
    Ok(conn.batch("DROP TABLE _sqlx_migrations")?)
}

fn sum(sql: &str) -> String {
    hex(&Sha256::digest(sql.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_text_are_compared_by_bytes() {
        assert_eq!(
            by_bytes("CREATE TABLE t (a TEXT NOT NULL, b TEXT);"),
            "CREATE TABLE t (a TEXT COLLATE \"C\" NOT NULL, b TEXT COLLATE \"C\");"
        );
        assert_eq!(
            by_bytes("SELECT CAST(a AS TEXT), TEXTS, CONTEXT FROM t"),
            "SELECT CAST(a AS TEXT), TEXTS, CONTEXT FROM t"
        );
    }

    #[test]
    fn steps_count_up() {
        let numbers: Vec<_> = STEPS.iter().map(|(number, ..)| *number).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    }
}
