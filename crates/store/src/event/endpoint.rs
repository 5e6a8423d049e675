//! The endpoints that a workspace's events go to.

use deskhand_domain::clock::Entropy;
use deskhand_domain::event::{Disabled, DisabledReason, EventEndpoint, EventType};
use deskhand_domain::id::{EndpointId, WorkspaceId};
use jiff::Timestamp;
use serde_json::json;

use super::{enqueue, secret};
use crate::row::{Conn, Row, count, get, json_opt, ms, parse, parse_opt, time, time_opt, to_json};
use crate::sql::query;
use crate::{Listed, Page, Result, StoreError, page};

/// What is to be changed of an endpoint; nothing else is.
#[derive(Debug, Clone, Default)]
pub struct EndpointChanges {
    /// Where events are posted.
    pub url: Option<String>,
    /// The types that are wanted; null for all.
    pub types: Option<Option<Vec<EventType>>>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it gets events. Enabling one that is not takes away why it was disabled; disabling
    /// one ends its deliveries.
    pub enabled: Option<bool>,
}

const TOO_MANY: StoreError = StoreError::Conflict(
    "the workspace has as many event endpoints as it may have; remove one first",
);

/// What deliveries to an endpoint end with that gets no more events.
const DISABLED: &str = "The endpoint was disabled.";
const REMOVED: &str = "The endpoint was removed.";

