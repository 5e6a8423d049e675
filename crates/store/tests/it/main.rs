//! The store, from outside.

#![allow(clippy::unwrap_used, unreachable_pub)]

mod conformance;
mod sqlite;
mod world;
