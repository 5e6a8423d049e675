//! `GET /docs`: the description of this API for people, and what the page needs. Nothing is loaded
//! from other hosts, and nothing runs.

use std::sync::LazyLock;

use axum::http::{HeaderName, header};
use axum::response::IntoResponse;

use crate::openapi::{Api, operation};

static PAGE: LazyLock<String> = LazyLock::new(|| crate::docs::page(&crate::openapi()));

/// All that the page may do is load the style of this server.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/docs",
        show,
        operation("docs", "This description as a page")
            .public()
            .answers_text("The page.", "text/html"),
    )
    .get(
        "/docs/style.css",
        style,
        operation("docs_style", "How that page looks")
            .public()
            .answers_text("A style sheet.", "text/css"),
    )
}

async fn show() -> impl IntoResponse {
    let head: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (head, PAGE.as_str())
}

async fn style() -> impl IntoResponse {
    let head: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (head, crate::docs::STYLE)
}
