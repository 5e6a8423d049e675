//! The nouns, ids, limits, grounding rules and the turn. Pure data and rules: nothing here reads a
//! clock, awaits, or touches a network, a disk or a database.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod clock;
pub mod contact;
pub mod grounding;
pub mod id;
pub mod invocation;
pub mod limits;
pub mod prompt;
mod text_enum;

pub use text_enum::UnknownWord;
