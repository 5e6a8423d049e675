//! What is old enough to be forgotten, a little at a time.

use jiff::Timestamp;

use crate::Result;
use crate::row::{Conn, get, ms};
use crate::sql::query;

/// Removes deliveries made before a moment, with their attempts, and events that nothing is left of.
/// No delivery waits for so long, but one that was made while its endpoint was being removed.
/// Returns how many rows went, `most` at the most.
pub(crate) fn forget(conn: &mut Conn, before: Timestamp, most: u32) -> Result<u64> {
    let deliveries = query(
        "SELECT workspace_id, id FROM deliveries WHERE created_at < $1
         ORDER BY created_at LIMIT $2",
    )
    .bind(ms(before))
    .bind(i64::from(most))
    .skip_locked()
    .fetch_all(conn)?;
    for row in &deliveries {
        for sql in [
            "DELETE FROM delivery_attempts WHERE workspace_id = $1 AND delivery_id = $2",
            "DELETE FROM deliveries WHERE workspace_id = $1 AND id = $2",
        ] {
            query(sql)
                .bind(get::<&str>(row, "workspace_id")?)
                .bind(get::<&str>(row, "id")?)
                .execute(conn)?;
        }
    }
    let left = u64::from(most).saturating_sub(deliveries.len() as u64);
    let events = query(
        "SELECT workspace_id, id FROM events
         WHERE created_at < $1 AND NOT EXISTS (
             SELECT 1 FROM deliveries d
             WHERE d.workspace_id = events.workspace_id AND d.event_id = events.id)
         ORDER BY created_at LIMIT $2",
    )
    .bind(ms(before))
    .bind(i64::try_from(left).unwrap_or(i64::MAX))
    .skip_locked()
    .fetch_all(conn)?;
    for row in &events {
        // Another delivery may have been asked for meanwhile.
        query(
            "DELETE FROM events WHERE workspace_id = $1 AND id = $2 AND NOT EXISTS (
                 SELECT 1 FROM deliveries d WHERE d.workspace_id = $1 AND d.event_id = $2)",
        )
        .bind(get::<&str>(row, "workspace_id")?)
        .bind(get::<&str>(row, "id")?)
        .execute(conn)?;
    }
    Ok((deliveries.len() + events.len()) as u64)
}
