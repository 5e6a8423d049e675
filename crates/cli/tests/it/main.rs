//! Tests of the program from outside.

#![allow(clippy::unwrap_used)]

mod examples;
mod process;
mod receivers;
