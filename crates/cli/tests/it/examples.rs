//! The receivers under `examples/`, behind a real `deskhand serve`.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use deskhand_domain::clock::Clock;
use deskhand_domain::id::{InvocationId, WorkspaceId};
use deskhand_domain::invocation::InvocationStatus;
use deskhand_testkit::{SeededEntropy, TestClock};
use deskhand_webhook::{
    Call, CallReport, Client, ClientConfig, EgressPolicy, Gate, GateClosed, SigningSecret,
    SystemResolver,
};
use serde_json::{Value, json};

use crate::process::Process;
use crate::receivers::{Certificate, Language, Receiver, ready};
use crate::server::{connect, request, serve};

/// Good to sign with, and nobody's.
const OTHER_SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

macro_rules! receiver {
    ($name:ident, $language:expr) => {
        mod $name {
            use super::*;

            #[test]
            fn answers_a_customers_question() {
                super::answers_a_customers_question($language);
            }

            #[test]
            fn declines_an_order_it_does_not_know() {
                super::declines_an_order_it_does_not_know($language);
            }

            #[test]
            fn refuses_a_call_signed_with_another_secret() {
                super::refuses_a_call_signed_with_another_secret($language);
            }

            #[test]
            fn takes_the_old_secret_while_it_is_being_rotated() {
                super::takes_the_old_secret_while_it_is_being_rotated($language);
            }

            #[tokio::test]
            async fn works_once_for_a_key() {
                super::works_once_for_a_key($language).await;
            }

            #[tokio::test]
            async fn refuses_a_call_without_a_signature() {
                super::refuses_a_call_without_a_signature($language).await;
            }
        }
    };
}

receiver!(rust, Language::Rust);
receiver!(node, Language::Node);
receiver!(python, Language::Python);

fn answers_a_customers_question(language: Language) {
    let Some(mut world) = World::start(language, Secret::Right) else {
        return;
    };
    let agent = world.api("POST", "/v1/agents", &json!({"name": "Ada"}));
    let agent = agent["id"].as_str().unwrap();
    world.api(
        "PUT",
        &format!("/v1/agents/{agent}/actions/{}", world.action),
        &json!({}),
    );
    let answer = world.api(
        "POST",
        &format!("/v1/agents/{agent}/chat"),
        &json!({"message": "Where's my order? Order number is ORD-12345"}),
    );
    assert_eq!(
        answer["invocations"][0]["status"], "succeeded",
        "{answer:#}"
    );
    let reply = answer["reply"].as_str().unwrap();
    assert!(reply.contains("1Z999AA10123456784"), "{reply}");
    world.receiver.process.line("shipped");
}

fn declines_an_order_it_does_not_know(language: Language) {
    let Some(world) = World::start(language, Secret::Right) else {
        return;
    };
    let invocation = world.test("ORD-99999");
    assert_eq!(invocation["status"], "declined", "{invocation:#}");
    assert_eq!(invocation["error"], "Order not found");
}

fn refuses_a_call_signed_with_another_secret(language: Language) {
    let Some(mut world) = World::start(language, Secret::Wrong) else {
        return;
    };
    let invocation = world.test("ORD-12345");
    assert_eq!(invocation["status"], "failed", "{invocation:#}");
    assert_eq!(invocation["failure"]["code"], "http_error");
    assert_eq!(invocation["failure"]["http_status"], 401);
    world.receiver.process.line("refused: ");
}

