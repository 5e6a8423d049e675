//! The webhook client against real TLS servers, fake DNS and a network of public addresses that all
//! lead to this machine.

#![allow(clippy::unwrap_used)]

mod calls;
mod events;
mod outcomes;
mod properties;
mod reuse;
mod rig;
mod settings;
mod ssrf;
mod ssrf_dns;
mod timing;
mod wire_dns;
