//! Errors as `application/problem+json` (RFC 9457). Made here once, logged here once.

use std::any::Any;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use deskhand_domain::action::FieldError;
use deskhand_domain::id::{ConversationId, TurnId};
use deskhand_service::ServiceError;
use serde::Serialize;

/// When to ask again a database that is locked, full or cannot be reached.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// A request that was not carried out.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
    // In a box: few problems have one, and every handler's result has the room.
    turn: Option<Box<(ConversationId, TurnId)>>,
}

/// Shorthand for what handlers return.
pub(crate) type Result<T> = std::result::Result<T, Problem>;

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<ConversationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn_id: Option<TurnId>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        debug_assert!(
            crate::openapi::is_known(code, status),
            "{code} with {status} is not in openapi/codes.rs"
        );
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            turn: None,
        }
    }

    /// Names the turn that it is about.
    pub(crate) fn about_turn(self, turn: Option<(ConversationId, TurnId)>) -> Self {
        Self {
            turn: turn.map(Box::new),
            ..self
        }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing here by that id.",
        )
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "Sign in, or send a valid API key: `Authorization: Bearer <key>`.",
        )
    }

    pub(crate) fn forbidden(needs: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            format!("This key may not do that: {needs}."),
        )
    }

    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let first = errors.first().map_or_else(
            || "The input cannot be accepted.".to_owned(),
            |e| format!("{} {}.", e.field, e.message.trim_end_matches('.')),
        );
        Self {
            errors,
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields", first)
        }
    }

    pub(crate) fn internal(detail: &str) -> Self {
        tracing::error!(detail, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The server failed to carry this out. Its log says why.",
        )
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::NotFound => Self::not_found(),
            ServiceError::Invalid(errors) => Self::invalid(errors),
            ServiceError::Conflict { code, message } => {
                Self::new(StatusCode::CONFLICT, code, message)
            }
            ServiceError::Gone { code, message } => Self::new(StatusCode::GONE, code, message),
            ServiceError::Denied { code, message } => {
                Self::new(StatusCode::FORBIDDEN, code, message)
            }
            ServiceError::ContactToken(why) => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "contact_token_invalid",
                format!("The contact token {why}."),
            ),
            ServiceError::WrongCredentials => Self::new(
                StatusCode::UNAUTHORIZED,
                "wrong_credentials",
                "The email address or the password is not right.",
            ),
            ServiceError::TooManyAttempts { retry_after } => Self {
                retry_after: Some(retry_after),
                ..Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_many_attempts",
                    "Too many wrong passwords. Wait as long as `Retry-After` says, then try again.",
                )
            },
            ServiceError::TooMany {
                message,
                retry_after,
            } => Self {
                retry_after: Some(retry_after),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
            },
            ServiceError::HandedOver(conversation, turn) => Self::new(
                StatusCode::CONFLICT,
                "conversation_busy",
                "The server is stopping. The message is stored and will be answered in the conversation; do not send it again.",
            )
            .about_turn(Some((conversation, turn))),
            ServiceError::Closed => ServiceError::Unavailable(error.to_string()).into(),
            ServiceError::Unavailable(detail) => {
                tracing::error!(detail, "the database cannot carry out a request");
                Self {
                    retry_after: Some(RETRY_AFTER),
                    ..Self::new(
                        StatusCode::SERVICE_UNAVAILABLE,
                        "database_unavailable",
                        "The database cannot carry this out now, or the server is stopping. Send it again later, with the same \
                         Idempotency-Key if it has one.",
                    )
                }
            }
            ServiceError::Internal(detail) => Self::internal(&detail),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Body {
            r#type: format!("urn:deskhand:error:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            errors: &self.errors,
            conversation_id: self.turn.as_ref().map(|turn| turn.0),
            turn_id: self.turn.as_ref().map(|turn| turn.1),
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(after) = self.retry_after {
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}

/// A handler that panicked.
pub(crate) fn of_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    Problem::internal(&format!("panic: {text}")).into_response()
}
