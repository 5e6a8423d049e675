//! What each extractor reads from a request, and how it can refuse.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use deskhand_domain::id::{
    ActionId, AgentId, ConversationId, DeliveryId, EndpointId, InvitationId, InvocationId, KeyId,
    SessionId, UserId,
};
use deskhand_domain::workspace::Scope;
use serde_json::{Value, json};

use super::schemas::{Make, Schemas};
use super::{Operation, Reads};
use crate::auth::{Admin, Chatter, Guest, Listener, Person, Reader, same_site};
use crate::json::{Fields, LongFields};
use crate::list::ListQuery;
use crate::once::Once;
use crate::params::Params;
use crate::path::Path;
use crate::proxies::Origin;

/// An extractor that can say what it reads.
pub(crate) trait Extracted {
    fn describe(operation: &mut Operation);
}

impl Reads for ((),) {
    fn describe(_: &mut Operation) {}
}

macro_rules! reads {
    ($($part:ident)+) => {
        // The first is axum's own mark.
        impl<M, $($part: Extracted),+> Reads for (M, $($part,)+) {
            fn describe(operation: &mut Operation) {
                $($part::describe(operation);)+
            }
        }
    };
}

reads!(A);
reads!(A B);
reads!(A B C);
reads!(A B C D);
reads!(A B C D E);
reads!(A B C D E F);

fn key(operation: &mut Operation, scopes: &'static [Scope]) {
    operation.scopes = Some(scopes);
    operation.signed_in = true;
    operation.may_fail(&["unauthorized"]);
    if scopes.len() < Scope::ALL.len() {
        operation.may_fail(&["forbidden"]);
    }
    own_pages_only(operation);
}

fn own_pages_only(operation: &mut Operation) {
    let method = operation.method.to_ascii_uppercase();
    let safe = method
        .parse()
        .is_ok_and(|method| same_site::is_safe(&method));
    if !safe {
        operation.may_fail(&["cross_site"]);
    }
}

impl Extracted for Person {
    fn describe(operation: &mut Operation) {
        key(operation, &[]);
    }
}

impl Extracted for Guest {
    fn describe(operation: &mut Operation) {
        own_pages_only(operation);
    }
}

/// Where a request comes from is not for the client to say.
impl Extracted for Origin {
    fn describe(_: &mut Operation) {}
}

impl Extracted for Admin {
    fn describe(operation: &mut Operation) {
        key(operation, &[Scope::Admin]);
    }
}

impl Extracted for Reader {
    fn describe(operation: &mut Operation) {
        key(operation, &[Scope::Admin, Scope::Read]);
    }
}

impl Extracted for Chatter {
    fn describe(operation: &mut Operation) {
        key(operation, &[Scope::Admin, Scope::Chat]);
    }
}

impl Extracted for Listener {
    fn describe(operation: &mut Operation) {
        key(operation, &[Scope::Admin, Scope::Chat, Scope::Read]);
    }
}

impl<T> Extracted for State<T> {
    fn describe(_: &mut Operation) {}
}

impl Extracted for Parts {
    fn describe(_: &mut Operation) {}
}

/// Which headers a handler reads out of all of them, its operation has to say.
impl Extracted for HeaderMap {
    fn describe(_: &mut Operation) {}
}

impl<T> Extracted for Path<T> {
    fn describe(operation: &mut Operation) {
        operation.may_fail(&["not_found"]);
        let parts: Vec<&'static str> = operation.path.split('/').collect();
        for pair in parts.windows(2) {
            let Some(name) = pair[1].strip_prefix('{').and_then(|n| n.strip_suffix('}')) else {
                continue;
            };
            let (schema, description): (Make, _) = match pair[0] {
                "agents" => (Schemas::parameter::<AgentId>, "The agent."),
                "actions" => (Schemas::parameter::<ActionId>, "The action."),
                "conversations" => (Schemas::parameter::<ConversationId>, "The conversation."),
                "invocations" => (Schemas::parameter::<InvocationId>, "The invocation."),
                "callbacks" => (
                    Schemas::parameter::<String>,
                    "What follows the last slash of the URL that came with the call.",
                ),
                "sessions" => (Schemas::parameter::<SessionId>, "The session."),
                "members" => (Schemas::parameter::<UserId>, "The person."),
                "invitations" => (Schemas::parameter::<InvitationId>, "The invitation."),
                "keys" => (Schemas::parameter::<KeyId>, "The key."),
                "event_endpoints" => (Schemas::parameter::<EndpointId>, "The endpoint."),
                "deliveries" => (Schemas::parameter::<DeliveryId>, "The delivery."),
                other => panic!("what {name} after {other} names is not said here"),
            };
            operation.add("path", name, description, true, schema);
        }
    }
}

fn body(operation: &mut Operation) {
    operation.reads_body = true;
    operation.may_fail(&[
        "invalid_json",
        "invalid_body",
        "payload_too_large",
        "unsupported_media_type",
        "invalid_fields",
    ]);
}

impl Extracted for Fields {
    fn describe(operation: &mut Operation) {
        body(operation);
    }
}

impl Extracted for LongFields {
    fn describe(operation: &mut Operation) {
        body(operation);
    }
}

impl Extracted for Once {
    fn describe(operation: &mut Operation) {
        operation.may_fail(&[
            "invalid_fields",
            "idempotency_key_reused",
            "idempotency_in_progress",
            "idempotency_answer_lost",
        ]);
        operation.add(
            "header",
            "Idempotency-Key",
            "Made up by the client, anew for each thing to be done. The same key and body are \
             answered as before, for 24 hours, and not carried out again.",
            false,
            |_| json!({"type": "string", "pattern": "^(\"[!-~]{1,255}\"|[!#-~][!-~]{0,254})$"}),
        );
        operation.replays = true;
    }
}

/// Which parameters there are, its operation has to say.
impl Extracted for Params {
    fn describe(operation: &mut Operation) {
        operation.may_fail(&["invalid_fields"]);
    }
}

impl Extracted for ListQuery {
    fn describe(operation: &mut Operation) {
        operation.may_fail(&["invalid_fields"]);
        operation.add("query", "limit", "Most rows in the answer.", false, limit);
        // Versions are numbers; everything else that is listed has an id.
        let cursor: Make = match operation.path.ends_with("/versions") {
            true => |_| json!({"type": "string", "pattern": "^[0-9]+$"}),
            false => {
                |_| json!({"type": "string", "pattern": "^[a-z]+_[0-7][0-9a-hjkmnp-tv-z]{25}$"})
            }
        };
        let about = "The `next_cursor` of the answer before.";
        operation.add("query", "cursor", about, false, cursor);
    }
}

fn limit(_: &mut Schemas) -> Value {
    json!({
        "type": "integer",
        "minimum": 1,
        "maximum": crate::list::MAX_LIMIT,
        "default": crate::list::DEFAULT_LIMIT,
    })
}
