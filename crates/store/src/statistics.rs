//! Counts over a period. The finished calls and turns are read off indexes that hold all that is
//! counted; those still under way, which are few, off the index of their status. Trials are left out.

use async_trait::async_trait;
use deskhand_domain::action::ActionDefinition;
use deskhand_domain::id::{ActionId, AgentId, ConversationId, InvocationId, WorkspaceId};
use deskhand_domain::invocation::InvocationStatus;
use deskhand_domain::limits;
use deskhand_domain::statistics::{LastFailure, Percentiles, UnansweredTurn};
use jiff::Timestamp;

use crate::Result;
use crate::moment::{first_id_after, first_id_before};
use crate::row::{Conn, Row, count, count_opt, get, ms_up, number, parse, time};
use crate::sql::{Query, query};

mod lookup;
mod times;

pub(crate) use lookup::{called_actions, last_failures};
pub(crate) use times::latest_p95;

/// Most questions without an answer that are listed.
const UNANSWERED: i64 = 20;
/// Longest part of such a question.
const UNANSWERED_CHARS: usize = 300;

/// What is counted.
#[derive(Debug, Clone)]
pub struct StatisticsFilter {
    /// From this moment on.
    pub from: Timestamp,
    /// Before this moment.
    pub to: Timestamp,
    /// Into how many parts of the same length the period is cut.
    pub parts: u32,
    /// Of this agent only.
    pub agent_id: Option<AgentId>,
    /// Of the action that has this name, or had it when it was removed.
    pub action: Option<String>,
}

impl StatisticsFilter {
    /// The first millisecond of a part, counted from 0; of the one after the last, the end.
    pub fn start_of(&self, part: u32) -> Timestamp {
        let (from, to) = (ms_up(self.from), ms_up(self.to));
        let span = i128::from(to - from);
        let parts = i128::from(self.parts.max(1));
        let into = (span * i128::from(part) + parts - 1).div_euclid(parts);
        i64::try_from(into)
            .ok()
            .and_then(|into| Timestamp::from_millisecond(from + into).ok())
            .unwrap_or(self.to)
    }
}

/// What has been counted.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    /// Calls by part, action version and status.
    pub calls: Vec<CallCount>,
    /// How long all calls took.
    pub times: Percentiles,
    /// How long the calls of each part took.
    pub part_times: Vec<(u32, Percentiles)>,
    /// How long the calls of each action took.
    pub action_times: Vec<(ActionId, Percentiles)>,
    /// Turns that have ended.
    pub turns: u64,
    /// Tokens that models have read in them.
    pub input_tokens: u64,
    /// Tokens that models have written in them.
    pub output_tokens: u64,
    /// Conversations begun.
    pub conversations: u64,
    /// The newest turns that left a question open.
    pub unanswered: Vec<UnansweredTurn>,
}

/// So many calls of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCount {
    /// The part of the period.
    pub part: u32,
    /// Of this action.
    pub action_id: ActionId,
    /// In this version of it.
    pub version: u32,
    /// That stand so.
    pub status: InvocationStatus,
    /// How many.
    pub calls: u64,
    /// How many of them took over [`limits::SLOW_CALL`].
    pub slow: u64,
}

/// A version of an action that was called.
#[derive(Debug, Clone)]
pub struct CalledAction {
    /// Which action.
    pub id: ActionId,
    /// Which version of it.
    pub version: u32,
    /// What it is.
    pub definition: ActionDefinition,
    /// Whether it is the current one.
    pub current: bool,
    /// Whether the action has been removed.
    pub deleted: bool,
}

/// What was done, in numbers.
#[async_trait]
pub trait StatisticsStore: Send + Sync {
    /// Counts what was done over a period, trials left out. May take long where that is much.
    async fn statistics(
        &self,
        workspace: WorkspaceId,
        filter: &StatisticsFilter,
    ) -> Result<Counted>;
    /// These versions of actions, removed ones too; without a number the current or last one. What is
    /// not there is left out.
    async fn called_actions(
        &self,
        workspace: WorkspaceId,
        versions: Vec<(ActionId, Option<u32>)>,
    ) -> Result<Vec<CalledAction>>;
    /// The newest call of each of these actions in the period that failed or is uncertain, with the
    /// version that was called.
    async fn last_failures(
        &self,
        workspace: WorkspaceId,
        actions: Vec<ActionId>,
        filter: &StatisticsFilter,
    ) -> Result<Vec<(ActionId, u32, LastFailure)>>;
    /// What 95 % of the latest 1,000 calls of the action of this name took no longer than, in
    /// milliseconds; those decided before `since` are left out. `None` without any.
    async fn latest_p95(
        &self,
        workspace: WorkspaceId,
        action: &str,
        since: Timestamp,
    ) -> Result<Option<u64>>;
}

