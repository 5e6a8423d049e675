//! Deliveries as their owner reads them, and those made by hand.

use deskhand_domain::clock::Entropy;
use deskhand_domain::event::{Delivery, DeliveryStatus, EventType};
use deskhand_domain::id::{DeliveryId, EndpointId, WorkspaceId};
use deskhand_domain::invocation::Attempt;
use jiff::Timestamp;
use serde_json::json;

use super::{deliver, endpoint, insert};
use crate::invocation::read_attempt;
use crate::row::{Conn, Row, count, count_opt, get, ms, parse, time, time_opt, to_json};
use crate::sql::query;
use crate::{Listed, Page, Result, StoreError, page};

/// One delivery, if its endpoint is still there.
pub(crate) fn one(conn: &mut Conn, workspace: WorkspaceId, id: DeliveryId) -> Result<Delivery> {
    query(
        "SELECT d.* FROM deliveries d
         JOIN event_endpoints e ON e.workspace_id = d.workspace_id AND e.id = d.endpoint_id
         WHERE d.workspace_id = $1 AND d.id = $2 AND NOT e.deleted",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .fetch_optional(conn)?
    .map(|row| read(&row))
    .ok_or(StoreError::NotFound)?
}

pub(crate) fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    endpoint: EndpointId,
    status: Option<DeliveryStatus>,
    page: &Page<DeliveryId>,
) -> Result<Listed<Delivery>> {
    endpoint::exists(conn, workspace, endpoint)?;
    let mut wanted = query("SELECT * FROM deliveries WHERE workspace_id = ");
    wanted.push_bind(workspace.to_string());
    wanted
        .push(" AND endpoint_id = ")
        .push_bind(endpoint.to_string());
    if let Some(status) = status {
        wanted.push(" AND status = ").push_bind(status.as_str());
    }
    wanted.push(" AND id < ").push_bind(page::bound(page));
    wanted
        .push(" ORDER BY id DESC LIMIT ")
        .push_bind(page.fetch());
    let rows = wanted.fetch_all(conn)?;
    page.cut(&rows, read)
}

/// Every request made for one, in order.
pub(crate) fn attempts(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: DeliveryId,
) -> Result<Vec<Attempt>> {
    one(conn, workspace, id)?;
    query(
        "SELECT * FROM delivery_attempts WHERE workspace_id = $1 AND delivery_id = $2
         ORDER BY number, id",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .fetch_all(conn)?
    .iter()
    .map(read_attempt)
    .collect()
}

/// Puts the event of a delivery on its way again.
pub(crate) fn again(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: DeliveryId,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Delivery> {
    let of = one(conn, workspace, id)?;
    if !endpoint::one(conn, workspace, of.endpoint_id)?.enabled {
        return Err(StoreError::Conflict(
            "the endpoint is disabled and gets nothing; enable it, then send the event again",
        ));
    }
    let event = (of.event_id, of.r#type);
    let new = deliver(conn, workspace, of.endpoint_id, event, now, entropy)?;
    one(conn, workspace, new)
}

/// Sends an event that says nothing, to see whether it arrives.
pub(crate) fn test(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: EndpointId,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<Delivery> {
    let endpoint = endpoint::one(conn, workspace, id)?;
    let kind = EventType::EndpointTest;
    let data = json!({ "endpoint": endpoint });
    let event = insert(conn, workspace, kind, &data, now, entropy)?;
    let new = deliver(conn, workspace, id, (event, kind), now, entropy)?;
    one(conn, workspace, new)
}

pub(super) fn insert_attempt(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: DeliveryId,
    attempt: &Attempt,
) -> Result<()> {
    query(
        "INSERT INTO delivery_attempts (workspace_id, delivery_id, id, number, started_at, request,
             response, timings, failure)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (workspace_id, delivery_id, id) DO NOTHING",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(attempt.id.to_string())
    .bind(i64::from(attempt.number))
    .bind(ms(attempt.started_at))
    .bind(to_json(&attempt.request)?)
    .bind(attempt.response.as_ref().map(to_json).transpose()?)
    .bind(to_json(&attempt.timings)?)
    .bind(attempt.failure.as_ref().map(to_json).transpose()?)
    .execute(conn)?;
    Ok(())
}

pub(super) fn read(row: &Row) -> Result<Delivery> {
    Ok(Delivery {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        endpoint_id: parse(row, "endpoint_id")?,
        event_id: parse(row, "event_id")?,
        r#type: parse(row, "type")?,
        status: parse(row, "status")?,
        attempts_made: count(row, "attempts_made")?,
        next_attempt_at: time_opt(row, "next_attempt_at")?,
        http_status: count_opt(row, "http_status")?,
        last_error: get(row, "last_error")?,
        created_at: time(row, "created_at")?,
        finished_at: time_opt(row, "finished_at")?,
    })
}
