//! `GET /openapi.json`: the description of this API.

use std::sync::LazyLock;

use axum::http::{HeaderName, header};
use axum::response::IntoResponse;

use crate::openapi::{Api, operation};

static DOCUMENT: LazyLock<String> = LazyLock::new(|| crate::openapi().to_string());

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/openapi.json",
        show,
        operation("openapi", "This description")
            .public()
            .answers_object("An OpenAPI 3.1 document."),
    )
}

async fn show() -> impl IntoResponse {
    let head: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];
    (head, DOCUMENT.as_str())
}
