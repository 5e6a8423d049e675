//! How events get where they are to go.

use deskhand_domain::event::{DeliveryStatus, DisabledReason, EventType};
use deskhand_domain::limits::EVENTS_KEPT;
use deskhand_store::CameTo;
use jiff::SignedDuration;

use crate::telling::*;
use crate::world::*;

pub async fn claimed_by_one_until_the_claim_ends(w: &World) {
    let id = listen(w, Some(vec![EventType::ConversationStarted])).await;
    w.running().await;
    let first = claim(w, 10).await;
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].delivery, deliveries(w, id).await[0]);
    assert_eq!(first[0].url, URL);
    assert!(claim(w, 10).await.is_empty());
    w.pass(CLAIM);
    let second = claim(w, 10).await;
    assert_eq!(second[0].delivery.id, first[0].delivery.id);
    // Whoever was too slow says nothing any more; that it tried is kept.
    assert!(!end(w, &first[0], CameTo::Delivered, 200).await);
    assert_eq!(deliveries(w, id).await[0].status, DeliveryStatus::Pending);
    assert!(end(w, &second[0], CameTo::Delivered, 200).await);
    let attempts = w.store.delivery_attempts(w.ws, first[0].delivery.id).await;
    assert_eq!(attempts.unwrap().len(), 2);
}

pub async fn of_many_claims_at_once_each_delivery_has_one(w: &World) {
    for _ in 0..6 {
        listen(w, Some(vec![EventType::ConversationStarted])).await;
    }
    w.running().await;
    let claims = futures_util::future::join_all((0..8).map(|_| claim(w, 10))).await;
    let mut ids: Vec<_> = claims.iter().flatten().map(|one| one.delivery.id).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((all, ids.len()), (6, 6));
}

pub async fn a_slow_endpoint_leaves_room_for_others(w: &World) {
    let slow = listen(w, None).await;
    for _ in 0..4 {
        w.running().await;
    }
    let busy = claim(w, 10).await;
    assert_eq!(busy.len(), PER_ENDPOINT as usize);
    let other = listen(w, Some(vec![EventType::ConversationStarted])).await;
    w.running().await;
    let more = claim(w, 10).await;
    assert_eq!(more.len(), 1);
    assert_eq!(more[0].delivery.endpoint_id, other);
    assert!(busy.iter().all(|one| one.delivery.endpoint_id == slow));
}

pub async fn one_that_fails_is_tried_one_at_a_time_and_last(w: &World) {
    let failing = listen(w, None).await;
    w.running().await;
    let first = claim(w, 1).await.remove(0);
    let at = w.now() + SignedDuration::from_hours(1);
    end(w, &first, CameTo::Again { at }, 500).await;
    let healthy = listen(w, Some(vec![EventType::ConversationStarted])).await;
    w.running().await;
    let next = claim(w, 10).await;
    let whose: Vec<_> = next.iter().map(|one| one.delivery.endpoint_id).collect();
    assert_eq!(whose, [healthy, failing]);
    assert!(claim(w, 10).await.is_empty());
}

pub async fn tried_again_when_its_time_has_come(w: &World) {
    let id = listen(w, Some(vec![EventType::ConversationStarted])).await;
    w.running().await;
    let first = claim(w, 10).await.remove(0);
    let at = w.now() + SignedDuration::from_secs(300);
    assert!(end(w, &first, CameTo::Again { at }, 503).await);
    let waiting = deliveries(w, id).await.remove(0);
    assert_eq!(waiting.status, DeliveryStatus::Pending);
    assert_eq!(waiting.next_attempt_at, Some(at));
    assert_eq!((waiting.attempts_made, waiting.http_status), (1, Some(503)));
    assert_eq!(waiting.last_error.as_deref(), Some("no luck"));
    assert!(claim(w, 10).await.is_empty());
    w.pass(SignedDuration::from_secs(300));
    let second = claim(w, 10).await.remove(0);
    assert!(end(w, &second, CameTo::Delivered, 204).await);
    let done = deliveries(w, id).await.remove(0);
    assert_eq!(done.status, DeliveryStatus::Delivered);
    assert_eq!((done.attempts_made, done.http_status), (2, Some(204)));
    assert_eq!((done.last_error, done.next_attempt_at), (None, None));
    assert!(done.finished_at.is_some());
    w.pass(SignedDuration::from_hours(100));
    assert!(claim(w, 10).await.is_empty());
}

