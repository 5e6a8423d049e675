//! Who is told what, and when.

use deskhand_domain::conversation::{Mode, Speaker};
use deskhand_domain::event::{DeliveryStatus, EventType};
use deskhand_domain::invocation::{FailureCode, InvocationStatus, Outcome};
use deskhand_store::{EndpointChanges, StoreError};
use serde_json::Value;

use crate::telling::*;
use crate::world::*;

fn types(told: &[(EventType, Value)]) -> Vec<&'static str> {
    told.iter().map(|(kind, _)| kind.as_str()).collect()
}

pub async fn a_turn_is_told_from_its_beginning_to_its_end(w: &World) {
    listen(w, None).await;
    let running = w.running().await;
    let told = told(w).await;
    assert_eq!(
        types(&told),
        ["conversation.started", "conversation.message"]
    );
    let id = running.conversation.id.to_string();
    assert_eq!(told[0].1["data"]["conversation"]["id"], id);
    assert_eq!(told[1].1["data"]["conversation_id"], id);
    assert_eq!(told[1].1["data"]["agent_id"], w.agent.id.to_string());
    assert_eq!(told[1].1["data"]["message"]["role"], "customer");
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    let told = crate::telling::told(w).await;
    assert_eq!(types(&told), ["conversation.message"]);
    assert_eq!(told[0].1["data"]["message"]["text"], "Here it is.");
    w.next_turn(&running.conversation, false, "Thanks").await;
    assert_eq!(
        types(&crate::telling::told(w).await),
        ["conversation.message"]
    );
}

pub async fn what_is_said_without_a_question_is_told(w: &World) {
    listen(w, Some(vec![EventType::ConversationMessage])).await;
    let running = w.running().await;
    told(w).await;
    let say = w.say(&running.conversation, Speaker::Person, "It is done.");
    w.store.say(&say).await.unwrap();
    let told = told(w).await;
    assert_eq!(told[0].1["data"]["message"]["text"], "It is done.");
}

pub async fn a_call_is_told_with_its_outcome(w: &World) {
    listen(w, Some(vec![EventType::InvocationDeclined])).await;
    let running = w.running().await;
    w.call_at(&running, InvocationStatus::Succeeded, 1).await;
    let call = w.call_at(&running, InvocationStatus::Declined, 2).await;
    let told = told(w).await;
    assert_eq!(types(&told), ["invocation.declined"]);
    assert_eq!(told[0].1["type"], "invocation.declined");
    assert_eq!(told[0].1["data"]["invocation"]["id"], call.id.to_string());
    assert_eq!(
        told[0].1["data"]["invocation"]["error"],
        call.error.unwrap()
    );
}

pub async fn a_call_that_was_refused_is_told(w: &World) {
    listen(w, Some(vec![EventType::InvocationFailed])).await;
    let running = w.running().await;
    let mut call = w.call(&running);
    call.status = InvocationStatus::Failed;
    call.failure = Outcome::failed(FailureCode::NotVerified, "not proven").failure;
    w.record(&call, 1).await;
    let mut begin = w.begin(vec![(w.call(&running), 2)]);
    begin.budget = 0;
    w.store.begin_invocations(&begin).await.unwrap();
    let told = told(w).await;
    let codes: Vec<_> = told
        .iter()
        .map(|(_, body)| body["data"]["invocation"]["failure"]["code"].clone())
        .collect();
    assert_eq!(codes, ["not_verified", "budget_exhausted"]);
}

pub async fn a_call_is_told_once(w: &World) {
    listen(w, None).await;
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Succeeded, 1).await;
    told(w).await;
    let late = outcome(InvocationStatus::Failed);
    assert!(!w.finish(call.id, &late).await);
    assert!(told(w).await.is_empty());
}

pub async fn trials_are_told_to_nobody(w: &World) {
    listen(w, None).await;
    for mode in [Mode::Test, Mode::Mock] {
        let mut conversation = w.conversation(None);
        conversation.mode = mode;
        let running = w.next_turn(&conversation, true, "Where is it?").await;
        let mut call = w.call(&running);
        call.test = true;
        w.record(&call, 1).await;
        w.finish(call.id, &outcome(InvocationStatus::Succeeded))
            .await;
        w.store.finish_turn(&w.end(&running)).await.unwrap();
    }
    assert!(told(w).await.is_empty());
}

pub async fn what_is_taken_back_is_told_to_nobody(w: &World) {
    listen(w, Some(vec![EventType::InvocationFailed])).await;
    let running = w.running().await;
    let mut refused = w.call(&running);
    refused.status = InvocationStatus::Failed;
    refused.failure = Outcome::failed(FailureCode::NotVerified, "not proven").failure;
    let mut broken = w.call(&running);
    broken.action_version = 99;
    let begin = w.begin(vec![(refused, 1), (broken, 2)]);
    assert!(w.store.begin_invocations(&begin).await.is_err());
    assert!(told(w).await.is_empty());
}

pub async fn each_endpoint_gets_what_it_wants(w: &World) {
    let started = vec![EventType::ConversationStarted];
    let all = listen(w, None).await;
    let few = listen(w, Some(started)).await;
    let none = listen(w, Some(vec![EventType::EndpointDisabled])).await;
    w.running().await;
    let ids = async |id| deliveries(w, id).await.len();
    assert_eq!(ids(all).await, 2);
    assert_eq!(ids(few).await, 1);
    assert_eq!(ids(none).await, 0);
    // One event, told to two.
    let (a, b) = (deliveries(w, all).await, deliveries(w, few).await);
    assert!(a.iter().any(|one| one.event_id == b[0].event_id));
}

