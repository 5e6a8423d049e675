//! Providers over real HTTP, against a server that checks the protocol.

#![allow(clippy::unwrap_used)]

mod anthropic;
mod breaks;
mod completions;
mod connections;
mod dialects;
mod endless;
mod logs;
mod manners;
mod messages;
mod provider;
mod stopped;
mod support;