pub async fn an_endpoint_that_is_gone_is_disabled_and_the_others_hear_of_it(w: &World) {
    let gone = listen(w, None).await;
    let other = listen(w, Some(vec![EventType::EndpointDisabled])).await;
    w.running().await;
    let sent = claim(w, 1).await.remove(0);
    assert!(end(w, &sent, CameTo::Gone, 410).await);
    let endpoint = w.store.endpoint(w.ws, gone).await.unwrap();
    assert!(!endpoint.enabled);
    assert_eq!(endpoint.disabled.unwrap().reason, DisabledReason::Gone);
    for one in deliveries(w, gone).await {
        assert_eq!(one.status, DeliveryStatus::Failed);
    }
    let told = told(w).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["data"]["endpoint"]["id"], gone.to_string());
    assert_eq!(told[0].1["data"]["endpoint"]["disabled"]["reason"], "gone");
    assert_eq!(deliveries(w, other).await.len(), 1);
    let back = change(w, gone, |changes| changes.enabled = Some(true)).await;
    assert_eq!((back.enabled, back.disabled), (true, None));
}

pub async fn five_days_of_nothing_but_failure_disable(w: &World) {
    let id = listen(w, Some(vec![EventType::ConversationStarted])).await;
    let fail = async || {
        w.running().await;
        let sent = claim(w, 10).await.remove(0);
        end(w, &sent, CameTo::GivenUp, 500).await;
        w.store.endpoint(w.ws, id).await.unwrap().enabled
    };
    assert!(fail().await);
    w.pass(SignedDuration::from_hours(5 * 24 - 1));
    assert!(fail().await);
    w.pass(SignedDuration::from_hours(1));
    assert!(!fail().await);
    let endpoint = w.store.endpoint(w.ws, id).await.unwrap();
    let disabled = endpoint.disabled.unwrap();
    assert_eq!(disabled.reason, DisabledReason::Failing);
    assert!(disabled.detail.contains("no luck"), "{}", disabled.detail);
    // Enabled again, it has its five days anew.
    change(w, id, |changes| changes.enabled = Some(true)).await;
    assert!(fail().await);
}

pub async fn one_success_in_five_days_is_enough(w: &World) {
    let id = listen(w, Some(vec![EventType::ConversationStarted])).await;
    for (came_to, status) in [
        (CameTo::GivenUp, 500),
        (CameTo::Delivered, 200),
        (CameTo::GivenUp, 500),
    ] {
        w.running().await;
        let sent = claim(w, 10).await.remove(0);
        end(w, &sent, came_to, status).await;
        w.pass(SignedDuration::from_hours(4 * 24));
    }
    assert!(w.store.endpoint(w.ws, id).await.unwrap().enabled);
}

pub async fn a_trial_by_hand_says_nothing_of_the_endpoint(w: &World) {
    let id = listen(w, Some(Vec::new())).await;
    let test = w.store.deliver_test(w.ws, id, w.now()).await.unwrap();
    assert_eq!(test.r#type, EventType::EndpointTest);
    let sent = claim(w, 10).await.remove(0);
    assert_eq!(sent.delivery.id, test.id);
    end(w, &sent, CameTo::Gone, 410).await;
    assert!(w.store.endpoint(w.ws, id).await.unwrap().enabled);
    let ended = w.store.delivery(w.ws, test.id).await.unwrap();
    assert_eq!(ended.status, DeliveryStatus::Failed);
}

pub async fn delivered_again_it_is_the_same_event(w: &World) {
    let id = listen(w, Some(vec![EventType::ConversationStarted])).await;
    w.running().await;
    let first = claim(w, 10).await.remove(0);
    end(w, &first, CameTo::GivenUp, 500).await;
    let again = w
        .store
        .deliver_again(w.ws, first.delivery.id, w.now())
        .await;
    let again = again.unwrap();
    assert_ne!(again.id, first.delivery.id);
    assert_eq!(again.event_id, first.delivery.event_id);
    let second = claim(w, 10).await.remove(0);
    assert_eq!(second.body, first.body);
    let failed = Some(DeliveryStatus::Failed);
    let listed = w.store.deliveries(w.ws, id, failed, all()).await.unwrap();
    assert_eq!(listed.rows.len(), 1);
    assert_eq!(listed.rows[0].id, first.delivery.id);
}

pub async fn forgotten_after_their_time_a_little_at_once(w: &World) {
    let id = listen(w, Some(vec![EventType::ConversationStarted])).await;
    for _ in 0..3 {
        w.running().await;
        let sent = claim(w, 10).await.remove(0);
        end(w, &sent, CameTo::Delivered, 200).await;
    }
    w.pass(SignedDuration::from_hours(1));
    w.running().await;
    let kept = SignedDuration::try_from(EVENTS_KEPT).unwrap();
    w.pass(kept - SignedDuration::from_mins(30));
    let before = w.now() - kept;
    let forget = async || w.store.forget_events(before, 2).await.unwrap();
    assert_eq!(forget().await, 2);
    assert_eq!(deliveries(w, id).await.len(), 2);
    // The third, and the events of all three.
    assert_eq!(forget().await, 2);
    assert_eq!(forget().await, 2);
    assert_eq!(forget().await, 0);
    assert_eq!(deliveries(w, id).await.len(), 1);
    assert_eq!(claim(w, 10).await.len(), 1);
}
