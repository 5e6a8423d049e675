//! Every route. The path of a URL is the path of its file: `POST /v1/agents` is
//! `routes/agents/create.rs`. The routes of a noun and what is to be said of them stand in its `mod.rs`.

mod account;
mod actions;
mod agents;
mod callbacks;
mod chat;
mod conversations;
mod deliveries;
mod docs;
mod egress;
mod event_endpoints;
mod health;
mod invitations;
mod invocations;
mod keys;
mod live;
mod members;
mod metrics;
mod models;
mod notices;
mod openapi;
mod session;
mod sessions;
mod setup;
mod statistics;
mod widget;
mod workspace;

use std::str::FromStr;

use axum::http::StatusCode;

use crate::openapi::Api;
use crate::problem::{Problem, Result};

pub(crate) fn all() -> Api {
    Api::default()
        .with(agents::routes)
        .with(actions::routes)
        .with(chat::routes)
        .with(conversations::routes)
        .with(invocations::routes)
        .with(callbacks::routes)
        .with(event_endpoints::routes)
        .with(deliveries::routes)
        .with(statistics::routes)
        .with(notices::routes)
        .with(live::routes)
        .with(models::routes)
        .with(keys::routes)
        .with(setup::routes)
        .with(session::routes)
        .with(sessions::routes)
        .with(account::routes)
        .with(workspace::routes)
        .with(members::routes)
        .with(invitations::routes)
        .with(widget::routes)
        .with(egress::routes)
        .with(health::routes)
        .with(metrics::routes)
        .with(openapi::routes)
        .with(docs::routes)
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
