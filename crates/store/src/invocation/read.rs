//! Invocations and attempts out of their rows.

use deskhand_domain::invocation::{Attempt, Failure, Invocation, Progress, Settlement};

use crate::Result;
use crate::row::{Row, count, count_opt, get, json, json_opt, parse, parse_opt, time, time_opt};

pub(super) fn read(row: &Row) -> Result<Invocation> {
    let failure = match parse_opt(row, "failure_code")? {
        Some(code) => Some(Failure {
            code,
            message: get(row, "failure_message")?,
            http_status: count_opt(row, "failure_http_status")?,
        }),
        None => None,
    };
    let progress = match get::<Option<String>>(row, "progress")? {
        Some(text) => Some(Progress {
            text,
            at: time(row, "progress_at")?,
        }),
        None => None,
    };
    let settlement = match parse_opt(row, "settled_by")? {
        Some(by) => Some(Settlement {
            by,
            note: get(row, "settled_note")?,
            at: time(row, "settled_at")?,
        }),
        None => None,
    };
    Ok(Invocation {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        agent_id: parse_opt(row, "agent_id")?,
        conversation_id: parse_opt(row, "conversation_id")?,
        turn_id: parse_opt(row, "turn_id")?,
        action_id: parse(row, "action_id")?,
        action: get(row, "action")?,
        action_version: count(row, "action_version")?,
        parameters: json(row, "parameters")?,
        provenance: json(row, "provenance")?,
        call_id: get(row, "call_id")?,
        test: get(row, "test")?,
        status: parse(row, "status")?,
        failure,
        result: json_opt(row, "result")?,
        error: get(row, "error")?,
        warnings: json(row, "warnings")?,
        created_at: time(row, "created_at")?,
        sent_at: time_opt(row, "sent_at")?,
        finished_at: time_opt(row, "finished_at")?,
        duration_ms: count_opt(row, "duration_ms")?,
        progress,
        expires_at: time_opt(row, "expires_at")?,
        settlement,
    })
}

pub(crate) fn read_attempt(row: &Row) -> Result<Attempt> {
    Ok(Attempt {
        id: parse(row, "id")?,
        number: count(row, "number")?,
        started_at: time(row, "started_at")?,
        request: json(row, "request")?,
        response: json_opt(row, "response")?,
        timings: json(row, "timings")?,
        failure: json_opt(row, "failure")?,
    })
}
