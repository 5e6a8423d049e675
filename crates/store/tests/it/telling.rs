//! Endpoints that listen, and what they are told.

use deskhand_domain::event::{Delivery, EventEndpoint, EventType};
use deskhand_domain::id::EndpointId;
use deskhand_domain::invocation::{FailureCode, Outcome};
use deskhand_domain::secret::Secret;
use deskhand_store::{CameTo, ClaimDeliveries, ClaimedDelivery, EndpointChanges, FinishDelivery};
use jiff::SignedDuration;
use serde_json::Value;

use crate::world::*;

pub const URL: &str = "https://crm.example.com/events";
pub const CLAIM: SignedDuration = SignedDuration::from_secs(60);
pub const PER_ENDPOINT: u32 = 4;

pub fn secret(text: &str) -> Secret {
    Secret::new(text)
}

pub fn new_endpoint(w: &World, types: Option<Vec<EventType>>) -> EventEndpoint {
    let now = w.now();
    EventEndpoint {
        id: EndpointId::new(now, &w.entropy),
        workspace_id: w.ws,
        url: URL.to_owned(),
        types,
        description: String::new(),
        enabled: true,
        disabled: None,
        created_at: now,
        updated_at: now,
    }
}

/// Makes an endpoint that listens to events of these types.
pub async fn listen(w: &World, types: Option<Vec<EventType>>) -> EndpointId {
    let endpoint = new_endpoint(w, types);
    let secret = secret("whsec_a");
    let made = w.store.insert_endpoint(&endpoint, &secret, 20);
    made.await.unwrap();
    assert_eq!(w.store.endpoint(w.ws, endpoint.id).await.unwrap(), endpoint);
    endpoint.id
}

pub async fn change(
    w: &World,
    id: EndpointId,
    change: impl FnOnce(&mut EndpointChanges),
) -> EventEndpoint {
    let mut changes = EndpointChanges::default();
    change(&mut changes);
    let changed = w.store.change_endpoint(w.ws, id, &changes, w.now());
    changed.await.unwrap()
}

/// The newest first.
pub async fn deliveries(w: &World, id: EndpointId) -> Vec<Delivery> {
    let listed = w.store.deliveries(w.ws, id, None, all()).await;
    listed.unwrap().rows
}

pub async fn claim(w: &World, most: u32) -> Vec<ClaimedDelivery> {
    let now = w.now();
    let claim = ClaimDeliveries {
        most,
        per_endpoint: PER_ENDPOINT,
        now,
        until: now + CLAIM,
    };
    w.store.claim_deliveries(&claim).await.unwrap()
}

/// What has been enqueued, in the order of the events; taken as delivered.
pub async fn told(w: &World) -> Vec<(EventType, Value)> {
    let mut told = Vec::new();
    loop {
        let claimed = claim(w, 100).await;
        if claimed.is_empty() {
            break;
        }
        for one in claimed {
            assert!(end(w, &one, CameTo::Delivered, 200).await);
            let body = serde_json::from_str(&one.body).unwrap();
            told.push((one.delivery.r#type, body));
        }
    }
    told.sort_by_key(|(kind, body): &(EventType, Value)| {
        let at = body["timestamp"].as_str().unwrap().to_owned();
        (at, *kind != EventType::ConversationStarted)
    });
    told
}

/// Ends an attempt that was answered with this status.
pub async fn end(w: &World, claimed: &ClaimedDelivery, came_to: CameTo, status: u16) -> bool {
    let mut attempt = w.attempt(claimed.delivery.attempts_made + 1);
    if let Some(response) = &mut attempt.response {
        response.status = status;
    }
    if came_to != CameTo::Delivered {
        attempt.failure = Outcome::failed(FailureCode::HttpError, "no luck").failure;
    }
    let finish = FinishDelivery {
        workspace_id: claimed.delivery.workspace_id,
        id: claimed.delivery.id,
        claim: claimed.claim.clone(),
        attempt,
        came_to,
        at: w.now(),
    };
    w.store.finish_delivery(&finish).await.unwrap()
}
