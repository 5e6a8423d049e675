//! The program from outside, as a user or a script runs it.

#![allow(clippy::unwrap_used)]

mod check;
mod client;
mod connections;
mod examples;
mod faults;
mod guides;
mod keys;
mod people;
mod process;
mod receivers;
mod refund;
mod server;
mod settings;
mod stopping;
