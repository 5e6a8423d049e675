//! `POST /v1/widget/sessions`: a page with the widget opens a session for its visitor. The one route
//! that other origins' pages may use, and only those that the owner has named.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use deskhand_service::{Service, VisitRequest};

use crate::json::Fields;
use crate::problem::{Problem, Result};

/// How long a browser need not ask again, in seconds.
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("600");

pub(crate) async fn create(
    State(service): State<Service>,
    headers: HeaderMap,
    Fields(given): Fields,
) -> Response {
    let origin = headers.get(header::ORIGIN);
    let (answer, allowed) = match open(&service, origin, given).await {
        Ok(answer) => answer,
        Err(problem) => (problem.into_response(), false),
    };
    with_cors(answer, origin.filter(|_| allowed))
}

/// The answer, and whether the page may read it.
async fn open(
    service: &Service,
    origin: Option<&HeaderValue>,
    given: serde_json::Map<String, serde_json::Value>,
) -> Result<(Response, bool)> {
    let request: VisitRequest = deskhand_service::parse(given)?;
    let origin = origin.and_then(|origin| origin.to_str().ok());
    let host = service.widget_host(&request.agent_id, origin).await?;
    let opened = service.open_visit(host, request).await;
    let answer = match opened {
        Ok(visit) => (StatusCode::CREATED, Json(visit)).into_response(),
        Err(error) => Problem::from(error).into_response(),
    };
    Ok((answer, true))
}

pub(crate) async fn preflight(
    State(service): State<Service>,
    headers: HeaderMap,
) -> Result<Response> {
    let origin = headers.get(header::ORIGIN);
    let known = match origin.and_then(|origin| origin.to_str().ok()) {
        Some(origin) => service.is_widget_origin(origin).await?,
        None => false,
    };
    let mut answer = StatusCode::NO_CONTENT.into_response();
    if known {
        let head = answer.headers_mut();
        let post = HeaderValue::from_static("POST");
        head.insert(header::ACCESS_CONTROL_ALLOW_METHODS, post);
        let kind = HeaderValue::from_static("content-type");
        head.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, kind);
        head.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
    }
    Ok(with_cors(answer, origin.filter(|_| known)))
}

/// Lets pages of this origin read the answer. Never with credentials: a token is all there is.
fn with_cors(mut answer: Response, allowed: Option<&HeaderValue>) -> Response {
    let head = answer.headers_mut();
    head.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        head.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    answer
}
