//! The store, from outside.

#![allow(clippy::unwrap_used, unreachable_pub)]

mod conformance;
mod copying;
mod durability;
mod migrations;
#[path = "../../../testkit/src/postgres.rs"]
#[allow(dead_code, reason = "shared with others who start one")]
mod pg_server;
mod postgres;
mod schedule;
mod sqlite;
mod telling;
mod things;
mod world;
