//! Tests of the program from outside.

#![allow(clippy::unwrap_used)]

mod examples;
mod guides;
mod process;
mod receivers;
mod server;
