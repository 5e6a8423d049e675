//! The use cases against a real database and scripted surroundings.

#![allow(clippy::unwrap_used)]

mod check;
mod world;