pub async fn an_endpoint_hears_of_what_comes_after_it(w: &World) {
    let running = w.running().await;
    let id = listen(w, None).await;
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    assert_eq!(deliveries(w, id).await.len(), 1);
}

pub async fn one_that_is_off_hears_nothing_and_what_was_under_way_ends(w: &World) {
    let id = listen(w, None).await;
    let running = w.running().await;
    change(w, id, |changes| changes.enabled = Some(false)).await;
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    let sent = deliveries(w, id).await;
    assert_eq!(sent.len(), 2);
    for one in sent {
        assert_eq!(one.status, DeliveryStatus::Failed);
        assert_eq!(one.last_error.unwrap(), "The endpoint was disabled.");
        assert!(one.next_attempt_at.is_none() && one.finished_at.is_some());
    }
    assert!(told(w).await.is_empty());
}

pub async fn a_removed_one_is_out_of_sight_with_its_deliveries(w: &World) {
    let id = listen(w, None).await;
    w.running().await;
    let delivery = deliveries(w, id).await.remove(0);
    w.store.delete_endpoint(w.ws, id, w.now()).await.unwrap();
    for gone in [
        w.store.endpoint(w.ws, id).await.err(),
        w.store.delivery(w.ws, delivery.id).await.err(),
        w.store.delete_endpoint(w.ws, id, w.now()).await.err(),
        w.store.endpoint_secrets(w.ws, id, w.now()).await.err(),
        w.store.deliver_test(w.ws, id, w.now()).await.err(),
    ] {
        assert!(matches!(gone, Some(StoreError::NotFound)), "{gone:?}");
    }
    assert!(told(w).await.is_empty());
    let listed = w.store.endpoints(w.ws, all()).await.unwrap();
    assert!(listed.rows.is_empty());
}

pub async fn it_changes_in_what_is_given(w: &World) {
    let id = listen(w, None).await;
    let before = w.store.endpoint(w.ws, id).await.unwrap();
    let wanted = Some(vec![EventType::EndpointDisabled]);
    let after = change(w, id, |changes| changes.types = Some(wanted.clone())).await;
    assert_eq!(after.types, wanted);
    assert_eq!(
        (&after.url, &after.description),
        (&before.url, &before.description)
    );
    assert!(after.updated_at > before.updated_at);
    assert_eq!(w.store.endpoint(w.ws, id).await.unwrap(), after);
    assert_eq!(change(w, id, |_| {}).await, after);
    let after = change(w, id, |changes| {
        *changes = EndpointChanges {
            url: Some("https://new.example.com/".to_owned()),
            types: Some(None),
            description: Some("CRM".to_owned()),
            enabled: Some(false),
        };
    })
    .await;
    assert_eq!(w.store.endpoint(w.ws, id).await.unwrap(), after);
    assert_eq!((after.types, after.enabled), (None, false));
}

pub async fn there_are_no_more_than_the_limit(w: &World) {
    let first = listen(w, None).await;
    let second = new_endpoint(w, None);
    let secret = secret("whsec_b");
    let refused = w.store.insert_endpoint(&second, &secret, 1).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))));
    w.store.delete_endpoint(w.ws, first, w.now()).await.unwrap();
    w.store.insert_endpoint(&second, &secret, 1).await.unwrap();
}

pub async fn its_secret_is_rotated_as_an_actions(w: &World) {
    let id = listen(w, None).await;
    let live = async |at| {
        let secrets = w.store.endpoint_secrets(w.ws, id, at).await.unwrap();
        secrets
            .iter()
            .map(|secret| secret.expose().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(live(w.now()).await, ["whsec_a"]);
    let now = w.now();
    let until = now + jiff::SignedDuration::from_hours(1);
    w.store
        .rotate_endpoint_secret(w.ws, id, &secret("whsec_b"), now, until)
        .await
        .unwrap();
    assert_eq!(live(now).await, ["whsec_b", "whsec_a"]);
    assert_eq!(live(until).await, ["whsec_b"]);
}

pub async fn those_of_another_workspace_are_not_there(w: &World) {
    let other = w.other().await;
    let id = listen(w, None).await;
    w.running().await;
    let delivery = deliveries(w, id).await.remove(0).id;
    let (ws, now) = (other.ws, w.now());
    let changes = EndpointChanges::default();
    for gone in [
        w.store.endpoint(ws, id).await.err(),
        w.store.change_endpoint(ws, id, &changes, now).await.err(),
        w.store.delete_endpoint(ws, id, now).await.err(),
        w.store
            .rotate_endpoint_secret(ws, id, &secret("whsec_c"), now, now)
            .await
            .err(),
        w.store.endpoint_secrets(ws, id, now).await.err(),
        w.store.deliver_test(ws, id, now).await.err(),
        w.store.deliveries(ws, id, None, all()).await.err(),
        w.store.delivery(ws, delivery).await.err(),
        w.store.delivery_attempts(ws, delivery).await.err(),
        w.store.deliver_again(ws, delivery, now).await.err(),
    ] {
        assert!(matches!(gone, Some(StoreError::NotFound)), "{gone:?}");
    }
    assert!(w.store.endpoints(ws, all()).await.unwrap().rows.is_empty());
    // What happens there is not told here.
    listen(&other, None).await;
    other.running().await;
    assert_eq!(deliveries(w, id).await.len(), 2);
}
