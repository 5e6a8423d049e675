//! The program from outside, as a user or a script runs it.

#![allow(clippy::unwrap_used)]

mod check;
mod client;
mod examples;
mod guides;
mod keys;
mod people;
mod process;
mod receivers;
mod server;
mod settings;
mod stopping;
