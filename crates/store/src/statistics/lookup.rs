//! Actions that were called, and how they failed last.

use deskhand_domain::id::{ActionId, InvocationId, WorkspaceId};
use deskhand_domain::statistics::LastFailure;

use super::{CalledAction, StatisticsFilter, of_agent, within, within_ids};
use crate::Result;
use crate::row::{Conn, count, get, json, parse, time};
use crate::sql::{Query, query};

/// These versions, removed ones too; without a number the current or last one.
pub(crate) fn called_actions(
    conn: &mut Conn,
    workspace: WorkspaceId,
    versions: &[(ActionId, Option<u32>)],
) -> Result<Vec<CalledAction>> {
    let mut called = Vec::with_capacity(versions.len());
    for (id, version) in versions {
        let row = query(
            "SELECT v.definition, v.version, a.version = v.version AS current, a.deleted
             FROM actions a
             JOIN action_versions v ON v.workspace_id = a.workspace_id AND v.action_id = a.id
                  AND v.version = COALESCE($3, a.version)
             WHERE a.workspace_id = $1 AND a.id = $2",
        )
        .bind(workspace.to_string())
        .bind(id.to_string())
        .bind(version.map(i64::from))
        .fetch_optional(conn)?;
        if let Some(row) = row {
            called.push(CalledAction {
                id: *id,
                version: count(&row, "version")?,
                definition: json(&row, "definition")?,
                current: get(&row, "current")?,
                deleted: get(&row, "deleted")?,
            });
        }
    }
    Ok(called)
}

/// The newest call of each action in the period that failed or is uncertain.
pub(crate) fn last_failures(
    conn: &mut Conn,
    workspace: WorkspaceId,
    actions: &[ActionId],
    filter: &StatisticsFilter,
) -> Result<Vec<(ActionId, u32, LastFailure)>> {
    let mut failures = Vec::new();
    for id in actions {
        if let Some(row) = last_failure(workspace, *id, filter).fetch_optional(conn)? {
            let failure = LastFailure {
                invocation_id: parse(&row, "id")?,
                at: time(&row, "created_at")?,
                code: parse(&row, "failure_code")?,
                message: get(&row, "failure_message")?,
            };
            failures.push((*id, count(&row, "action_version")?, failure));
        }
    }
    Ok(failures)
}

pub(super) fn last_failure(
    workspace: WorkspaceId,
    id: ActionId,
    filter: &StatisticsFilter,
) -> Query<'static> {
    let mut query = query(
        "SELECT id, created_at, failure_code, failure_message, action_version FROM invocations
         WHERE status IN ('failed', 'unknown') AND NOT test AND failure_code IS NOT NULL
           AND workspace_id = ",
    );
    query.push_bind(workspace.to_string());
    query.push(" AND action_id = ").push_bind(id.to_string());
    within_ids::<InvocationId>(&mut query, filter);
    within(&mut query, "created_at", filter);
    of_agent(&mut query, filter);
    query.push(" ORDER BY id DESC LIMIT 1");
    query
}
