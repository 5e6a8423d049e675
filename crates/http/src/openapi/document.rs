//! The OpenAPI 3.1 document, put together.

use std::collections::BTreeMap;

use deskhand_service::{TurnEvent, WorkspaceEvent};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::codes::CODES;
use super::operation::{Answer, EVENTS, Operation, Parameter};
use super::schemas::Schemas;

const ABOUT: &str = "Deskhand lets an AI support agent do things in its owner's systems.\n\n\
    Routes under `/v1` take an API key: `Authorization: Bearer <key>`. A key's scope is `admin` \
    (everything), `chat` (chat and read conversations) or `read` (read everything). Somebody who is \
    signed in (the cookie of `POST /v1/session`) may do what an admin key may; what changes something \
    must then come from Deskhand's own pages (`Sec-Fetch-Site`, `Origin`). Ids of other \
    workspaces, malformed ids and ids that do not exist are all 404.\n\n\
    Errors are `application/problem+json` (RFC 9457) with a stable `code`. Any route may also answer \
    405 `method_not_allowed`. Lists are newest first; for the next part, send `next_cursor` as \
    `cursor`. Request bodies are JSON objects of at most 256 KiB. Fields that do not exist are \
    refused, but for those that answers carry (`id`, `version`, `created_at`, `updated_at`, \
    `warnings`), which change nothing.";

/// What the nouns mean, in the order of the document.
const TAGS: &[(&str, &str)] = &[
    (
        "agents",
        "Personas: name, instructions, model, and the actions attached to them.",
    ),
    (
        "actions",
        "What agents can do: a description to choose by, parameters, and a webhook.",
    ),
    ("chat", "A customer's message in, the agent's reply out."),
    (
        "conversations",
        "What was said and done, and what is happening now.",
    ),
    (
        "invocations",
        "What was run, what was sent, what came back.",
    ),
    (
        "callbacks",
        "The owner's system reports on what it has begun. No key is needed: the URL holds a token.",
    ),
    (
        "events",
        "What happens, posted to URLs of the owner's: the endpoints, and how it got there.",
    ),
    ("statistics", "What was done over a period, in numbers."),
    ("notices", "What the owner should look at."),
    ("live", "What changes in the workspace, as it changes."),
    ("models", "The language models that agents can name."),
    ("keys", "Which programs may use the API."),
    (
        "account",
        "People: the first account, signing in and out, one's own account and sessions.",
    ),
    (
        "workspace",
        "The workspace, its people, and whom they invite.",
    ),
    (
        "widget",
        "What pages with the widget ask, from the origins that their owner has named.",
    ),
    ("egress", "Where calls come from."),
    (
        "server",
        "The server itself: health, metrics, and this description. No key is needed.",
    ),
];

/// Writes it.
pub(super) fn write(operations: &[Operation], examples: &Map<String, Value>) -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    let nothing = Value::Null;
    for operation in operations {
        let path = paths
            .entry(operation.path)
            .or_insert_with(|| Value::Object(Map::new()));
        let examples = examples.get(operation.id).unwrap_or(&nothing);
        path[operation.method] = describe(operation, &mut schemas, examples);
    }
    let turn_events = events::<TurnEvent>(&mut schemas, &TurnEvent::NAMES, true);
    let changes = events::<WorkspaceEvent>(&mut schemas, &WorkspaceEvent::NAMES, false);
    let mut document = json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Deskhand",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The server that this document came from."}],
        "tags": TAGS
            .iter()
            .filter(|(name, _)| operations.iter().any(|operation| operation.noun() == *name))
            .map(|(name, description)| json!({"name": name, "description": description}))
            .collect::<Value>(),
        "paths": paths,
        "components": {"schemas": {"TurnEvent": turn_events, "WorkspaceEvent": changes}},
    });
    let mut all = schemas.finish(&mut document);
    for name in ["TurnEvent", "WorkspaceEvent"] {
        let events = document["components"]["schemas"][name].take();
        all.insert(name.to_owned(), events);
    }
    all.insert("Problem".to_owned(), problem());
    all.sort_keys();
    document["components"] = json!({
        "securitySchemes": {
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": "__Host-deskhand",
                "description": "Somebody who is signed in. Over plain HTTP, on one's own machine, the cookie is called `deskhand`.",
            },
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "An API key. What an operation lists are the scopes of which the key needs one.",
            },
            "visitor": {
                "type": "http",
                "scheme": "bearer",
                "description": "The token of a visitor session: one agent, and the visitor's own conversations without what is the owner's (parameters, provenance, results, why a turn stopped).",
            },
        },
        "schemas": all,
    });
    document
}

fn describe(operation: &Operation, schemas: &mut Schemas, examples: &Value) -> Value {
    assert!(
        operation.reads_body == operation.body.is_some(),
        "{}: its handler and its description disagree on the body",
        operation.id
    );
    let mut written = json!({
        "operationId": operation.id,
        "tags": [operation.noun()],
        "summary": operation.summary,
    });
    if !operation.description.is_empty() {
        written["description"] = json!(operation.description);
    }
    written["security"] = operation.security();
    if !operation.parameters.is_empty() {
        written["parameters"] = operation
            .parameters
            .iter()
            .map(|parameter| self::parameter(parameter, schemas))
            .collect();
    }
    if let Some(body) = &operation.body {
        let mut content = json!({"schema": (body.schema)(schemas)});
        add_example(&mut content, &examples["request"]);
        written["requestBody"] =
            json!({"required": body.required, "content": {"application/json": content}});
    }
    written["responses"] = Value::Object(responses(operation, schemas, examples));
    written
}

