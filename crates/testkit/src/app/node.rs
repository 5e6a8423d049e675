//! One run of the server.

use std::sync::Arc;

use deskhand_model::{Models, ModelsConfig};
use deskhand_service::{Parts, Service};
use deskhand_store::SqliteStore;
use deskhand_webhook::{Client, ClientConfig, EgressPolicy};

use super::{EGRESS_ADDRESS, MODEL_KEY};
use crate::{FakeDns, SeededEntropy, TestClock};

/// What every run of the server is made from, beside its database.
pub(super) struct Node {
    pub(super) exceptions: String,
    pub(super) ca_pem: Vec<u8>,
    pub(super) models_url: String,
    pub(super) public_url: String,
    pub(super) dns: Arc<FakeDns>,
    pub(super) clock: Arc<TestClock>,
    pub(super) entropy: Arc<SeededEntropy>,
}

impl Node {
    /// Begins one.
    pub(super) fn start(&self, store: Arc<SqliteStore>) -> Service {
        let webhook = Client::new(ClientConfig {
            policy: EgressPolicy::parse(&self.exceptions).expect("exact addresses"),
            resolver: self.dns.clone(),
            native_roots: false,
            extra_roots_pem: Some(self.ca_pem.clone()),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
        })
        .expect("a client");
        let models = Models::new(ModelsConfig {
            default: "openai::test".to_owned(),
            url: Some(self.models_url.clone()),
            api_key: Some(MODEL_KEY.to_owned()),
        })
        .expect("a model");
        Service::new(Parts {
            store,
            webhook,
            models,
            public_url: self.public_url.clone(),
            callback_duration: deskhand_domain::limits::CALLBACK_DURATION,
            egress_addresses: vec![EGRESS_ADDRESS],
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
        })
    }
}
