//! Turns and messages out of their rows.

use deskhand_domain::conversation::{Message, PastTurn, Speaker, Step, TurnRecord};
use deskhand_domain::id::{ConversationId, TurnId, WorkspaceId};
use deskhand_domain::prompt::Usage;

use crate::row::{
    Conn, Row, count, count_opt, get, json, json_opt, parse, parse_opt, time, time_opt,
};
use crate::sql::query;
use crate::{Result, StoreError, conversation};

/// A turn with everything in it.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeTurn {
    /// How it stands.
    pub record: TurnRecord,
    /// What was said and done in it.
    pub past: PastTurn,
}

/// The turn begun last, and how many there are with it.
pub(crate) fn newest(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: ConversationId,
) -> Result<Option<(TurnId, u64)>> {
    query(
        "SELECT id, seq FROM turns WHERE workspace_id = $1 AND conversation_id = $2
         ORDER BY seq DESC LIMIT 1",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .fetch_optional(conn)?
    .map(|row| Ok((parse(&row, "id")?, count(&row, "seq")?)))
    .transpose()
}

/// The last turns of a conversation, of those whose number is less than `before`, the oldest first.
fn last(
    conn: &mut Conn,
    columns: &str,
    workspace: WorkspaceId,
    id: ConversationId,
    before: i64,
    max_turns: u32,
) -> Result<Vec<Row>> {
    let mut rows = query(format!(
        "SELECT {columns} FROM turns WHERE workspace_id = $1 AND conversation_id = $2 AND seq < $3
         ORDER BY seq DESC LIMIT $4"
    ))
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(before)
    .bind(i64::from(max_turns))
    .fetch_all(conn)?;
    if rows.is_empty() {
        conversation::one(conn, workspace, id)?;
    }
    rows.reverse();
    Ok(rows)
}

pub(crate) fn records(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: ConversationId,
    max_turns: u32,
) -> Result<Vec<TurnRecord>> {
    let rows = last(conn, "*", workspace, id, i64::MAX, max_turns)?;
    rows.iter().map(read_record).collect()
}

/// Where a turn is: its conversation, and its number in that.
fn place_of(
    conn: &mut Conn,
    workspace: WorkspaceId,
    turn: TurnId,
) -> Result<(ConversationId, i64)> {
    let row = query("SELECT conversation_id, seq FROM turns WHERE workspace_id = $1 AND id = $2")
        .bind(workspace.to_string())
        .bind(turn.to_string())
        .fetch_optional(conn)?
        .ok_or(StoreError::NotFound)?;
    Ok((parse(&row, "conversation_id")?, get(&row, "seq")?))
}

pub(crate) fn whole(conn: &mut Conn, workspace: WorkspaceId, turn: TurnId) -> Result<WholeTurn> {
    let (id, number) = place_of(conn, workspace, turn)?;
    let records = last(conn, "*", workspace, id, number + 1, 1)?;
    let record = records.first().ok_or(StoreError::NotFound)?;
    let past = below(conn, workspace, id, number + 1, 1)?.pop();
    Ok(WholeTurn {
        record: read_record(record)?,
        past: past.ok_or(StoreError::NotFound)?,
    })
}

pub(crate) fn past(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: ConversationId,
    max_turns: u32,
) -> Result<Vec<PastTurn>> {
    below(conn, workspace, id, i64::MAX, max_turns)
}

pub(crate) fn past_before(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: ConversationId,
    turn: TurnId,
    max_turns: u32,
) -> Result<Vec<PastTurn>> {
    match place_of(conn, workspace, turn)? {
        (of, number) if of == id => below(conn, workspace, id, number, max_turns),
        _ => Err(StoreError::NotFound),
    }
}

/// The last turns of those whose number is less than `before`, oldest first.
fn below(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: ConversationId,
    before: i64,
    max_turns: u32,
) -> Result<Vec<PastTurn>> {
    // A trace may be long, and nothing goes on from it.
    let rows = last(conn, "id, seq", workspace, id, before, max_turns)?;
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let from: i64 = get(first, "seq")?;
    let turns: Vec<TurnId> = rows
        .iter()
        .map(|row| parse(row, "id"))
        .collect::<Result<_>>()?;
    let steps = query(
        "SELECT s.turn_id, s.step
         FROM turns t
         JOIN turn_steps s ON s.workspace_id = t.workspace_id AND s.turn_id = t.id
         WHERE t.workspace_id = $1 AND t.conversation_id = $2 AND t.seq >= $3 AND t.seq < $4
         ORDER BY t.seq, s.seq",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(from)
    .bind(before)
    .fetch_all(conn)?;
    let messages = query(
        "SELECT m.id, m.turn_id, m.role, m.text, m.created_at
         FROM turns t
         JOIN messages m ON m.workspace_id = t.workspace_id AND m.turn_id = t.id
         WHERE t.workspace_id = $1 AND t.conversation_id = $2 AND t.seq >= $3 AND t.seq < $4
         ORDER BY t.seq",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(from)
    .bind(before)
    .fetch_all(conn)?;
    assemble(&turns, &steps, &messages)
}

fn assemble(turns: &[TurnId], steps: &[Row], messages: &[Row]) -> Result<Vec<PastTurn>> {
    let mut steps = steps
        .iter()
        .map(|row| Ok((parse::<TurnId>(row, "turn_id")?, json::<Step>(row, "step")?)))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .peekable();
    let mut messages = messages
        .iter()
        .map(read_message)
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .peekable();
    turns
        .iter()
        .map(|&id| {
            let (mut message, mut reply) = (None, None);
            while let Some(said) = messages.next_if(|m| m.turn_id == id) {
                match said.role {
                    Speaker::Customer => message = Some(said),
                    Speaker::Agent | Speaker::Person => reply = Some(said),
                }
            }
            let mut taken = Vec::new();
            while let Some((_, step)) = steps.next_if(|(turn, _)| *turn == id) {
                taken.push(step);
            }
            Ok(PastTurn {
                id,
                message,
                steps: taken,
                reply,
            })
        })
        .collect()
}

fn read_message(row: &Row) -> Result<Message> {
    Ok(Message {
        id: parse(row, "id")?,
        turn_id: parse(row, "turn_id")?,
        role: parse(row, "role")?,
        text: get(row, "text")?,
        created_at: time(row, "created_at")?,
    })
}

fn read_record(row: &Row) -> Result<TurnRecord> {
    let input_tokens = count_opt(row, "input_tokens")?;
    let output_tokens = count_opt(row, "output_tokens")?;
    Ok(TurnRecord {
        id: parse(row, "id")?,
        conversation_id: parse(row, "conversation_id")?,
        status: parse(row, "status")?,
        stop_reason: parse_opt(row, "stop_reason")?,
        stop_detail: get(row, "stop_detail")?,
        model_calls: count(row, "model_calls")?,
        usage: input_tokens
            .zip(output_tokens)
            .map(|(input_tokens, output_tokens)| Usage {
                input_tokens,
                output_tokens,
            }),
        trace: Some(json_opt(row, "trace")?.unwrap_or_default()),
        about_invocation_id: parse_opt(row, "about_invocation_id")?,
        started_at: time(row, "started_at")?,
        finished_at: time_opt(row, "finished_at")?,
    })
}
