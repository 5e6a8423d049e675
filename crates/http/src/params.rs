//! The query of a request.

use std::collections::HashMap;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use deskhand_domain::action::FieldError;
use deskhand_domain::moment;
use jiff::Timestamp;

use crate::problem::{Problem, Result};

/// What yes and no look like.
pub(crate) const YES_OR_NO: &str = "must be true or false";

/// The parameters of a query by their names.
pub(crate) struct Params(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| {
                Problem::invalid(vec![FieldError::new(
                    "query",
                    "is not a valid query string",
                )])
            })?;
        let (mut params, mut errors) = (HashMap::new(), Vec::new());
        for (name, value) in pairs {
            // Which of two is meant, only the client knows.
            if params.insert(name.clone(), value).is_some() {
                errors.push(FieldError::new(
                    name,
                    "is given more than once; give it once",
                ));
            }
        }
        match errors.is_empty() {
            true => Ok(Self(params)),
            false => Err(Problem::invalid(errors)),
        }
    }
}

impl Params {
    /// Refuses parameters that are not known here, so that a typo is no silent "all".
    pub(crate) fn only(self, known: &[&str]) -> Result<Self> {
        let unknown: Vec<FieldError> = self
            .0
            .keys()
            .filter(|name| !known.contains(&name.as_str()))
            .map(|name| FieldError::new(name, "is not a parameter here"))
            .collect();
        if unknown.is_empty() {
            Ok(self)
        } else {
            Err(Problem::invalid(unknown))
        }
    }

    /// One of them as it was given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// One of them that is a moment, if it is given.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<Timestamp>> {
        self.text(name)
            .map(|text| {
                moment::parse(text)
                    .map_err(|mend| Problem::invalid(vec![FieldError::new(name, mend)]))
            })
            .transpose()
    }

    /// One of them, if it is given.
    pub(crate) fn value<T: FromStr>(&self, name: &str, mend: &str) -> Result<Option<T>> {
        self.text(name)
            .map(|text| {
                text.parse()
                    .map_err(|_| Problem::invalid(vec![FieldError::new(name, mend)]))
            })
            .transpose()
    }
}
