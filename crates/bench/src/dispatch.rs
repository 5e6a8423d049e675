//! `dispatch`: one call of an action, by phase, the first after a start and then on a kept connection.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use hyper::Method;
use serde::Serialize;
use serde_json::{Value, json};

use crate::figures::median;
use crate::server::{Api, Bench, Server};

/// Medians, in milliseconds.
#[derive(Debug, Serialize)]
pub struct Row {
    /// `cold` or `warm`.
    pub state: &'static str,
    pub calls: usize,
    /// From the process's start until it served; zero where it was running.
    pub start_ms: f64,
    pub connect_ms: f64,
    pub tls_ms: f64,
    /// From the first byte sent to the first byte back.
    pub first_byte_ms: f64,
    /// The rest of the attempt: the address policy, the signature, the wait for the commit of
    /// `sending`, reading the body.
    pub attempt_rest_ms: f64,
    /// The rest of the request: the API, the checks, the commits of the intent and of the outcome,
    /// reading them back.
    pub request_rest_ms: f64,
    /// All of it, as the API's client sees it.
    pub request_ms: f64,
}

struct Call {
    start_ms: f64,
    timings: [f64; 4],
    request_ms: f64,
}

/// Cold: each time on a server just started. Warm: again and again on the last of them.
pub async fn measure(bench: &Bench) -> Result<Vec<Row>> {
    let (colds, warms) = if bench.quick { (3, 100) } else { (7, 500) };
    let mut cold = Vec::new();
    let mut warm = Vec::new();
    for number in 1..=colds {
        let server = Server::start(bench, 0).await?;
        let mut api = server.api().await?;
        let mut first = call(&mut api, &server.action).await?;
        first.start_ms = server.ready_after.as_secs_f64() * 1_000.0;
        cold.push(first);
        if number == colds {
            for _ in 0..warms {
                warm.push(call(&mut api, &server.action).await?);
            }
        }
    }
    Ok(vec![row("cold", &cold), row("warm", &warm)])
}

async fn call(api: &mut Api, action: &str) -> Result<Call> {
    let path = format!("/v1/actions/{action}/test");
    let run = json!({ "parameters": { "order_number": "ORD-12345" } });
    let began = Instant::now();
    let answer = api.send(Method::POST, &path, &run).await?;
    let request_ms = began.elapsed().as_secs_f64() * 1_000.0;
    if answer["status"] != "succeeded" {
        bail!("the call did not succeed: {answer}");
    }
    let timings = &answer["attempts"][0]["timings"];
    timings["total_ms"].as_f64().context("no timings")?;
    let phase = |name: &str| timings.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    Ok(Call {
        start_ms: 0.0,
        timings: ["connect_ms", "tls_ms", "first_byte_ms", "total_ms"].map(phase),
        request_ms,
    })
}

fn row(state: &'static str, calls: &[Call]) -> Row {
    let of = |pick: fn(&Call) -> f64| median(calls.iter().map(pick).collect());
    Row {
        state,
        calls: calls.len(),
        start_ms: of(|call| call.start_ms),
        connect_ms: of(|call| call.timings[0]),
        tls_ms: of(|call| call.timings[1]),
        first_byte_ms: of(|call| call.timings[2]),
        attempt_rest_ms: of(|call| {
            let [connect, tls, first_byte, total] = call.timings;
            total - connect - tls - first_byte
        }),
        request_rest_ms: of(|call| call.request_ms - call.timings[3]),
        request_ms: of(|call| call.request_ms),
    }
}