pub(crate) fn count_all(
    conn: &mut Conn,
    workspace: WorkspaceId,
    filter: &StatisticsFilter,
) -> Result<Counted> {
    let mut calls = Vec::new();
    for counting in [finished(workspace, filter), under_way(workspace, filter)] {
        for row in counting.fetch_all(conn)? {
            calls.push(read_count(&row)?);
        }
    }
    let turns = turns(workspace, filter).fetch_one(conn)?;
    let begun = conversations(workspace, filter).fetch_one(conn)?;
    Ok(Counted {
        calls,
        times: times::all(conn, workspace, filter)?,
        part_times: times::by_part(conn, workspace, filter)?,
        action_times: times::by_action(conn, workspace, filter)?,
        turns: count(&turns, "turns")?,
        input_tokens: count(&turns, "input_tokens")?,
        output_tokens: count(&turns, "output_tokens")?,
        conversations: count(&begun, "begun")?,
        unanswered: unanswered(workspace, filter)
            .fetch_all(conn)?
            .iter()
            .map(read_unanswered)
            .collect::<Result<_>>()?,
    })
}

/// The part of the period that a moment is in.
fn part_of(query: &mut Query<'_>, column: &str, filter: &StatisticsFilter) {
    let from = ms_up(filter.from);
    query.push(" (").push(column).push(" - ").push_bind(from);
    query.push(") * ").push_bind(i64::from(filter.parts));
    query.push(" / ");
    query.push_bind((ms_up(filter.to) - from).max(1));
}

/// The period, by the moment itself.
fn within(query: &mut Query<'_>, column: &str, filter: &StatisticsFilter) {
    query.push(" AND ").push(column).push(" >= ");
    query.push_bind(ms_up(filter.from));
    query.push(" AND ").push(column).push(" < ");
    query.push_bind(ms_up(filter.to));
}

/// The period, by ids that are made for their moments.
fn within_ids<Id: crate::moment::Dated>(query: &mut Query<'_>, filter: &StatisticsFilter) {
    query.push(" AND id >= ");
    query.push_bind(first_id_before::<Id>(filter.from));
    query.push(" AND id < ");
    query.push_bind(first_id_after::<Id>(filter.to));
}

/// Written so that no index of the agent's is taken for it: the ones meant here hold the column.
fn of_agent(query: &mut Query<'_>, filter: &StatisticsFilter) {
    if let Some(agent) = filter.agent_id {
        query.push(" AND COALESCE(agent_id, '') = ");
        query.push_bind(agent.to_string());
    }
}

/// The agent, and the action by its name.
fn of(query: &mut Query<'_>, workspace: WorkspaceId, filter: &StatisticsFilter) {
    of_agent(query, filter);
    if let Some(name) = &filter.action {
        query.push(" AND action_id IN (SELECT a.id FROM actions a WHERE a.workspace_id = ");
        query.push_bind(workspace.to_string());
        query.push(" AND a.name = ").push_bind(name.clone());
        query.push(")");
    }
}

/// The words that the index of finished calls is made with stand in every query that is to use it.
const FINISHED: &str = " FROM invocations WHERE finished_at IS NOT NULL AND NOT test
     AND workspace_id = ";

fn finished(workspace: WorkspaceId, filter: &StatisticsFilter) -> Query<'static> {
    let mut query = counting(filter);
    query.push(FINISHED).push_bind(workspace.to_string());
    within(&mut query, "created_at", filter);
    grouped(query, workspace, filter)
}

