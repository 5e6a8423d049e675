//! Who makes the next attempt of a delivery: claims with an end, so that those of a server that has
//! died are made by another.

use deskhand_domain::clock::Entropy;
use deskhand_domain::event::Delivery;
use deskhand_domain::id::{DeliveryId, EndpointId, WorkspaceId};
use jiff::Timestamp;

use super::delivery::read;
use crate::Result;
use crate::row::{Conn, count, get, hex, ms, parse, time_opt};
use crate::sql::{Query, query};

/// How much is to be claimed.
#[derive(Debug, Clone, Copy)]
pub struct ClaimDeliveries {
    /// Most deliveries.
    pub most: u32,
    /// Most that are under way to one endpoint, of all nodes together. Of one that fails, one.
    pub per_endpoint: u32,
    /// The present moment.
    pub now: Timestamp,
    /// Until when the claim holds.
    pub until: Timestamp,
}

/// A delivery whose next attempt is the claimer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedDelivery {
    /// The delivery.
    pub delivery: Delivery,
    /// Where to.
    pub url: String,
    /// What is posted, byte for byte.
    pub body: String,
    /// Names the claim.
    pub claim: String,
}

/// An endpoint that something is due for.
#[derive(Debug, Clone)]
pub(crate) struct Due {
    workspace: WorkspaceId,
    endpoint: EndpointId,
    url: String,
    is_failing: bool,
}

/// Names a claim that nobody else holds.
pub(crate) fn new_claim(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    hex(&bytes)
}

/// Whether anything is due at all: asked often, answered by an index.
pub(crate) fn any_due(conn: &mut Conn, now: Timestamp) -> Result<bool> {
    Ok(select_any(now).fetch_optional(conn)?.is_some())
}

fn select_any(now: Timestamp) -> Query<'static> {
    query(
        "SELECT 1 FROM deliveries WHERE status = 'pending' AND next_attempt_at <= $1
           AND (claimed_until IS NULL OR claimed_until <= $1)
         LIMIT 1",
    )
    .bind(ms(now))
}

/// The endpoints that something is due for: those that fail last, so that they hold nobody up, and
/// otherwise those that have waited longest first.
pub(crate) fn due(conn: &mut Conn, claim: &ClaimDeliveries) -> Result<Vec<Due>> {
    if !any_due(conn, claim.now)? {
        return Ok(Vec::new());
    }
    let rows = query(
        "SELECT workspace_id, id, url, failing_since FROM (
             SELECT e.workspace_id, e.id, e.url, e.failing_since,
                 (SELECT MIN(d.next_attempt_at) FROM deliveries d
                  WHERE d.workspace_id = e.workspace_id AND d.endpoint_id = e.id
                    AND d.status = 'pending' AND d.next_attempt_at <= $1
                    AND (d.claimed_until IS NULL OR d.claimed_until <= $1)) AS due
             FROM event_endpoints e WHERE NOT e.deleted) AS waiting
         WHERE due IS NOT NULL
         ORDER BY CASE WHEN failing_since IS NULL THEN 0 ELSE 1 END, due
         LIMIT $2",
    )
    .bind(ms(claim.now))
    .bind(i64::from(claim.most))
    .fetch_all(conn)?;
    rows.iter()
        .map(|row| {
            Ok(Due {
                workspace: parse(row, "workspace_id")?,
                endpoint: parse(row, "id")?,
                url: get(row, "url")?,
                is_failing: time_opt(row, "failing_since")?.is_some(),
            })
        })
        .collect()
}

/// Claims what is due for these endpoints.
pub(crate) fn claim(
    conn: &mut Conn,
    claim: &ClaimDeliveries,
    due: &[Due],
    name: &str,
) -> Result<Vec<ClaimedDelivery>> {
    let mut claimed = Vec::new();
    // Everybody gets some before anybody gets more.
    let share = (claim.most as usize / due.len().max(1)).max(1);
    for due in due {
        let left = (claim.most as usize).saturating_sub(claimed.len());
        let at_once = if due.is_failing {
            1
        } else {
            claim.per_endpoint
        };
        let free = at_once.saturating_sub(under_way(conn, due, claim.now)?) as usize;
        for id in waiting(conn, due, claim.now, free.min(share).min(left))? {
            if take(conn, due.workspace, id, claim, name)? {
                claimed.push(read_claimed(conn, due, id, name)?);
            }
        }
    }
    Ok(claimed)
}

fn under_way(conn: &mut Conn, due: &Due, now: Timestamp) -> Result<u32> {
    let row = query(
        "SELECT COUNT(*) AS under_way FROM deliveries
         WHERE workspace_id = $1 AND endpoint_id = $2 AND status = 'pending'
           AND claimed_until > $3",
    )
    .bind(due.workspace.to_string())
    .bind(due.endpoint.to_string())
    .bind(ms(now))
    .fetch_one(conn)?;
    count(&row, "under_way")
}

fn waiting(conn: &mut Conn, due: &Due, now: Timestamp, most: usize) -> Result<Vec<DeliveryId>> {
    if most == 0 {
        return Ok(Vec::new());
    }
    query(
        "SELECT id FROM deliveries
         WHERE workspace_id = $1 AND endpoint_id = $2 AND status = 'pending'
           AND next_attempt_at <= $3 AND (claimed_until IS NULL OR claimed_until <= $3)
         ORDER BY next_attempt_at LIMIT $4",
    )
    .bind(due.workspace.to_string())
    .bind(due.endpoint.to_string())
    .bind(ms(now))
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
    .skip_locked()
    .fetch_all(conn)?
    .iter()
    .map(|row| parse(row, "id"))
    .collect()
}

fn take(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: DeliveryId,
    claim: &ClaimDeliveries,
    name: &str,
) -> Result<bool> {
    let done = query(
        "UPDATE deliveries SET claimed_by = $3, claimed_until = $4
         WHERE workspace_id = $1 AND id = $2 AND status = 'pending'
           AND (claimed_until IS NULL OR claimed_until <= $5)",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(name)
    .bind(ms(claim.until))
    .bind(ms(claim.now))
    .execute(conn)?;
    Ok(done == 1)
}

fn read_claimed(conn: &mut Conn, due: &Due, id: DeliveryId, name: &str) -> Result<ClaimedDelivery> {
    let row = query(
        "SELECT d.*, e.body FROM deliveries d
         JOIN events e ON e.workspace_id = d.workspace_id AND e.id = d.event_id
         WHERE d.workspace_id = $1 AND d.id = $2",
    )
    .bind(due.workspace.to_string())
    .bind(id.to_string())
    .fetch_one(conn)?;
    Ok(ClaimedDelivery {
        delivery: read(&row)?,
        url: due.url.clone(),
        body: get(&row, "body")?,
        claim: name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_anything_is_due_is_read_off_an_index() {
        let plan = crate::sqlite::tests::plan(select_any(Timestamp::UNIX_EPOCH));
        assert!(plan.contains("deliveries_due"), "{plan}");
    }
}
