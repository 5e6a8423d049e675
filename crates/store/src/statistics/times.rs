//! How long calls took: the nearest-rank percentiles, by window functions that SQLite and PostgreSQL
//! both have. Of a period with very many calls the newest stand for all.

use deskhand_domain::id::{ActionId, InvocationId, WorkspaceId};
use deskhand_domain::statistics::Percentiles;
use jiff::Timestamp;

use super::{FINISHED, StatisticsFilter, of, read_percentiles, within};
use crate::Result;
use crate::moment::first_id_before;
use crate::row::{Conn, count_opt, ms_up, parse};
use crate::sql::{Query, query};

/// Most calls that are sorted by how long they took.
const SORTED: i64 = 100_000;
/// Calls of an action that say how long it takes lately.
const LATEST: i64 = 1_000;

/// Ranks the calls of each group, and picks those that stand at half and at 95 %.
const PICK: &str = "
    SELECT grp, MIN(CASE WHEN place = (calls * 50 + 99) / 100 THEN duration_ms END) AS p50,
        MIN(CASE WHEN place = (calls * 95 + 99) / 100 THEN duration_ms END) AS p95
    FROM (SELECT grp, duration_ms,
            ROW_NUMBER() OVER (PARTITION BY grp ORDER BY duration_ms) AS place,
            COUNT(*) OVER (PARTITION BY grp) AS calls
        FROM taken) AS ranked
    GROUP BY grp";

pub(super) fn all(
    conn: &mut Conn,
    workspace: WorkspaceId,
    filter: &StatisticsFilter,
) -> Result<Percentiles> {
    let row = grouped_by(workspace, filter, " 0", SORTED).fetch_optional(conn)?;
    row.map_or(Ok(Percentiles::default()), |row| read_percentiles(&row))
}

/// Part by part, so that the newest calls of each stand for it, and not those of the last for all.
pub(super) fn by_part(
    conn: &mut Conn,
    workspace: WorkspaceId,
    filter: &StatisticsFilter,
) -> Result<Vec<(u32, Percentiles)>> {
    let most = SORTED / i64::from(filter.parts.max(1));
    let mut times = Vec::new();
    for part in 0..filter.parts {
        let one = StatisticsFilter {
            from: filter.start_of(part),
            to: filter.start_of(part + 1),
            ..filter.clone()
        };
        let found = grouped_by(workspace, &one, " 0", most).fetch_optional(conn)?;
        if let Some(row) = found {
            times.push((part, read_percentiles(&row)?));
        }
    }
    Ok(times)
}

pub(super) fn by_action(
    conn: &mut Conn,
    workspace: WorkspaceId,
    filter: &StatisticsFilter,
) -> Result<Vec<(ActionId, Percentiles)>> {
    grouped_by(workspace, filter, " action_id", SORTED)
        .fetch_all(conn)?
        .iter()
        .map(|row| Ok((parse(row, "grp")?, read_percentiles(row)?)))
        .collect()
}

pub(super) fn grouped_by(
    workspace: WorkspaceId,
    filter: &StatisticsFilter,
    group: &str,
    most: i64,
) -> Query<'static> {
    let mut query = query("WITH taken AS (SELECT");
    query
        .push(group)
        .push(" AS grp, duration_ms")
        .push(FINISHED);
    query.push_bind(workspace.to_string());
    query.push(" AND duration_ms IS NOT NULL");
    within(&mut query, "created_at", filter);
    of(&mut query, workspace, filter);
    query.push(" ORDER BY created_at DESC LIMIT ");
    query.push_bind(most).push(")").push(PICK);
    query
}

/// What 95 % of an action's latest calls took no longer than, in milliseconds; `None` without any.
pub(crate) fn latest_p95(
    conn: &mut Conn,
    workspace: WorkspaceId,
    action: &str,
    since: Timestamp,
) -> Result<Option<u64>> {
    let row = latest(workspace, action, since).fetch_optional(conn)?;
    row.map_or(Ok(None), |row| count_opt(&row, "p95"))
}

pub(super) fn latest(workspace: WorkspaceId, action: &str, since: Timestamp) -> Query<'static> {
    let mut query = query(
        "WITH taken AS (SELECT 0 AS grp, duration_ms FROM invocations
         WHERE duration_ms IS NOT NULL AND NOT test AND workspace_id = ",
    );
    query.push_bind(workspace.to_string());
    query.push(" AND action = ").push_bind(action.to_owned());
    query.push(" AND id >= ");
    query.push_bind(first_id_before::<InvocationId>(since));
    query.push(" AND created_at >= ").push_bind(ms_up(since));
    query.push(" ORDER BY id DESC LIMIT ");
    query.push_bind(LATEST).push(")").push(PICK);
    query
}
