//! The store, from outside.

#![allow(clippy::unwrap_used, unreachable_pub)]

mod conformance;
mod durability;
mod migrations;
mod sqlite;
mod telling;
mod things;
mod world;
