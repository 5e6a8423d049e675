//! Lists: `limit` and `cursor` in, `data` and `next_cursor` out.

use std::collections::HashMap;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use deskhand_domain::action::FieldError;
use deskhand_service::{Listed, Page};
use serde::Serialize;

use crate::problem::{Problem, Result};

pub(crate) const DEFAULT_LIMIT: u32 = 20;
pub(crate) const MAX_LIMIT: u32 = 100;

/// The query of a list request.
pub(crate) struct ListQuery(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for ListQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Query(pairs) = Query::<HashMap<String, String>>::from_request_parts(parts, state)
            .await
            .map_err(|_| {
                Problem::invalid(vec![FieldError::new(
                    "query",
                    "is not a valid query string",
                )])
            })?;
        Ok(Self(pairs))
    }
}

impl ListQuery {
    /// Refuses parameters that this list does not know, so that a typo is no silent "all".
    pub(crate) fn only(self, known: &[&str]) -> Result<Self> {
        let unknown: Vec<FieldError> = self
            .0
            .keys()
            .filter(|name| {
                !["limit", "cursor"].contains(&name.as_str()) && !known.contains(&name.as_str())
            })
            .map(|name| FieldError::new(name, "is not a parameter of this list"))
            .collect();
        if unknown.is_empty() {
            Ok(self)
        } else {
            Err(Problem::invalid(unknown))
        }
    }

    /// Which part is asked for.
    pub(crate) fn page<Id: FromStr>(&self) -> Result<Page<Id>> {
        let limit = match self.0.get("limit") {
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

    /// One filter, if it is given.
    pub(crate) fn value<T: FromStr>(&self, name: &str, mend: &str) -> Result<Option<T>> {
        self.0
            .get(name)
            .map(|text| {
                text.parse()
                    .map_err(|_| Problem::invalid(vec![FieldError::new(name, mend)]))
            })
            .transpose()
    }
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
