//! `/v1/agents`: personas and what they may do.

pub(crate) mod actions;
pub(crate) mod attach;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod detach;
pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod update;
