//! The circuits of actions. The rule is `deskhand_domain::circuit`'s; here it is applied to what is
//! stored, by one change at a time.

use async_trait::async_trait;
use deskhand_domain::circuit::{Change, Circuit, Open, Probe};
use deskhand_domain::id::{ActionId, WorkspaceId};
use jiff::Timestamp;

use crate::row::{Conn, Row, get, ms, parse, parse_opt, time_opt};
use crate::sql::query;
use crate::{Result, action, workspace};

/// What circuit breakers ask of a database.
#[async_trait]
pub trait CircuitStore: Send + Sync {
    /// The circuits of a workspace's actions: those that have ever been opened.
    async fn circuits(&self, workspace: WorkspaceId) -> Result<Vec<(ActionId, Circuit)>>;
    /// Applies a change to what is stored, if it applies, and says whether it did; and where the
    /// circuit stands now. Of many at once each applies to what the one before it has left.
    async fn change_circuit(
        &self,
        workspace: WorkspaceId,
        action: ActionId,
        change: &Change,
        now: Timestamp,
    ) -> Result<(bool, Circuit)>;
}

pub(crate) fn list(conn: &mut Conn, workspace: WorkspaceId) -> Result<Vec<(ActionId, Circuit)>> {
    query("SELECT * FROM circuits WHERE workspace_id = $1 ORDER BY action_id")
        .bind(workspace.to_string())
        .fetch_all(conn)?
        .iter()
        .map(|row| Ok((parse(row, "action_id")?, read(row)?)))
        .collect()
}

pub(crate) fn change(
    conn: &mut Conn,
    workspace: WorkspaceId,
    action: ActionId,
    change: &Change,
    now: Timestamp,
) -> Result<(bool, Circuit)> {
    action::exists(conn, workspace, action)?;
    let stored = one(conn, workspace, action)?;
    let circuit = stored.clone().unwrap_or_default();
    let Some(after) = circuit.after(change, now) else {
        return Ok((false, circuit));
    };
    let done = match stored {
        Some(before) => update(conn, workspace, action, before.generation, &after)?,
        None => insert(conn, workspace, action, &after)?,
    };
    if done == 0 {
        // Somebody else was first.
        return Ok((false, one(conn, workspace, action)?.unwrap_or_default()));
    }
    // What is kept of the workspace's actions is read anew, by every node.
    workspace::touch(conn, workspace)?;
    Ok((true, after))
}

fn one(conn: &mut Conn, workspace: WorkspaceId, action: ActionId) -> Result<Option<Circuit>> {
    query("SELECT * FROM circuits WHERE workspace_id = $1 AND action_id = $2")
        .for_update()
        .bind(workspace.to_string())
        .bind(action.to_string())
        .fetch_optional(conn)?
        .map(|row| read(&row))
        .transpose()
}

fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    action: ActionId,
    circuit: &Circuit,
) -> Result<u64> {
    let open = circuit.open.as_ref();
    let probe = open.and_then(|open| open.probe.as_ref());
    let done = query(
        "INSERT INTO circuits (workspace_id, action_id, generation, reason, opened_at, retry_at,
             probe_id, probe_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (workspace_id, action_id) DO NOTHING",
    )
    .bind(workspace.to_string())
    .bind(action.to_string())
    .bind(circuit.generation)
    .bind(open.map(|open| open.reason.as_str()))
    .bind(open.map(|open| ms(open.opened_at)))
    .bind(open.map(|open| ms(open.retry_at)))
    .bind(probe.map(|probe| probe.by.to_string()))
    .bind(probe.map(|probe| ms(probe.until)))
    .execute(conn)?;
    Ok(done)
}

fn update(
    conn: &mut Conn,
    workspace: WorkspaceId,
    action: ActionId,
    before: i64,
    circuit: &Circuit,
) -> Result<u64> {
    let open = circuit.open.as_ref();
    let probe = open.and_then(|open| open.probe.as_ref());
    let done = query(
        "UPDATE circuits SET generation = $4, reason = $5, opened_at = $6, retry_at = $7,
             probe_id = $8, probe_until = $9
         WHERE workspace_id = $1 AND action_id = $2 AND generation = $3",
    )
    .bind(workspace.to_string())
    .bind(action.to_string())
    .bind(before)
    .bind(circuit.generation)
    .bind(open.map(|open| open.reason.as_str()))
    .bind(open.map(|open| ms(open.opened_at)))
    .bind(open.map(|open| ms(open.retry_at)))
    .bind(probe.map(|probe| probe.by.to_string()))
    .bind(probe.map(|probe| ms(probe.until)))
    .execute(conn)?;
    Ok(done)
}

fn read(row: &Row) -> Result<Circuit> {
    let opened = (time_opt(row, "opened_at")?, time_opt(row, "retry_at")?);
    let probe = (parse_opt(row, "probe_id")?, time_opt(row, "probe_until")?);
    let open = match opened {
        (Some(opened_at), Some(retry_at)) => Some(Open {
            reason: get::<Option<&str>>(row, "reason")?
                .unwrap_or_default()
                .to_owned(),
            opened_at,
            retry_at,
            probe: match probe {
                (Some(by), Some(until)) => Some(Probe { by, until }),
                _ => None,
            },
        }),
        _ => None,
    };
    Ok(Circuit {
        generation: get(row, "generation")?,
        open,
    })
}