fn parameter(parameter: &Parameter, schemas: &mut Schemas) -> Value {
    json!({
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "required": parameter.required,
        "schema": (parameter.schema)(schemas),
    })
}

fn responses(operation: &Operation, schemas: &mut Schemas, examples: &Value) -> Map<String, Value> {
    let mut responses: BTreeMap<u16, Value> = BTreeMap::new();
    for answer in &operation.answers {
        let response = responses
            .entry(answer.status)
            .or_insert_with(|| json!({"description": ""}));
        add_answer(response, answer, schemas, examples);
        if operation.replays {
            response["headers"] = json!({"Idempotency-Replayed": {
                "description": "There if the answer was given before.",
                "schema": {"const": "true"},
            }});
        }
        if operation.sets_cookie {
            response["headers"] = json!({"Set-Cookie": {
                "description": "The session: `__Host-deskhand` over TLS, `deskhand` over plain HTTP.",
                "schema": {"type": "string"},
            }});
        }
    }
    for (status, codes) in &operation.problems {
        let told: Vec<String> = CODES
            .iter()
            .filter(|(code, ..)| codes.contains(code))
            .map(|(code, _, when)| format!("`{code}`: {when}"))
            .collect();
        let mut response = json!({
            "description": told.join(" "),
            "content": {"application/problem+json": {"schema": {
                "$ref": "#/components/schemas/Problem",
                "properties": {"status": {"const": status}, "code": {"enum": codes}},
            }}},
        });
        add_example(
            &mut response["content"]["application/problem+json"],
            &examples[status.to_string()],
        );
        match status {
            401 => {
                response["headers"] = json!({"WWW-Authenticate": {
                    "description": "How to authenticate.",
                    "schema": {"const": "Bearer"},
                }});
            }
            429 => {
                response["headers"] = json!({"Retry-After": {
                    "description": "Seconds until another try makes sense.",
                    "schema": {"type": "integer", "minimum": 1},
                }});
            }
            _ => {}
        }
        responses.insert(*status, response);
    }
    responses
        .into_iter()
        .map(|(status, response)| (status.to_string(), response))
        .collect()
}

fn add_answer(response: &mut Value, answer: &Answer, schemas: &mut Schemas, examples: &Value) {
    let before = response["description"].as_str().unwrap_or_default();
    response["description"] = json!(format!("{before} {}", answer.description).trim());
    let Some((kind, schema)) = answer.content else {
        return;
    };
    let mut content = json!({"schema": schema(schemas)});
    let mut key = answer.status.to_string();
    if kind == EVENTS {
        key.push_str(".events");
    }
    add_example(&mut content, &examples[key]);
    response["content"][kind] = content;
}

fn add_example(content: &mut Value, example: &Value) {
    if !example.is_null() {
        content["example"] = example.clone();
    }
}

/// What each event of a stream is, by the name in its `event` field: the variants of `T`, in order. As
/// is usual in OpenAPI before 3.2, the schema of an event stream describes one event, as what a parser
/// of such streams gives.
fn events<T: JsonSchema>(schemas: &mut Schemas, names: &[&str], with_id: bool) -> Value {
    let reference = schemas.output::<T>();
    let name = reference["$ref"]
        .as_str()
        .and_then(|reference| reference.rsplit('/').next())
        .expect("a type with a name is referred to");
    let variants = schemas.take_output(name);
    let variants = variants["anyOf"].as_array().cloned().unwrap_or_default();
    assert_eq!(variants.len(), names.len(), "{variants:?}");
    let events: Vec<Value> = names
        .iter()
        .zip(variants)
        .map(|(name, mut data)| {
            super::schemas::tidy(&mut data);
            let description = data["description"].take();
            if let Some(fields) = data.as_object_mut() {
                fields.remove("description");
            }
            let mut event = json!({
                "title": name,
                "description": description,
                "type": "object",
                "properties": {
                    "event": {"const": name},
                    "data": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "contentSchema": data,
                    },
                },
                "required": ["event", "data"],
            });
            if with_id {
                event["properties"]["id"] =
                    json!({"type": "string", "description": "Names it, for `Last-Event-ID`."});
                event["required"] = json!(["event", "id", "data"]);
            }
            event
        })
        .collect();
    json!({
        "description": "One event of a stream (WHATWG HTML, server-sent events). Its data is JSON.",
        "oneOf": events,
    })
}

/// An error, as [`crate::problem::Problem`] writes it.
fn problem() -> Value {
    let codes: Vec<&str> = CODES.iter().map(|(code, ..)| *code).collect();
    json!({
        "description": "An error (RFC 9457).",
        "type": "object",
        "properties": {
            "type": {"type": "string", "pattern": "^urn:deskhand:error:[a-z_]+$"},
            "title": {"type": "string", "description": "The status in words."},
            "status": {"type": "integer", "description": "The HTTP status."},
            "code": {"enum": codes, "type": "string", "description": "Stable, and what to go by."},
            "conversation_id": {"$ref": "#/components/schemas/ConversationId", "description": "With `idempotency_in_progress` on chat: where."},
            "turn_id": {"$ref": "#/components/schemas/TurnId", "description": "With `idempotency_in_progress` on chat: the turn that is running."},
            "detail": {"type": "string", "description": "What is wrong and what would be right."},
            "errors": {
                "type": "array",
                "description": "With `invalid_fields`: each field that cannot be accepted.",
                "items": {
                    "type": "object",
                    "properties": {
                        "field": {"type": "string", "description": "With dots and indices for nested ones: `headers.0.name`."},
                        "message": {"type": "string", "description": "To be read after the field's name."},
                    },
                    "required": ["field", "message"],
                },
            },
        },
        "required": ["type", "title", "status", "code", "detail"],
    })
}