fn takes_the_old_secret_while_it_is_being_rotated(language: Language) {
    let Some(world) = World::start(language, Secret::Right) else {
        return;
    };
    let path = format!("/v1/actions/{}/secret", world.action);
    world.api("POST", &path, &json!({"overlap_seconds": 3600}));
    let invocation = world.test("ORD-67890");
    assert_eq!(invocation["status"], "succeeded", "{invocation:#}");
    let signatures = invocation["attempts"][0]["request"]["headers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|header| header["name"] == "webhook-signature")
        .unwrap();
    let signatures = signatures["value"].as_str().unwrap();
    assert_eq!(signatures.split(' ').count(), 2, "{signatures}");
    world.api("POST", &path, &json!({"overlap_seconds": 0}));
    assert_eq!(world.test("ORD-67890")["status"], "failed");
}

async fn works_once_for_a_key(language: Language) {
    let certificate = Certificate::make();
    let Some(mut receiver) = Receiver::start(language, &certificate, OTHER_SECRET) else {
        return;
    };
    let secrets = vec![SigningSecret::parse(OTHER_SECRET).unwrap()];
    let first = call(&receiver, &certificate, secrets.clone()).await;
    let second = call(&receiver, &certificate, secrets).await;
    assert_eq!(
        first.outcome.status,
        InvocationStatus::Succeeded,
        "{first:?}"
    );
    assert_eq!(first.outcome, second.outcome);
    receiver.process.line("shipped");
    receiver.process.line("answered before");
}

async fn refuses_a_call_without_a_signature(language: Language) {
    let certificate = Certificate::make();
    let Some(receiver) = Receiver::start(language, &certificate, OTHER_SECRET) else {
        return;
    };
    let report = call(&receiver, &certificate, Vec::new()).await;
    let failure = report.outcome.failure.unwrap();
    assert_eq!(failure.http_status, Some(401), "{failure:?}");
}

/// One invocation's call, as Deskhand makes it; the same invocation every time.
async fn call(
    receiver: &Receiver,
    certificate: &Certificate,
    signing_secrets: Vec<SigningSecret>,
) -> CallReport {
    struct Open;
    #[async_trait::async_trait]
    impl Gate for Open {
        async fn before_first_byte(&self, _: u32) -> Result<(), GateClosed> {
            Ok(())
        }
    }
    let clock = TestClock::at("2026-11-23T12:00:00Z");
    let entropy = SeededEntropy::new(7);
    let invocation_id = InvocationId::new(clock.now(), &entropy);
    let workspace_id = WorkspaceId::new(clock.now(), &entropy);
    #[expect(
        clippy::disallowed_methods,
        reason = "the receiver's clock is the real one"
    )]
    clock.set(jiff::Timestamp::now());
    let client = Client::new(ClientConfig {
        policy: EgressPolicy::parse(&receiver.address).unwrap(),
        resolver: Arc::new(SystemResolver::new().unwrap()),
        native_roots: false,
        extra_roots_pem: Some(std::fs::read(certificate.root()).unwrap()),
        clock: Arc::new(clock),
        entropy: Arc::new(entropy),
    })
    .unwrap();
    let body = json!({
        "action": "check_order_status",
        "parameters": {"order_number": "ORD-12345"},
        "context": {"agent_id": "agt_1", "conversation_id": "conv_1", "contact_id": "con_1"},
    });
    let call = Call {
        workspace_id,
        invocation_id,
        url: format!("https://{}/deskhand/orders", receiver.address),
        body: body.to_string().into(),
        headers: Vec::new(),
        signing_secrets,
        read_only: false,
        idempotent: true,
        timeout: Duration::from_secs(30),
        contact_verified: false,
        test: false,
        callback_url: None,
        earlier: None,
    };
    client.call(call, &Open).await
}

enum Secret {
    Right,
    Wrong,
}

/// A Deskhand with one action, and the receiver behind it.
struct World {
    _deskhand: Process,
    deskhand: String,
    action: String,
    receiver: Receiver,
    _certificate: Certificate,
}

impl World {
    /// Starts everything; `None` where the receiver's language is not here.
    fn start(language: Language, secret: Secret) -> Option<Self> {
        ready(language)?;
        let certificate = Certificate::make();
        // An exception has to be known when Deskhand starts, and the receiver has to know the secret
        // that Deskhand makes afterwards: so there is a door in front of the receiver.
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = door.local_addr().unwrap().to_string();
        let (deskhand, process) = serve(&certificate, &address);
        let action = request(&deskhand, "POST", "/v1/actions", &action(&address));
        let secret = match secret {
            Secret::Right => action["signing_secret"].as_str().unwrap(),
            Secret::Wrong => OTHER_SECRET,
        };
        let receiver = Receiver::start(language, &certificate, secret)?;
        lead(door, receiver.address.clone());
        Some(Self {
            _deskhand: process,
            deskhand,
            action: action["id"].as_str().unwrap().to_owned(),
            receiver,
            _certificate: certificate,
        })
    }

    fn api(&self, method: &str, path: &str, body: &Value) -> Value {
        request(&self.deskhand, method, path, body)
    }

    /// A test run of the action.
    fn test(&self, order_number: &str) -> Value {
        self.api(
            "POST",
            &format!("/v1/actions/{}/test", self.action),
            &json!({"parameters": {"order_number": order_number}}),
        )
    }
}

fn action(address: &str) -> Value {
    json!({
        "name": "check_order_status",
        "display_name": "Check order status",
        "description": "Check the status of a customer's order. Use when the customer asks where \
                        their order is. Requires the order number.",
        "webhook_url": format!("https://{address}/deskhand/orders"),
        "effect": "read",
        "parameters": {
            "type": "object",
            "properties": {
                "order_number": {
                    "type": "string",
                    "description": "Order number to look up (e.g., ORD-12345)",
                },
            },
            "required": ["order_number"],
        },
    })
}

/// Leads every connection on to `address`, for as long as the test runs.
fn lead(door: TcpListener, address: String) {
    thread::spawn(move || {
        while let Ok((near, _)) = door.accept() {
            let far = connect(&address);
            for (mut from, mut to) in [
                (near.try_clone().unwrap(), far.try_clone().unwrap()),
                (far, near),
            ] {
                thread::spawn(move || {
                    // A connection that breaks is for its two ends to notice.
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
}