pub(crate) fn insert(
    conn: &mut Conn,
    endpoint: &EventEndpoint,
    sealed: &secret::Sealed,
    most: u32,
) -> Result<()> {
    // Held, so that of two that are made at once both are counted.
    query("SELECT 1 FROM workspaces WHERE id = $1")
        .bind(endpoint.workspace_id.to_string())
        .for_update()
        .fetch_optional(conn)?
        .ok_or(StoreError::NotFound)?;
    let row = query(
        "SELECT COUNT(*) AS there FROM event_endpoints WHERE workspace_id = $1 AND NOT deleted",
    )
    .bind(endpoint.workspace_id.to_string())
    .fetch_one(conn)?;
    if count::<u32>(&row, "there")? >= most {
        return Err(TOO_MANY);
    }
    query(
        "INSERT INTO event_endpoints
             (workspace_id, id, url, types, description, enabled, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(endpoint.workspace_id.to_string())
    .bind(endpoint.id.to_string())
    .bind(endpoint.url.as_str())
    .bind(endpoint.types.as_ref().map(to_json).transpose()?)
    .bind(endpoint.description.as_str())
    .bind(endpoint.enabled)
    .bind(ms(endpoint.created_at))
    .bind(ms(endpoint.updated_at))
    .execute(conn)?;
    secret::insert(conn, endpoint.workspace_id, endpoint.id, sealed)
}

pub(crate) fn change(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: EndpointId,
    changes: &EndpointChanges,
    now: Timestamp,
) -> Result<EventEndpoint> {
    let before = held(conn, workspace, id)?;
    let mut after = before.clone();
    if let Some(url) = &changes.url {
        after.url.clone_from(url);
    }
    if let Some(types) = &changes.types {
        after.types.clone_from(types);
    }
    if let Some(description) = &changes.description {
        after.description.clone_from(description);
    }
    let enabled = changes.enabled.unwrap_or(before.enabled);
    after.enabled = enabled;
    if enabled {
        after.disabled = None;
    }
    if after == before {
        return Ok(before);
    }
    after.updated_at = now;
    let revived = enabled && !before.enabled;
    query(
        "UPDATE event_endpoints SET url = $3, types = $4, description = $5, enabled = $6,
             updated_at = $7,
             disabled_reason = CASE WHEN $6 THEN NULL ELSE disabled_reason END,
             disabled_detail = CASE WHEN $6 THEN NULL ELSE disabled_detail END,
             disabled_at = CASE WHEN $6 THEN NULL ELSE disabled_at END,
             failing_since = CASE WHEN $8 THEN NULL ELSE failing_since END
         WHERE workspace_id = $1 AND id = $2",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(after.url.as_str())
    .bind(after.types.as_ref().map(to_json).transpose()?)
    .bind(after.description.as_str())
    .bind(enabled)
    .bind(ms(now))
    .bind(revived)
    .execute(conn)?;
    if before.enabled && !enabled {
        end_deliveries(conn, workspace, id, DISABLED, now)?;
    }
    Ok(after)
}

/// Removes one from sight. What was on its way to it is given up.
pub(crate) fn delete(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: EndpointId,
    now: Timestamp,
) -> Result<()> {
    let done = query(
        "UPDATE event_endpoints SET deleted = TRUE, enabled = FALSE
         WHERE workspace_id = $1 AND id = $2 AND NOT deleted",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .execute(conn)?;
    if done == 0 {
        return Err(StoreError::NotFound);
    }
    end_deliveries(conn, workspace, id, REMOVED, now)?;
    secret::delete(conn, workspace, id)
}

/// Takes an endpoint out of service, and tells the others. Nothing happens if it is already.
pub(crate) fn disable(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: EndpointId,
    disabled: &Disabled,
    entropy: &dyn Entropy,
) -> Result<()> {
    let done = query(
        "UPDATE event_endpoints SET enabled = FALSE, disabled_reason = $3, disabled_detail = $4,
             disabled_at = $5
         WHERE workspace_id = $1 AND id = $2 AND enabled",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(disabled.reason.as_str())
    .bind(disabled.detail.as_str())
    .bind(ms(disabled.at))
    .execute(conn)?;
    if done == 0 {
        return Ok(());
    }
    end_deliveries(conn, workspace, id, DISABLED, disabled.at)?;
    let kind = EventType::EndpointDisabled;
    enqueue(conn, workspace, kind, disabled.at, entropy, |conn| {
        let endpoint = one(conn, workspace, id)?;
        Ok(Some(json!({ "endpoint": endpoint })))
    })
}

fn end_deliveries(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: EndpointId,
    why: &str,
    now: Timestamp,
) -> Result<()> {
    query(
        "UPDATE deliveries SET status = 'failed', last_error = $3, next_attempt_at = NULL,
             claimed_by = NULL, claimed_until = NULL, finished_at = $4
         WHERE workspace_id = $1 AND endpoint_id = $2 AND status = 'pending'",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(why)
    .bind(ms(now))
    .execute(conn)?;
    Ok(())
}

pub(crate) fn one(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: EndpointId,
) -> Result<EventEndpoint> {
    query("SELECT * FROM event_endpoints WHERE workspace_id = $1 AND id = $2 AND NOT deleted")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .fetch_optional(conn)?
        .map(|row| read(&row))
        .ok_or(StoreError::NotFound)?
}

pub(crate) fn held(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: EndpointId,
) -> Result<EventEndpoint> {
    query("SELECT * FROM event_endpoints WHERE workspace_id = $1 AND id = $2 AND NOT deleted")
        .bind(workspace.to_string())
        .bind(id.to_string())
        .for_update()
        .fetch_optional(conn)?
        .map(|row| read(&row))
        .ok_or(StoreError::NotFound)?
}

/// `NotFound` unless there is such an endpoint.
pub(crate) fn exists(conn: &mut Conn, workspace: WorkspaceId, id: EndpointId) -> Result<()> {
    one(conn, workspace, id).map(|_| ())
}

pub(crate) fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    page: &Page<EndpointId>,
) -> Result<Listed<EventEndpoint>> {
    let rows = query(
        "SELECT * FROM event_endpoints WHERE workspace_id = $1 AND id < $2 AND NOT deleted
         ORDER BY id DESC LIMIT $3",
    )
    .bind(workspace.to_string())
    .bind(page::bound(page))
    .bind(page.fetch())
    .fetch_all(conn)?;
    page.cut(&rows, read)
}

fn read(row: &Row) -> Result<EventEndpoint> {
    let reason: Option<DisabledReason> = parse_opt(row, "disabled_reason")?;
    let disabled = match (reason, time_opt(row, "disabled_at")?) {
        (Some(reason), Some(at)) => Some(Disabled {
            reason,
            detail: get::<Option<String>>(row, "disabled_detail")?.unwrap_or_default(),
            at,
        }),
        _ => None,
    };
    Ok(EventEndpoint {
        id: parse(row, "id")?,
        workspace_id: parse(row, "workspace_id")?,
        url: get(row, "url")?,
        types: json_opt(row, "types")?,
        description: get(row, "description")?,
        enabled: get(row, "enabled")?,
        disabled,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}