fn under_way(workspace: WorkspaceId, filter: &StatisticsFilter) -> Query<'static> {
    let mut query = counting(filter);
    query.push(
        " FROM invocations WHERE finished_at IS NULL AND NOT test
         AND status IN ('awaiting_confirmation', 'intended', 'sending', 'accepted')
         AND workspace_id = ",
    );
    query.push_bind(workspace.to_string());
    within_ids::<InvocationId>(&mut query, filter);
    within(&mut query, "created_at", filter);
    grouped(query, workspace, filter)
}

fn counting(filter: &StatisticsFilter) -> Query<'static> {
    let mut query = query("SELECT action_id, action_version, status,");
    part_of(&mut query, "created_at", filter);
    query.push(" AS part, COUNT(*) AS calls, SUM(CASE WHEN duration_ms > ");
    let slow = u64::try_from(limits::SLOW_CALL.as_millis()).unwrap_or(u64::MAX);
    query.push_bind(number(slow));
    query.push(" THEN 1 ELSE 0 END) AS slow");
    query
}

fn grouped(
    mut query: Query<'static>,
    workspace: WorkspaceId,
    filter: &StatisticsFilter,
) -> Query<'static> {
    of(&mut query, workspace, filter);
    query.push(" GROUP BY action_id, action_version, status, part");
    query
}

fn turns(workspace: WorkspaceId, filter: &StatisticsFilter) -> Query<'static> {
    let mut query = query(
        "SELECT COUNT(*) AS turns, CAST(COALESCE(SUM(input_tokens), 0) AS BIGINT) AS input_tokens,
             CAST(COALESCE(SUM(output_tokens), 0) AS BIGINT) AS output_tokens
         FROM turns WHERE finished_at IS NOT NULL AND NOT test AND asked AND workspace_id = ",
    );
    query.push_bind(workspace.to_string());
    within(&mut query, "started_at", filter);
    of_agent(&mut query, filter);
    query
}

fn conversations(workspace: WorkspaceId, filter: &StatisticsFilter) -> Query<'static> {
    let mut query = query(
        "SELECT COUNT(*) AS begun FROM conversations WHERE mode = 'live' AND workspace_id = ",
    );
    query.push_bind(workspace.to_string());
    within_ids::<ConversationId>(&mut query, filter);
    within(&mut query, "created_at", filter);
    if let Some(agent) = filter.agent_id {
        query.push(" AND agent_id = ").push_bind(agent.to_string());
    }
    query
}

fn unanswered(workspace: WorkspaceId, filter: &StatisticsFilter) -> Query<'static> {
    let mut query = query(
        "SELECT id, conversation_id, started_at, unanswered,
             (SELECT m.text FROM messages m WHERE m.workspace_id = turns.workspace_id
                AND m.turn_id = turns.id AND m.role = 'customer') AS message
         FROM turns WHERE unanswered IS NOT NULL AND NOT test AND workspace_id = ",
    );
    query.push_bind(workspace.to_string());
    within(&mut query, "started_at", filter);
    of_agent(&mut query, filter);
    query
        .push(" ORDER BY started_at DESC LIMIT ")
        .push_bind(UNANSWERED);
    query
}

fn read_count(row: &Row) -> Result<CallCount> {
    Ok(CallCount {
        part: count(row, "part")?,
        action_id: parse(row, "action_id")?,
        version: count(row, "action_version")?,
        status: parse(row, "status")?,
        calls: count(row, "calls")?,
        slow: count(row, "slow")?,
    })
}

fn read_unanswered(row: &Row) -> Result<UnansweredTurn> {
    let message: Option<&str> = get(row, "message")?;
    Ok(UnansweredTurn {
        conversation_id: parse(row, "conversation_id")?,
        turn_id: parse(row, "id")?,
        at: time(row, "started_at")?,
        message: message
            .unwrap_or_default()
            .chars()
            .take(UNANSWERED_CHARS)
            .collect(),
        reason: parse(row, "unanswered")?,
    })
}

fn read_percentiles(row: &Row) -> Result<Percentiles> {
    Ok(Percentiles {
        p50_ms: count_opt(row, "p50")?,
        p95_ms: count_opt(row, "p95")?,
    })
}

#[cfg(test)]
#[path = "statistics_tests.rs"]
mod tests;
