//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request sent again is answered
//! again, and not carried out again. For every route that creates or sends.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use deskhand_domain::action::FieldError;
use deskhand_domain::id::WorkspaceId;
use deskhand_domain::secret::Secret;
use deskhand_service::{ClaimId, Claimed, Service, StoredAnswer, view};
use futures_util::FutureExt;
use serde_json::Value;

use crate::problem::{self, Problem, Result};

const HEADER: &str = "idempotency-key";
/// On answers that were given before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const MAX_CHARS: usize = 255;

/// The client's key, if it has given one.
pub(crate) struct Once {
    key: Option<String>,
    by_visitor: bool,
    /// The work goes on by itself once it has begun.
    goes_on: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Once {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        read(&parts.headers)
            .map(|key| Self {
                key,
                by_visitor: false,
                goes_on: false,
            })
            .map_err(|mend| Problem::invalid(vec![FieldError::new("Idempotency-Key", mend)]))
    }
}

impl Once {
    /// The answers are a visitor's, who sees less of them.
    pub(crate) fn by_visitor(self) -> Self {
        Self {
            by_visitor: true,
            ..self
        }
    }

    /// The work goes on by itself once it has begun, as a turn does: without a key it need be no task of its own.
    pub(crate) fn of_what_goes_on(self) -> Self {
        Self {
            goes_on: true,
            ..self
        }
    }

    /// Does the work if the key has not been used for this body on this route, and answers as before
    /// if it has. The work goes on when the client hangs up. Callers have checked what the client may do: an
    /// answer given before may hold secrets.
    pub(crate) async fn run<W, F>(
        self,
        service: &Service,
        workspace: WorkspaceId,
        route: impl Into<String>,
        body: Value,
        work: W,
    ) -> Result<Response>
    where
        W: FnOnce(Option<ClaimId>) -> F + Send + 'static,
        F: Future<Output = Result<Response>> + Send + 'static,
    {
        let Some(key) = self.key else {
            return match self.goes_on {
                true => work(None).await,
                false => to_the_end(service, work(None)).await,
            };
        };
        let (own, route) = (service.clone(), route.into());
        // A claim that nobody answers for would refuse every retry, so it is one with its work.
        let answer = async move {
            match own.claim(workspace, route, key, body).await? {
                Claimed::Fresh(claim) => {
                    let work = work(Some(claim.clone()));
                    Ok(settle(&own, workspace, claim, work).await)
                }
                Claimed::Stored(answer) => replay(answer),
                Claimed::OtherBody => Err(Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "idempotency_key_reused",
                    "This Idempotency-Key was used for another request. Make a new one.",
                )),
                Claimed::Running(turn) => Err(in_progress().about_turn(turn)),
                Claimed::Lost => Err(Problem::new(
                    StatusCode::CONFLICT,
                    "idempotency_answer_lost",
                    "The request with this Idempotency-Key was carried out, at least in part, and its answer \
                     is lost. See what is there; to have it done again, use a new key.",
                )),
                Claimed::Broken(conversation, turn) => {
                    match own.answer_of_turn(workspace, turn).await? {
                        Some(answer) => {
                            let answer = match self.by_visitor {
                                true => view::of_answer(answer),
                                false => answer,
                            };
                            Ok(replayed(axum::Json(answer).into_response()))
                        }
                        None => Err(in_progress().about_turn(Some((conversation, turn)))),
                    }
                }
            }
        };
        to_the_end(service, answer).await
    }
}

/// Begins work at once that goes on when the client hangs up, and waits for it, as the server does when it
/// stops. Whoever waits holds no more than its end.
pub(crate) fn to_the_end<T, F>(
    service: &Service,
    work: F,
) -> impl Future<Output = Result<T>> + use<T, F>
where
    T: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let work = service.spawn(work);
    async move {
        match work.await {
            Ok(done) => done,
            Err(error) => match error.try_into_panic() {
                // It is answered where all panics are.
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => Err(Problem::internal(&format!("lost work: {error}"))),
            },
        }
    }
}

fn in_progress() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "idempotency_in_progress",
        "The request with this Idempotency-Key is still being carried out. Ask again later.",
    )
}

/// Does the work to its end and ends the claim: an answer of 2xx or 500 is kept; after a refusal the
/// request may be mended and sent again under the same key, and after a 503 as it is.
async fn settle(
    service: &Service,
    workspace: WorkspaceId,
    claim: ClaimId,
    work: impl Future<Output = Result<Response>>,
) -> Response {
    let done = AssertUnwindSafe(service.under_claim(workspace, &claim, work))
        .catch_unwind()
        .await;
    let response = done
        .unwrap_or_else(|panic: Box<dyn Any + Send>| Ok(problem::of_panic(panic)))
        .into_response();
    let status = response.status();
    if status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE {
        service.end_claim(workspace, &claim, None).await;
        return response;
    }
    let (head, body) = response.into_parts();
    // Our own answers are JSON texts, made in memory.
    let text = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            service.end_claim(workspace, &claim, None).await;
            return Problem::internal(&error.to_string()).into_response();
        }
    };
    let answer = StoredAnswer {
        status: status.as_u16(),
        body: Secret::new(text.as_str()),
    };
    service.end_claim(workspace, &claim, Some(&answer)).await;
    Response::from_parts(head, Body::from(text))
}

fn replay(answer: StoredAnswer) -> Result<Response> {
    let status = StatusCode::from_u16(answer.status)
        .map_err(|error| Problem::internal(&format!("a stored answer's status: {error}")))?;
    let kind = if status.is_success() {
        "application/json"
    } else {
        "application/problem+json"
    };
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(kind))];
    let text = answer.body.expose().to_owned();
    Ok(replayed((status, kind, text).into_response()))
}

fn replayed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// Reads the key in either form: a structured-field string (RFC 9651 §3.3.3), or bare.
fn read(headers: &HeaderMap) -> std::result::Result<Option<String>, &'static str> {
    const MEND: &str = "must be 1 to 255 visible ASCII characters, in quotes or bare";
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err("must be given once");
    }
    let text = value.to_str().map_err(|_| MEND)?.trim_matches([' ', '\t']);
    let key = match text.strip_prefix('"') {
        Some(rest) => unquote(rest).ok_or(MEND)?,
        None => text.to_owned(),
    };
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && (1..=MAX_CHARS).contains(&key.len()) {
        Ok(Some(key))
    } else {
        Err(MEND)
    }
}

/// The text of a structured-field string after its opening quote.
fn unquote(rest: &str) -> Option<String> {
    let mut key = String::new();
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(key),
            '\\' => key.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            c => key.push(c),
        }
    }
}

#[cfg(test)]
#[path = "once_tests.rs"]
mod tests;
