//! Every route. The path of a URL is the path of its file: `POST /v1/agents` is
//! `routes/agents/create.rs`.

mod actions;
mod agents;
mod chat;
mod conversations;
mod egress;
mod health;
mod invocations;
mod keys;
mod metrics;

use std::str::FromStr;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{delete, get, post, put};
use deskhand_service::Service;

use crate::problem::{Problem, Result};

pub(crate) fn all() -> Router<Service> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .route(
            "/v1/agents",
            post(agents::create::handle).get(agents::list::handle),
        )
        .route(
            "/v1/agents/{id}",
            get(agents::show::handle)
                .patch(agents::update::handle)
                .delete(agents::delete::handle),
        )
        .route("/v1/agents/{id}/actions", get(agents::actions::handle))
        .route(
            "/v1/agents/{id}/actions/{action_id}",
            put(agents::attach::handle).delete(agents::detach::handle),
        )
        .route("/v1/agents/{id}/chat", post(chat::create::handle))
        .route(
            "/v1/actions",
            post(actions::create::handle).get(actions::list::handle),
        )
        .route("/v1/actions/check", post(actions::check::handle))
        .route(
            "/v1/actions/{id}",
            get(actions::show::handle)
                .patch(actions::update::handle)
                .delete(actions::delete::handle),
        )
        .route("/v1/actions/{id}/versions", get(actions::versions::handle))
        .route("/v1/actions/{id}/secret", post(actions::rotate::handle))
        .route("/v1/actions/{id}/test", post(actions::test::handle))
        .route("/v1/conversations", get(conversations::list::handle))
        .route("/v1/conversations/{id}", get(conversations::show::handle))
        .route(
            "/v1/conversations/{id}/events",
            get(conversations::events::handle),
        )
        .route(
            "/v1/keys",
            post(keys::create::handle).get(keys::list::handle),
        )
        .route("/v1/keys/{id}", delete(keys::delete::handle))
        .route("/v1/egress", get(egress::handle))
        .route("/v1/invocations", get(invocations::list::handle))
        .route("/v1/invocations/{id}", get(invocations::show::handle))
}

/// An id out of a path. One that is malformed is as unknown as a foreign one.
pub(crate) fn id<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Problem::not_found())
}

pub(crate) async fn nothing_here() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "There is no such route.",
    )
}

pub(crate) async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This route does not take that method.",
    )
}
