//! Calls in flight that nobody waits for any more. What was only intended was not sent, and has
//! failed; what was being sent may have arrived.

use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{InvocationId, TurnId, WorkspaceId};
use jiff::Timestamp;

use crate::row::{Conn, Row, ms, parse};
use crate::sql::{Query, query};
use crate::{Result, event};

/// Settles the calls in flight of a turn that is about to be ended.
pub(crate) fn of_turn(
    conn: &mut Conn,
    workspace: WorkspaceId,
    turn: TurnId,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<u64> {
    let rows = query(
        "SELECT workspace_id, id FROM invocations
         WHERE workspace_id = $1 AND turn_id = $2 AND status IN ('intended', 'sending')",
    )
    .for_update()
    .bind(workspace.to_string())
    .bind(turn.to_string())
    .fetch_all(conn)?;
    each(conn, &rows, now, entropy)
}

/// Settles calls in flight, in all workspaces, that belong to no running turn and to no node with a
/// lease: trials, and calls whose outcome could not be stored before their turn ended.
pub(crate) fn strays(conn: &mut Conn, now: Timestamp, entropy: &dyn Entropy) -> Result<u64> {
    let rows = in_flight(now).skip_locked().fetch_all(conn)?;
    each(conn, &rows, now, entropy)
}

/// The longer condition is that of an index, which SQLite uses only where it stands in the query itself.
fn in_flight(now: Timestamp) -> Query<'static> {
    query(
        "SELECT workspace_id, id FROM invocations
         WHERE (status = 'intended' OR status = 'sending' OR status = 'unknown' OR status = 'accepted')
           AND status IN ('intended', 'sending')
           AND ((turn_id IS NULL AND NOT EXISTS (
                   SELECT 1 FROM nodes n WHERE n.id = invocations.owner AND n.lease_until > $1))
             OR (turn_id IS NOT NULL AND NOT EXISTS (
                   SELECT 1 FROM turns t
                   WHERE t.workspace_id = invocations.workspace_id
                     AND t.id = invocations.turn_id AND t.status = 'running')))",
    )
    .bind(ms(now))
}

fn each(conn: &mut Conn, rows: &[Row], now: Timestamp, entropy: &dyn Entropy) -> Result<u64> {
    let mut settled = 0;
    for row in rows {
        settled += one(
            conn,
            parse(row, "workspace_id")?,
            parse(row, "id")?,
            now,
            entropy,
        )?;
    }
    Ok(settled)
}

fn one(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: InvocationId,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<u64> {
    let done = query(
        "UPDATE invocations SET
             status = CASE WHEN status = 'sending' AND NOT EXISTS (
                     SELECT 1 FROM action_versions v
                     WHERE v.workspace_id = invocations.workspace_id
                       AND v.action_id = invocations.action_id
                       AND v.version = invocations.action_version AND v.effect = 'read')
                 THEN 'unknown' ELSE 'failed' END,
             failure_code = 'interrupted',
             failure_message = CASE WHEN status = 'sending'
                 THEN 'the server stopped while the call was under way'
                 ELSE 'the server stopped before the call was sent' END,
             finished_at = $3
         WHERE workspace_id = $1 AND id = $2 AND status IN ('intended', 'sending')",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(ms(now))
    .execute(conn)?;
    if done > 0 {
        event::came_to(conn, workspace, id, now, entropy)?;
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_flight_is_read_off_what_is_open() {
        let plan = crate::sqlite::tests::plan(in_flight(Timestamp::UNIX_EPOCH));
        assert!(
            plan.contains("invocations USING INDEX invocations_open"),
            "{plan}"
        );
    }
}
