//! What a stopped server left behind.

use deskhand_domain::conversation::{StopReason, TurnStatus};
use deskhand_domain::invocation::{FailureCode, Invocation, InvocationStatus};
use deskhand_store::TakenOver;

use crate::world::*;

async fn settled(w: &World, call: &Invocation) -> Invocation {
    w.abandoned().await;
    w.store.invocation(w.ws, call.id).await.unwrap()
}

pub async fn intended_has_failed(w: &World) {
    let call = w
        .call_at(&w.running().await, InvocationStatus::Intended, 1)
        .await;
    let after = settled(w, &call).await;
    assert_eq!(after.status, InvocationStatus::Failed);
    assert_eq!(
        after.failure.as_ref().unwrap().code,
        FailureCode::Interrupted
    );
    assert!(after.provably_unsent() && after.finished_at.is_some());
}

pub async fn sending_is_unknown(w: &World) {
    let call = w
        .call_at(&w.running().await, InvocationStatus::Sending, 1)
        .await;
    let after = settled(w, &call).await;
    assert_eq!(after.status, InvocationStatus::Unknown);
    assert_eq!(
        after.failure.as_ref().unwrap().code,
        FailureCode::Interrupted
    );
    assert_eq!(after.sent_at, call.sent_at);
}

pub async fn a_look_up_that_was_sending_has_failed(w: &World) {
    let mut second = next(&w.action, w.now());
    look_up(&mut second);
    w.store.update_action(&second, &[]).await.unwrap();
    let running = w.running().await;
    let mut call = w.call(&running);
    call.action_version = 2;
    w.record(&call, 1).await;
    w.store
        .mark_sending(w.ws, call.id, w.node.into(), w.now())
        .await
        .unwrap();
    // The version that was called counts, not the one that is current.
    let older = w.call_at(&running, InvocationStatus::Sending, 2).await;
    assert_eq!(settled(w, &call).await.status, InvocationStatus::Failed);
    let older = w.store.invocation(w.ws, older.id).await.unwrap();
    assert_eq!(older.status, InvocationStatus::Unknown);
}

pub async fn what_was_settled_or_waits_stands(w: &World) {
    use InvocationStatus::*;
    for status in [AwaitingConfirmation, Succeeded, Unknown, Accepted] {
        let call = w.call_at(&w.running().await, status, 1).await;
        assert_eq!(settled(w, &call).await, call);
    }
}

pub async fn a_running_turn_ends_with_the_apology(w: &World) {
    let running = w.running().await;
    w.abandoned().await;
    let id = running.conversation.id;
    let turn = w.store.turns(w.ws, id, 1).await.unwrap().remove(0);
    assert_eq!(turn.status, TurnStatus::Failed);
    assert_eq!(turn.stop_reason, Some(StopReason::Interrupted));
    assert!(turn.finished_at.is_some());
    let past = w.store.past_turns(w.ws, id, 1).await.unwrap().remove(0);
    assert_eq!(past.reply.unwrap().text, "Sorry.");
    w.next_turn(&running.conversation, false, "Hello again")
        .await;
}

pub async fn a_turn_whose_call_may_have_gone_through_does_not_say_that_it_did_not(w: &World) {
    let running = w.running().await;
    w.call_at(&running, InvocationStatus::Sending, 1).await;
    w.abandoned().await;
    let past = w
        .store
        .past_turns(w.ws, running.conversation.id, 1)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(past.reply.unwrap().text, "Who knows.");
}

pub async fn every_workspace_is_looked_through_once(w: &World) {
    let other = w.other().await;
    let (mine, theirs) = (w.running().await, other.running().await);
    w.call_at(&mine, InvocationStatus::Sending, 1).await;
    other.call_at(&theirs, InvocationStatus::Intended, 1).await;
    w.call_at(&mine, InvocationStatus::Succeeded, 2).await;
    assert_eq!(w.abandoned().await.turns.len(), 2);
    assert_eq!(w.abandoned().await, TakenOver::default());
}

pub async fn a_trial_of_a_node_that_is_gone_is_settled(w: &World) {
    let (intended, sending) = (w.trial().await, w.trial().await);
    let now = w.now();
    w.store
        .mark_sending(w.ws, sending.id, w.node.into(), now)
        .await
        .unwrap();
    assert_eq!(w.abandoned().await.settled, 2);
    let status = async |id| w.store.invocation(w.ws, id).await.unwrap().status;
    assert_eq!(status(intended.id).await, InvocationStatus::Failed);
    assert_eq!(status(sending.id).await, InvocationStatus::Unknown);
}

pub async fn a_trial_of_a_living_node_is_not(w: &World) {
    w.alive().await;
    let trial = w.trial().await;
    assert_eq!(w.abandoned().await, TakenOver::default());
    let after = w.store.invocation(w.ws, trial.id).await.unwrap();
    assert_eq!(after.status, InvocationStatus::Intended);
}

pub async fn a_call_left_in_flight_by_a_turn_that_ended_is_settled(w: &World) {
    w.alive().await;
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Sending, 1).await;
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    assert_eq!(settled(w, &call).await.status, InvocationStatus::Unknown);
}
