//! Events: written in the transaction that caused them, with one delivery for each endpoint that
//! wants them. Where nobody listens this costs one look-up.

pub(crate) mod claim;
pub(crate) mod delivery;
pub(crate) mod endpoint;
pub(crate) mod finish;
pub(crate) mod forget;
pub(crate) mod secret;
mod store;

use deskhand_domain::clock::Entropy;
use deskhand_domain::conversation::{Conversation, Message};
use deskhand_domain::event::{EventEndpoint, EventType};
use deskhand_domain::id::{
    ConversationId, DeliveryId, EndpointId, EventId, InvocationId, WorkspaceId,
};
use deskhand_domain::limits::REQUEST_BYTES;
use jiff::Timestamp;
use serde_json::{Value, json};

pub use claim::{ClaimDeliveries, ClaimedDelivery};
pub use endpoint::EndpointChanges;
pub use finish::{CameTo, FinishDelivery};
pub use store::EventStore;

use crate::row::{Conn, json_opt, ms, parse, to_json};
use crate::sql::query;
use crate::{Result, conversation, invocation};

/// Tells the endpoints of a workspace that want such events. `data` is asked for only if there are
/// any; none means that nobody is told.
pub(crate) fn enqueue(
    conn: &mut Conn,
    workspace: WorkspaceId,
    kind: EventType,
    now: Timestamp,
    entropy: &dyn Entropy,
    data: impl FnOnce(&mut Conn) -> Result<Option<Value>>,
) -> Result<()> {
    let endpoints = listening(conn, workspace, kind)?;
    if endpoints.is_empty() {
        return Ok(());
    }
    let Some(data) = data(conn)? else {
        return Ok(());
    };
    let event = insert(conn, workspace, kind, &data, now, entropy)?;
    for endpoint in endpoints {
        deliver(conn, workspace, endpoint, (event, kind), now, entropy)?;
    }
    Ok(())
}

/// A conversation has begun.
pub(crate) fn started(
    conn: &mut Conn,
    conversation: &Conversation,
    entropy: &dyn Entropy,
) -> Result<()> {
    if conversation.mode.is_test() {
        return Ok(());
    }
    let (workspace, now) = (conversation.workspace_id, conversation.created_at);
    let kind = EventType::ConversationStarted;
    enqueue(conn, workspace, kind, now, entropy, |_| {
        Ok(Some(json!({ "conversation": conversation })))
    })
}

/// Somebody has said something in a conversation.
pub(crate) fn said(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: ConversationId,
    message: &Message,
    entropy: &dyn Entropy,
) -> Result<()> {
    let (kind, now) = (EventType::ConversationMessage, message.created_at);
    enqueue(conn, workspace, kind, now, entropy, |conn| {
        let conversation = conversation::one(conn, workspace, id)?;
        let data = json!({
            "conversation_id": id,
            "agent_id": conversation.agent_id,
            "message": message,
        });
        Ok((!conversation.mode.is_test()).then_some(data))
    })
}

