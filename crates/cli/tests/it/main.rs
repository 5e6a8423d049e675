//! The program from outside, as a user or a script runs it.

#![allow(clippy::unwrap_used)]

mod check;
mod examples;
mod guides;
mod process;
mod receivers;
mod server;
