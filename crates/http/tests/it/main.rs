//! The whole product from outside: a client on one side, a model server and a webhook receiver on
//! the other, and nothing but HTTP in between.

#![allow(clippy::unwrap_used)]

mod access;
mod accounts;
mod action_fields;
mod actions;
mod agents;
mod budgets;
mod call;
mod callbacks;
mod circuit;
mod come_back;
mod events;
mod faults;
mod grounding;
mod handoff;
mod hang_ups;
mod idempotency;
mod idempotency_nodes;
mod injection;
mod insight;
mod keys;
mod lists;
mod live;
mod long;
mod nodes;
mod openapi;
mod outcomes;
mod pages;
mod parameters;
mod problems;
mod providers;
mod recovery;
mod secrets;
mod seen;
mod statistics;
mod told;
mod turns;
mod unsent;
mod visitors;
mod widget;

/// Lets everything that is ready run.
async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}
