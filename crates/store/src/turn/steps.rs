//! The steps of a turn.

use deskhand_domain::conversation::Step;
use deskhand_domain::id::{TurnId, WorkspaceId};

use crate::Result;
use crate::row::{Conn, json, to_json};
use crate::sql::query;

/// Whether the last steps stored are these.
pub(crate) fn ends_with(
    conn: &mut Conn,
    workspace: WorkspaceId,
    turn: TurnId,
    steps: &[Step],
) -> Result<bool> {
    let rows = query(
        "SELECT step FROM turn_steps WHERE workspace_id = $1 AND turn_id = $2
         ORDER BY seq DESC LIMIT $3",
    )
    .bind(workspace.to_string())
    .bind(turn.to_string())
    .bind(i64::try_from(steps.len()).unwrap_or(i64::MAX))
    .fetch_all(conn)?;
    let stored = rows
        .iter()
        .rev()
        .map(|row| json::<Step>(row, "step"))
        .collect::<Result<Vec<_>>>()?;
    Ok(stored == steps)
}

/// Stores steps after those that are there.
pub(crate) fn insert_steps(
    conn: &mut Conn,
    workspace: WorkspaceId,
    turn: TurnId,
    steps: &[Step],
) -> Result<()> {
    for step in steps {
        query(
            "INSERT INTO turn_steps (workspace_id, turn_id, seq, step)
             VALUES ($1, $2,
                 (SELECT COALESCE(MAX(seq), 0) + 1 FROM turn_steps
                  WHERE workspace_id = $1 AND turn_id = $2),
                 $3)",
        )
        .bind(workspace.to_string())
        .bind(turn.to_string())
        .bind(to_json(step)?)
        .execute(conn)?;
    }
    Ok(())
}
