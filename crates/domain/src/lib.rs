//! The nouns, ids, limits, grounding rules and the turn. Pure data and rules: nothing here reads a
//! clock, awaits, or touches a network, a disk or a database.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod account;
pub mod action;
pub mod agent;
pub mod callback;
pub mod check;
pub mod circuit;
pub mod clock;
pub mod contact;
pub mod conversation;
pub mod crash;
pub mod event;
pub mod findings;
pub mod grounding;
pub mod handoff;
pub mod id;
pub mod invocation;
pub mod limits;
pub mod moment;
pub mod notice;
pub mod parameters;
pub mod prompt;
pub mod report;
#[cfg(feature = "schema")]
pub mod schema;
pub mod secret;
pub mod statistics;
mod text_enum;
pub mod trace;
pub mod turn;
pub mod widget;
pub mod wording;
pub mod workspace;

pub use text_enum::UnknownWord;
