//! Where calls come from, for the owners' allowlists.

use std::net::IpAddr;

use deskhand_webhook::{PORTS, USER_AGENT};
use serde::Serialize;

use crate::Service;

/// What an owner has to know to let calls in and to verify them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Egress {
    /// The public addresses that calls come from, as the operator gave them; empty if they did not.
    pub addresses: Vec<IpAddr>,
    /// The `User-Agent` of every call.
    pub user_agent: &'static str,
    /// How calls are signed.
    pub signature: SignatureScheme,
    /// The ports that are called.
    pub ports: [u16; 2],
}

/// How calls are signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignatureScheme {
    /// Which scheme: Standard Webhooks.
    pub scheme: &'static str,
    /// Which version of it; the prefix of each signature.
    pub version: &'static str,
    /// The headers that carry it.
    pub headers: [&'static str; 3],
}

impl Service {
    /// Where calls come from and how to tell that they are ours.
    pub fn egress(&self) -> Egress {
        Egress {
            addresses: self.inner.parts.egress_addresses.clone(),
            user_agent: USER_AGENT,
            signature: SignatureScheme {
                scheme: "standard-webhooks",
                version: "v1",
                headers: ["webhook-id", "webhook-timestamp", "webhook-signature"],
            },
            ports: PORTS,
        }
    }
}
