//! Test doubles on real sockets: a model server, a webhook receiver with TLS, DNS, a clock,
//! randomness; and a whole Deskhand between them. Only ever a dev-dependency.

#![allow(clippy::unwrap_used)]

mod app;
mod clock;
mod contact_token;
mod contract;
mod dns;
mod dns_server;
pub mod model_server;
mod network;
mod postgres;
mod reply;
mod webhook_server;

pub use app::{
    ADMIN_KEY, Answer, EGRESS_ADDRESS, MODEL_KEY, PASSWORD, Server, Talk, TestApp, cookie, id,
    pages, request, token,
};
pub use clock::{SeededEntropy, TestClock};
pub use contact_token::contact_token;
pub use contract::{Contract, Operation, contract};
pub use dns::{DnsReply, FakeDns};
pub use dns_server::{DnsServer, Zone};
pub use model_server::ModelServer;
pub use network::FakeNetwork;
pub use postgres::{Durability, PostgresServer, postgres_database};
pub use reply::Reply;
pub use webhook_server::{Received, ServerOptions, WebhookServer};
