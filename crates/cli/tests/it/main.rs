//! The program from outside, as a user or a script runs it.

#![allow(clippy::unwrap_used)]

mod check;
