//! Outgoing notifications: the endpoints, their deliveries, and the work of delivering.

mod deliver;
mod deliveries;
mod endpoints;

pub(crate) use deliver::Outbox;
pub use deliveries::DeliveryView;
pub use endpoints::{MadeEndpoint, NewEndpoint};
