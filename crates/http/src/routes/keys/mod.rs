//! `/v1/keys`: who may use the API.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
