//! A client, a server and what lies between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{EventId, InvocationId, WorkspaceId};
use deskhand_testkit::{
    FakeDns, FakeNetwork, SeededEntropy, ServerOptions, TestClock, WebhookServer,
};
use deskhand_webhook::{
    Call, CallReport, Client, ClientConfig, EgressPolicy, Gate, GateClosed, Notification,
    SigningSecret,
};
use jiff::Timestamp;

pub(crate) const NAME: &str = "hook.example.com";
pub(crate) const PUBLIC: &str = "93.184.216.34";
pub(crate) const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/// A server that answers for `hook.example.com` at a public address.
pub(crate) struct Rig {
    pub(crate) server: WebhookServer,
    pub(crate) dns: Arc<FakeDns>,
    pub(crate) network: Arc<FakeNetwork>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) client: Client,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::with(EgressPolicy::default(), ServerOptions::default()).await
    }

    pub(crate) async fn with(policy: EgressPolicy, mut options: ServerOptions) -> Self {
        if options.names.is_empty() {
            options.names = vec![
                NAME.to_owned(),
                "hook.example.org".to_owned(),
                "127.0.0.1".to_owned(),
                PUBLIC.to_owned(),
            ];
        }
        let server = WebhookServer::start_with(options).await;
        let dns = Arc::new(FakeDns::new());
        dns.answer(NAME, &[PUBLIC]);
        let network = Arc::new(FakeNetwork::new());
        network.lead(format!("{PUBLIC}:443").parse().unwrap(), server.address());
        let clock = Arc::new(TestClock::at("2026-11-23T12:00:00Z"));
        let config = ClientConfig {
            policy,
            resolver: dns.clone(),
            native_roots: false,
            extra_roots_pem: Some(server.ca_pem().as_bytes().to_vec()),
            clock: clock.clone(),
            entropy: Arc::new(NoJitter),
        };
        let client = Client::with_dial(config, network.clone()).unwrap();
        Self {
            server,
            dns,
            network,
            clock,
            client,
        }
    }

    pub(crate) async fn call(&self, call: Call) -> CallReport {
        self.client.call(call, &Open::default()).await
    }
}

/// Waits before retries are drawn from it: all of them are zero.
#[derive(Debug)]
struct NoJitter;

impl Entropy for NoJitter {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// A write to `https://hook.example.com/orders`.
pub(crate) fn write() -> Call {
    let entropy = SeededEntropy::new(1);
    Call {
        workspace_id: WorkspaceId::new(Timestamp::UNIX_EPOCH, &entropy),
        invocation_id: InvocationId::new(Timestamp::UNIX_EPOCH, &entropy),
        url: format!("https://{NAME}/orders"),
        body: Bytes::from_static(br#"{"action":"check_order_status"}"#),
        headers: Vec::new(),
        signing_secrets: vec![SigningSecret::parse(SECRET).unwrap()],
        read_only: false,
        idempotent: false,
        timeout: Duration::from_secs(20),
        contact_verified: false,
        test: false,
        callback_url: None,
        earlier: None,
    }
}

pub(crate) fn idempotent_write() -> Call {
    Call {
        idempotent: true,
        ..write()
    }
}

pub(crate) fn read() -> Call {
    Call {
        read_only: true,
        ..write()
    }
}

/// An event for `https://hook.example.com/events`.
pub(crate) fn event() -> Notification {
    let entropy = SeededEntropy::new(1);
    Notification {
        workspace_id: WorkspaceId::new(Timestamp::UNIX_EPOCH, &entropy),
        event_id: EventId::new(Timestamp::UNIX_EPOCH, &entropy),
        url: format!("https://{NAME}/events"),
        body: Bytes::from_static(br#"{"type":"endpoint.test"}"#),
        signing_secrets: vec![SigningSecret::parse(SECRET).unwrap()],
        timeout: Duration::from_secs(15),
        number: 3,
    }
}

/// Lets everything through, and counts.
#[derive(Default)]
pub(crate) struct Open {
    pub(crate) asked: AtomicU32,
}

#[async_trait]
impl Gate for Open {
    async fn before_first_byte(&self, _attempt: u32) -> Result<(), GateClosed> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}
