//! The whole product from outside: a client on one side, a model server and a webhook receiver on
//! the other, and nothing but HTTP in between.

#![allow(clippy::unwrap_used)]

mod access;
mod actions;
mod agents;
mod call;
mod grounding;
mod lists;
mod outcomes;
mod parameters;
