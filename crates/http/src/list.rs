//! Lists: `limit` and `cursor` in, `data` and `next_cursor` out.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use deskhand_domain::action::{FieldError, is_action_name};
use deskhand_domain::id::ActionId;
use deskhand_service::{Listed, Page};
use jiff::Timestamp;
use serde::Serialize;

use crate::params::Params;
use crate::problem::{Problem, Result};

pub(crate) const DEFAULT_LIMIT: u32 = 20;
pub(crate) const MAX_LIMIT: u32 = 100;

/// The query of a list request.
pub(crate) struct ListQuery(Params);

impl<S: Send + Sync> FromRequestParts<S> for ListQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        Params::from_request_parts(parts, state).await.map(Self)
    }
}

impl ListQuery {
    /// Refuses parameters that this list does not know.
    pub(crate) fn only(self, known: &[&str]) -> Result<Self> {
        let known = [known, &["limit", "cursor"]].concat();
        Ok(Self(self.0.only(&known)?))
    }

    /// Which part is asked for.
    pub(crate) fn page<Id: FromStr>(&self) -> Result<Page<Id>> {
        let limit = match self.0.text("limit") {
            None => DEFAULT_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or_else(|| {
                    Problem::invalid(vec![FieldError::new("limit", "must be from 1 to 100")])
                })?,
        };
        let before = self.value("cursor", "must be a next_cursor from an earlier answer")?;
        Ok(Page { limit, before })
    }

    /// Text to search for, if there is any in it.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = self.0.text(name)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// One filter that is a moment, if it is given.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<Timestamp>> {
        self.0.moment(name)
    }

    /// An action, by its name or its id, if one is given.
    pub(crate) fn action(&self, name: &str) -> Result<Option<ActionNamed>> {
        let Some(text) = self.0.text(name) else {
            return Ok(None);
        };
        // An id could be a name too; nobody gives an action one like that.
        match text.parse() {
            Ok(id) => Ok(Some(ActionNamed::Id(id))),
            Err(_) if is_action_name(text) => Ok(Some(ActionNamed::Name(text.to_owned()))),
            Err(_) => {
                let mend =
                    "must be the name of an action, such as check_order_status, or its id, act_…";
                Err(Problem::invalid(vec![FieldError::new(name, mend)]))
            }
        }
    }

    /// One filter, if it is given.
    pub(crate) fn value<T: FromStr>(&self, name: &str, mend: &str) -> Result<Option<T>> {
        self.0.value(name, mend)
    }
}

/// How an action is referred to.
pub(crate) enum ActionNamed {
    Id(ActionId),
    Name(String),
}

/// A part of a list, as answered.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "{T}List")]
pub(crate) struct Listing<T> {
    /// The rows.
    data: Vec<T>,
    /// Where the next part begins; null at the end.
    next_cursor: Option<String>,
}

impl<T> Listing<T> {
    /// `cursor` names a row; `view` is what the client sees of it.
    pub(crate) fn new<Row>(
        listed: Listed<Row>,
        cursor: impl Fn(&Row) -> String,
        view: impl Fn(Row) -> T,
    ) -> Self {
        let next_cursor = listed.rows.last().filter(|_| listed.more).map(cursor);
        Self {
            data: listed.rows.into_iter().map(view).collect(),
            next_cursor,
        }
    }
}
