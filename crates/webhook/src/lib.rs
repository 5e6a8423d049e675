//! The only way out to addresses that tenants give: the address policy, resolving and dialling under
//! it, signatures, retries, and what an answer means.
//!
//! A request carries a call ([`Client::call`]) or an event ([`Client::notify`]); everything below is the
//! same for both. A URL is taken apart once ([`EgressPolicy::check_url`]); every attempt resolves the name once,
//! judges every address, and dials only those. There is no second path: the lints
//! in `clippy.toml` refuse any other connection.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod address;
mod client;
mod connect;
pub mod dial;
mod error;
mod exchange;
mod headers;
mod notify;
mod outcome;
mod outgoing;
mod policy;
mod pool;
mod redact;
mod resolve;
mod retry;
mod sign;
mod tls;
mod url;

pub use client::{Call, CallReport, Client, ClientConfig, Gate, GateClosed, SaveCheck};
pub use error::Error;
pub use headers::{
    CallHeader, HeaderText, USER_AGENT, header_allowed, header_value_allowed, preview,
};
pub use notify::{Notification, NotifyReport};
pub use outcome::{
    Answer, Happened, NO_REASON_GIVEN, NO_SUCCESS_FIELD, Nature, Verdict, accepted, interpret,
    judge,
};
pub use policy::{EgressPolicy, PORTS, Refusal, Rule};
pub use redact::{REDACTED, Redactor};
pub use resolve::{Answer as DnsAnswer, Resolve, ResolveError, SystemResolver};
pub use sign::{SigningSecret, signature_header};
pub use url::{Host, Target};
