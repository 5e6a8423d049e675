//! The figures, as tables for people and as JSON.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::figures::Work;
use crate::server::Bench;
use crate::{dispatch, history, hung, nodes, turns};

/// All that was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    machine: String,
    quick: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    turns: Vec<turns::Row>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    history: Vec<history::Row>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dispatch: Vec<dispatch::Row>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hung: Vec<hung::Row>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nodes: Vec<nodes::Row>,
}

impl Report {
    /// Nothing yet.
    pub fn new(bench: &Bench) -> Self {
        Self {
            machine: bench.cores.to_string(),
            quick: bench.quick,
            turns: Vec::new(),
            history: Vec::new(),
            dispatch: Vec::new(),
            hung: Vec::new(),
            nodes: Vec::new(),
        }
    }

    /// Prints and keeps.
    pub fn turns(&mut self, rows: Vec<turns::Row>) {
        heading("turns", "conversations");
        for row in &rows {
            let kind = if row.continuing { "going on" } else { "new" };
            line(
                &format!("{} {kind}", row.conversations),
                &row.deskhand,
                &row.bare,
            );
        }
        self.turns = rows;
    }

    /// Prints and keeps.
    pub fn history(&mut self, rows: Vec<history::Row>) {
        heading("history", "turns before, KiB to model");
        for row in &rows {
            let kib = row.model_input_bytes / 1_024;
            let which = if row.first { "first" } else { "next" };
            let what = format!("{}, {kib} KiB, {which}", row.turns_before);
            line(&what, &row.deskhand, &row.bare);
        }
        self.history = rows;
    }

    /// Prints and keeps.
    pub fn dispatch(&mut self, rows: Vec<dispatch::Row>) {
        println!(
            "\n{:<10} {:>8} {:>9} {:>8} {:>10} {:>13} {:>13} {:>9}   (medians, ms; no DNS: the address is a literal)",
            "dispatch",
            "start",
            "connect",
            "TLS",
            "1st byte",
            "attempt rest",
            "request rest",
            "request"
        );
        for row in &rows {
            println!(
                "{:<10} {:>8.1} {:>9.3} {:>8.3} {:>10.3} {:>13.3} {:>13.3} {:>9.3}",
                row.state,
                row.start_ms,
                row.connect_ms,
                row.tls_ms,
                row.first_byte_ms,
                row.attempt_rest_ms,
                row.request_rest_ms,
                row.request_ms
            );
        }
        self.dispatch = rows;
    }

    /// Prints and keeps.
    pub fn hung(&mut self, rows: Vec<hung::Row>) {
        heading("hung", "webhooks, answering after");
        for row in &rows {
            let what = format!("{}, {} s", row.webhooks, row.answering_after_seconds);
            line(&what, &row.deskhand, &row.bare);
        }
        self.hung = rows;
    }

    /// Prints and keeps.
    pub fn nodes(&mut self, rows: Vec<nodes::Row>) {
        println!(
            "\n{:<28} {:>9} {:>9} {:>12} {:>15} {:>9} {:>9} {:>7}",
            "turns (nodes, conversations)",
            "turns/s",
            "of first",
            "nodes CPU ms",
            "PostgreSQL CPU",
            "p50 ms",
            "p99 ms",
            "errors"
        );
        for row in &rows {
            println!(
                "{:<28} {:>9.0} {:>9.2} {:>12.3} {:>15.3} {:>9.2} {:>9.2} {:>7}",
                format!("{}, {} new", row.nodes, row.conversations),
                row.work.turns_per_second,
                row.of_one_node,
                row.work.cpu_ms_per_turn,
                row.database_cpu_ms_per_turn,
                row.work.latency.p50_ms,
                row.work.latency.p99_ms,
                row.work.errors
            );
        }
        self.nodes = rows;
    }

    /// Writes all of it as JSON.
    pub fn write(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(path, json).with_context(|| format!("{}", path.display()))
    }
}

fn heading(bench: &str, what: &str) {
    println!(
        "\n{:<28} {:>9} {:>11} {:>7} {:>10} {:>10} {:>9} {:>9} {:>9} {:>7}",
        format!("{bench} ({what})"),
        "turns/s",
        "CPU ms/turn",
        "(bare)",
        "p50 ms",
        "(bare)",
        "p99 ms",
        "peak MiB",
        "KiB each",
        "errors"
    );
}

fn line(what: &str, deskhand: &Work, bare: &Work) {
    println!(
        "{:<28} {:>9.0} {:>11.3} {:>7.3} {:>10.2} {:>10.2} {:>9.2} {:>9.1} {:>9.1} {:>7}",
        what,
        deskhand.turns_per_second,
        deskhand.cpu_ms_per_turn,
        bare.cpu_ms_per_turn,
        deskhand.latency.p50_ms,
        bare.latency.p50_ms,
        deskhand.latency.p99_ms,
        deskhand.peak_mib,
        deskhand.kib_each,
        deskhand.errors + bare.errors
    );
}
