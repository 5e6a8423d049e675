//! Routes that customers on the owner's pages may use as well, with a visitor's token in the place of
//! an API key. A visitor sees one agent and their own conversations.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use deskhand_domain::id::AgentId;
use deskhand_service::{Service, Visitor, is_visitor_token};

use crate::auth::{Chatter, Listener};
use crate::openapi::{Extracted, Operation};
use crate::problem::{Problem, Result};

/// May chat.
pub(crate) enum Talker {
    Client(Chatter),
    Visitor(Box<Visitor>),
}

/// May read conversations.
pub(crate) enum Follower {
    Client(Listener),
    Visitor(Box<Visitor>),
}

impl Talker {
    /// Another agent than theirs does not exist as far as a visitor can tell.
    pub(crate) fn may_use(&self, agent: AgentId) -> Result<()> {
        match self {
            Self::Client(chatter) => chatter.may_use(agent),
            Self::Visitor(visitor) if visitor.agent_id == agent => Ok(()),
            Self::Visitor(_) => Err(Problem::not_found()),
        }
    }
}

/// The visitor, if the request shows a visitor's token.
async fn visitor(parts: &Parts, service: &Service) -> Result<Option<Visitor>> {
    let shown = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| is_visitor_token(token));
    match shown {
        None => Ok(None),
        Some(token) => match service.visitor(token).await? {
            Some(visitor) => Ok(Some(visitor)),
            None => Err(Problem::unauthorized()),
        },
    }
}

impl FromRequestParts<Service> for Talker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self> {
        match visitor(parts, service).await? {
            Some(visitor) => Ok(Self::Visitor(Box::new(visitor))),
            None => Chatter::from_request_parts(parts, service)
                .await
                .map(Self::Client),
        }
    }
}

impl FromRequestParts<Service> for Follower {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self> {
        match visitor(parts, service).await? {
            Some(visitor) => Ok(Self::Visitor(Box::new(visitor))),
            None => Listener::from_request_parts(parts, service)
                .await
                .map(Self::Client),
        }
    }
}

impl Extracted for Talker {
    fn describe(operation: &mut Operation) {
        Chatter::describe(operation);
        operation.let_visitors_in();
    }
}

impl Extracted for Follower {
    fn describe(operation: &mut Operation) {
        Listener::describe(operation);
        operation.let_visitors_in();
    }
}
