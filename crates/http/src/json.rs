//! Request bodies.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{StatusCode, header};
use deskhand_domain::limits;
use serde_json::error::Category;
use serde_json::{Map, Value};

use crate::problem::{Problem, Result};
use crate::unambiguous::Unambiguous;

/// A body that is a JSON object, as its fields; an empty body counts as `{}`.
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        match read(request, state).await? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid_json",
                "The body must be a JSON object.",
            )),
        }
    }
}

/// The same, with room for what an endpoint could answer.
pub(crate) struct LongFields(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for LongFields {
    type Rejection = Problem;

    async fn from_request(mut request: Request, state: &S) -> Result<Self> {
        // What is laid on last counts.
        DefaultBodyLimit::max(limits::CALLBACK_BYTES).apply(&mut request);
        let Fields(fields) = Fields::from_request(request, state).await?;
        Ok(Self(fields))
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Value> {
    if let Some(kind) = request.headers().get(header::CONTENT_TYPE) {
        let kind = kind.to_str().unwrap_or_default();
        let essence = kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if essence != "application/json" && !essence.ends_with("+json") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "Send `Content-Type: application/json`.",
            ));
        }
    }
    let bytes = Bytes::from_request(request, state)
        .await
        .map_err(too_large_or_cut)?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(&bytes)
        .map(|Unambiguous(value)| value)
        .map_err(|error| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid_json",
                match error.classify() {
                    Category::Data => format!("The body can be read in two ways: {error}."),
                    _ => format!("The body is not valid JSON: {error}."),
                },
            )
        })
}

fn too_large_or_cut(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload_too_large",
            "The body is larger than this route takes.",
        )
    } else {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_body",
            "The body could not be read.",
        )
    }
}
