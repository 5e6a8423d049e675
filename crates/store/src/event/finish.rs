//! What came of an attempt, and what follows for its endpoint.

use deskhand_domain::clock::Entropy;
use deskhand_domain::event::{Delivery, Disabled, DisabledReason, EventType};
use deskhand_domain::id::{DeliveryId, EndpointId, WorkspaceId};
use deskhand_domain::invocation::Attempt;
use deskhand_domain::limits::EVENT_FAILING;
use jiff::{SignedDuration, Timestamp};

use super::{delivery, endpoint};
use crate::row::{Conn, ms, time_opt};
use crate::sql::query;
use crate::{Result, StoreError};

/// An attempt of a claimed delivery that has been made.
#[derive(Debug, Clone)]
pub struct FinishDelivery {
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// Which.
    pub id: DeliveryId,
    /// The claim under which it was made.
    pub claim: String,
    /// The attempt.
    pub attempt: Attempt,
    /// What came of it.
    pub came_to: CameTo,
    /// When.
    pub at: Timestamp,
}

/// What comes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameTo {
    /// The endpoint has taken it.
    Delivered,
    /// There is another attempt.
    Again {
        /// When.
        at: Timestamp,
    },
    /// There is none.
    GivenUp,
    /// There is none, for this or any other delivery: the endpoint says that nobody is there.
    Gone,
}

const GONE: &str = "The endpoint answered 410 (gone).";

/// Stores the attempt, and what came of it if the claim is still held. The attempt is stored all the
/// same: it was made.
pub(crate) fn finish(
    conn: &mut Conn,
    finish: &FinishDelivery,
    entropy: &dyn Entropy,
) -> Result<bool> {
    let (status, next) = match finish.came_to {
        CameTo::Delivered => ("delivered", None),
        CameTo::Again { at } => ("pending", Some(at)),
        CameTo::GivenUp | CameTo::Gone => ("failed", None),
    };
    let failure = finish.attempt.failure.as_ref();
    let response = finish.attempt.response.as_ref();
    let done = query(
        "UPDATE deliveries SET status = $4, attempts_made = attempts_made + 1,
             next_attempt_at = $5, http_status = $6, last_error = $7, finished_at = $8,
             claimed_by = NULL, claimed_until = NULL
         WHERE workspace_id = $1 AND id = $2 AND claimed_by = $3 AND status = 'pending'",
    )
    .bind(finish.workspace_id.to_string())
    .bind(finish.id.to_string())
    .bind(finish.claim.as_str())
    .bind(status)
    .bind(next.map(ms))
    .bind(response.map(|response| i64::from(response.status)))
    .bind(failure.map(|failure| failure.message.as_str()))
    .bind(next.is_none().then_some(ms(finish.at)))
    .execute(conn)?;
    let delivery = match delivery::one(conn, finish.workspace_id, finish.id) {
        Ok(delivery) => delivery,
        // Removed with its endpoint, or forgotten: there is nothing to keep the attempt with.
        Err(StoreError::NotFound) => return Ok(false),
        Err(error) => return Err(error),
    };
    delivery::insert_attempt(conn, finish.workspace_id, finish.id, &finish.attempt)?;
    if done == 1 {
        note(conn, finish, &delivery, entropy)?;
    }
    Ok(done == 1)
}

/// Notes whether the endpoint works, and takes it out of service if it has not for too long.
fn note(
    conn: &mut Conn,
    finish: &FinishDelivery,
    delivery: &Delivery,
    entropy: &dyn Entropy,
) -> Result<()> {
    let (workspace, id) = (finish.workspace_id, delivery.endpoint_id);
    let disabled = |reason, detail: String| Disabled {
        reason,
        detail,
        at: finish.at,
    };
    match finish.came_to {
        CameTo::Delivered => works(conn, workspace, id),
        // A trial by hand says nothing of the others.
        _ if delivery.r#type == EventType::EndpointTest => Ok(()),
        CameTo::Gone => {
            let gone = disabled(DisabledReason::Gone, GONE.to_owned());
            endpoint::disable(conn, workspace, id, &gone, entropy)
        }
        CameTo::Again { .. } | CameTo::GivenUp => {
            let since = fails(conn, workspace, id, finish.at)?;
            let failing = SignedDuration::try_from(EVENT_FAILING).unwrap_or(SignedDuration::MAX);
            if finish.at.duration_since(since) < failing {
                return Ok(());
            }
            let last = delivery.last_error.as_deref().unwrap_or("no reason known");
            let detail = format!("Nothing has been delivered for 5 days. Last: {last}");
            let failing = disabled(DisabledReason::Failing, detail);
            endpoint::disable(conn, workspace, id, &failing, entropy)
        }
    }
}

fn works(conn: &mut Conn, workspace: WorkspaceId, id: EndpointId) -> Result<()> {
    query(
        "UPDATE event_endpoints SET failing_since = NULL
         WHERE workspace_id = $1 AND id = $2 AND failing_since IS NOT NULL",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .execute(conn)?;
    Ok(())
}

/// Since when nothing has worked.
fn fails(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: EndpointId,
    now: Timestamp,
) -> Result<Timestamp> {
    query(
        "UPDATE event_endpoints SET failing_since = $3
         WHERE workspace_id = $1 AND id = $2 AND failing_since IS NULL",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(ms(now))
    .execute(conn)?;
    let row =
        query("SELECT failing_since FROM event_endpoints WHERE workspace_id = $1 AND id = $2")
            .bind(workspace.to_string())
            .bind(id.to_string())
            .fetch_one(conn)?;
    Ok(time_opt(&row, "failing_since")?.unwrap_or(now))
}