/// An invocation has come to stand as it does now. Trials, and states that nobody is told of, are
/// passed over.
pub(crate) fn came_to(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: InvocationId,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<()> {
    if listening_to_any(conn, workspace)?.is_empty() {
        return Ok(());
    }
    let invocation = invocation::one(conn, workspace, id)?;
    match EventType::of(invocation.status) {
        Some(kind) if !invocation.test => {
            let data = json!({ "invocation": invocation });
            enqueue(conn, workspace, kind, now, entropy, |_| Ok(Some(data)))
        }
        _ => Ok(()),
    }
}

/// The endpoints that get events, with the types they want.
fn listening_to_any(
    conn: &mut Conn,
    workspace: WorkspaceId,
) -> Result<Vec<(EndpointId, Option<Vec<EventType>>)>> {
    query(
        "SELECT id, types FROM event_endpoints WHERE workspace_id = $1 AND enabled
         ORDER BY id",
    )
    .bind(workspace.to_string())
    .fetch_all(conn)?
    .iter()
    .map(|row| Ok((parse(row, "id")?, json_opt(row, "types")?)))
    .collect()
}

fn listening(conn: &mut Conn, workspace: WorkspaceId, kind: EventType) -> Result<Vec<EndpointId>> {
    let all = listening_to_any(conn, workspace)?;
    let wanting = all
        .into_iter()
        .filter(|(_, types)| EventEndpoint::wants(types.as_deref(), kind));
    Ok(wanting.map(|(id, _)| id).collect())
}

/// Stores an event as it will be sent.
pub(crate) fn insert(
    conn: &mut Conn,
    workspace: WorkspaceId,
    kind: EventType,
    data: &Value,
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<EventId> {
    let id = EventId::new(now, entropy);
    query(
        "INSERT INTO events (workspace_id, id, type, body, created_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(kind.as_str())
    .bind(body(kind, data, now)?)
    .bind(ms(now))
    .execute(conn)?;
    Ok(id)
}

/// What an invocation's event can do without, in the order in which it goes, and what says so.
const OMITTED_FIRST: [(&str, &str); 3] = [
    ("result", "result_omitted"),
    ("provenance", "provenance_omitted"),
    ("parameters", "parameters_omitted"),
];

/// The body of an event. What would make it too long to be sent is left out, and the body says so: it
/// can be read through the API. An event never fails the transaction that caused it.
fn body(kind: EventType, data: &Value, now: Timestamp) -> Result<String> {
    let write = |data: &Value| to_json(&json!({ "type": kind, "timestamp": now, "data": data }));
    let whole = write(data)?;
    if whole.len() <= REQUEST_BYTES {
        return Ok(whole);
    }
    let mut cut = data.clone();
    if cut["invocation"].is_object() {
        for (field, omitted) in OMITTED_FIRST {
            cut["invocation"][field] = Value::Null;
            cut[omitted] = Value::Bool(true);
            let text = write(&cut)?;
            if text.len() <= REQUEST_BYTES {
                return Ok(text);
            }
        }
    }
    write(&json!({ "omitted": true }))
}

/// Puts an event on its way to an endpoint.
pub(crate) fn deliver(
    conn: &mut Conn,
    workspace: WorkspaceId,
    endpoint: EndpointId,
    (event, kind): (EventId, EventType),
    now: Timestamp,
    entropy: &dyn Entropy,
) -> Result<DeliveryId> {
    let id = DeliveryId::new(now, entropy);
    query(
        "INSERT INTO deliveries
             (workspace_id, id, endpoint_id, event_id, type, status, attempts_made,
              next_attempt_at, created_at)
         VALUES ($1, $2, $3, $4, $5, 'pending', 0, $6, $6)",
    )
    .bind(workspace.to_string())
    .bind(id.to_string())
    .bind(endpoint.to_string())
    .bind(event.to_string())
    .bind(kind.as_str())
    .bind(ms(now))
    .execute(conn)?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_that_is_too_long_is_left_out_and_it_is_said() {
        let now = Timestamp::UNIX_EPOCH;
        let kind = EventType::InvocationSucceeded;
        let short = json!({"invocation": {"id": "inv_1", "result": "x"}});
        let sent: Value = serde_json::from_str(&body(kind, &short, now).unwrap()).unwrap();
        assert_eq!(sent["data"], short);
        assert_eq!(sent["type"], "invocation.succeeded");
        assert_eq!(sent["timestamp"], "1970-01-01T00:00:00Z");
        let long = json!({"invocation": {"id": "inv_1", "result": "x".repeat(REQUEST_BYTES)}});
        let sent: Value = serde_json::from_str(&body(kind, &long, now).unwrap()).unwrap();
        assert_eq!(
            sent["data"],
            json!({"invocation": {"id": "inv_1", "result": null}, "result_omitted": true})
        );
    }

    #[test]
    fn an_event_of_any_length_comes_to_something_that_can_be_sent() {
        let now = Timestamp::UNIX_EPOCH;
        let kind = EventType::InvocationUnknown;
        let long = Value::from("x".repeat(REQUEST_BYTES));
        let sent = |data: Value| -> Value {
            let text = body(kind, &data, now).unwrap();
            assert!(text.len() <= REQUEST_BYTES);
            serde_json::from_str::<Value>(&text).unwrap()["data"].clone()
        };
        let many = sent(json!({"invocation":
            {"id": "inv_1", "result": null, "parameters": {"n": 1}, "provenance": long}}));
        assert_eq!(many["invocation"]["parameters"], json!({"n": 1}));
        assert_eq!(many["invocation"]["provenance"], Value::Null);
        assert_eq!(many["provenance_omitted"], true);
        let all = sent(json!({"invocation":
            {"id": "inv_1", "result": long, "parameters": long, "provenance": long}}));
        assert_eq!(all["invocation"]["id"], "inv_1");
        assert_eq!(all["parameters_omitted"], true);
        assert_eq!(
            sent(json!({"conversation": long})),
            json!({"omitted": true})
        );
    }
}
