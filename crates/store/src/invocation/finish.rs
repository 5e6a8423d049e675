//! The end of an invocation.

use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{InvocationId, WorkspaceId};
use deskhand_domain::invocation::{Attempt, InvocationStatus, Outcome};
use deskhand_domain::limits;
use jiff::Timestamp;

use super::exists;
use crate::row::{Conn, ms, number, to_json};
use crate::sql::query;
use crate::{Owner, Result, event};

/// The end of an invocation: what came of it.
#[derive(Debug, Clone)]
pub struct FinishInvocation<'a> {
    /// Who sent it.
    pub owner: Owner,
    /// What it came to.
    pub outcome: &'a Outcome,
    /// Every attempt, in order.
    pub attempts: &'a [Attempt],
    /// Whether any byte of a request may have left. If not, it counts as never sent, also where it
    /// was `sending` already.
    pub sent: bool,
    /// When.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: u64,
}

/// An outcome and its attempts as they go into their columns; made outside the writer's turn.
pub(crate) struct Finish {
    owner: Owner,
    workspace: WorkspaceId,
    id: InvocationId,
    outcome: Outcome,
    result: Option<String>,
    warnings: String,
    attempts: Vec<AttemptRow>,
    sent: bool,
    now: Timestamp,
    duration_ms: u64,
}

struct AttemptRow {
    id: String,
    number: u32,
    started_at: Timestamp,
    request: String,
    response: Option<String>,
    timings: String,
    failure: Option<String>,
}

impl Finish {
    pub(crate) fn new(
        workspace: WorkspaceId,
        id: InvocationId,
        finish: &FinishInvocation<'_>,
    ) -> Result<Self> {
        let outcome = finish.outcome;
        let attempts = finish
            .attempts
            .iter()
            .map(|attempt| {
                Ok(AttemptRow {
                    id: attempt.id.to_string(),
                    number: attempt.number,
                    started_at: attempt.started_at,
                    request: to_json(&attempt.request)?,
                    response: attempt.response.as_ref().map(to_json).transpose()?,
                    timings: to_json(&attempt.timings)?,
                    failure: attempt.failure.as_ref().map(to_json).transpose()?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            owner: finish.owner,
            workspace,
            id,
            result: outcome.result.as_ref().map(to_json).transpose()?,
            warnings: to_json(&outcome.warnings)?,
            outcome: outcome.clone(),
            attempts,
            sent: finish.sent,
            now: finish.at,
            duration_ms: finish.duration_ms,
        })
    }
}

pub(crate) fn finish(conn: &mut Conn, finish: &Finish, entropy: &dyn Entropy) -> Result<bool> {
    let failure = finish.outcome.failure.as_ref();
    // What is accepted goes on: it has no end yet.
    let finished_at =
        (finish.outcome.status != InvocationStatus::Accepted).then_some(ms(finish.now));
    // What nobody can report on, such as a trial that was not sent, is given up in its time too.
    let waits_until = match finished_at {
        Some(_) => None,
        None => finish
            .now
            .checked_add(limits::CALLBACK_DURATION)
            .ok()
            .map(ms),
    };
    let done = query(
        "UPDATE invocations SET status = $3, failure_code = $4, failure_message = $5,
             failure_http_status = $6, result = $7, error = $8, warnings = $9, finished_at = $10,
             duration_ms = $11, sent_at = CASE WHEN $12 THEN sent_at ELSE NULL END,
             expires_at = COALESCE(expires_at, $14)
         WHERE workspace_id = $1 AND id = $2 AND status IN ('intended', 'sending')
           AND owner = $13",
    )
    .bind(finish.workspace.to_string())
    .bind(finish.id.to_string())
    .bind(finish.outcome.status.as_str())
    .bind(failure.map(|failure| failure.code.as_str()))
    .bind(failure.map(|failure| failure.message.as_str()))
    .bind(failure.and_then(|failure| failure.http_status.map(i64::from)))
    .bind(finish.result.as_deref())
    .bind(finish.outcome.error.as_deref())
    .bind(finish.warnings.as_str())
    .bind(finished_at)
    .bind(number(finish.duration_ms))
    .bind(finish.sent)
    .bind(finish.owner.to_string())
    .bind(waits_until)
    .execute(conn)?;
    if done == 0 {
        exists(conn, finish.workspace, finish.id)?;
        // A report that came first settled it, and could not know how long the call would take.
        query(
            "UPDATE invocations SET duration_ms = $3
             WHERE workspace_id = $1 AND id = $2 AND settled_by = 'callback' AND duration_ms IS NULL",
        )
        .bind(finish.workspace.to_string())
        .bind(finish.id.to_string())
        .bind(number(finish.duration_ms))
        .execute(conn)?;
    }
    for attempt in &finish.attempts {
        query(
            "INSERT INTO attempts (workspace_id, invocation_id, id, number, started_at, request,
                 response, timings, failure)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             ON CONFLICT (workspace_id, invocation_id, id) DO NOTHING",
        )
        .bind(finish.workspace.to_string())
        .bind(finish.id.to_string())
        .bind(attempt.id.as_str())
        .bind(i64::from(attempt.number))
        .bind(ms(attempt.started_at))
        .bind(attempt.request.as_str())
        .bind(attempt.response.as_deref())
        .bind(attempt.timings.as_str())
        .bind(attempt.failure.as_deref())
        .execute(conn)?;
    }
    if done == 1 {
        event::came_to(conn, finish.workspace, finish.id, finish.now, entropy)?;
    }
    Ok(done == 1)
}
