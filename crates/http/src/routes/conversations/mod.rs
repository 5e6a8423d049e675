//! `/v1/conversations`: what was said and done.

pub(crate) mod events;
pub(crate) mod list;
pub(crate) mod show;
