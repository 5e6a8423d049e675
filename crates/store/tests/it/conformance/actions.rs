//! Actions, their names and versions.

use deskhand_domain::invocation::InvocationStatus;
use deskhand_store::{Page, StoreError};

use crate::world::*;

pub async fn read_back_as_stored(w: &World) {
    assert_eq!(w.store.action(w.ws, w.action.id).await.unwrap(), w.action);
}

pub async fn a_name_is_unique_in_its_workspace(w: &World) {
    let twin = w.new_action("check_order_status");
    let made = w.store.insert_action(&twin, &signing("whsec_y")).await;
    assert!(matches!(made, Err(StoreError::Taken { field: "name" })));
}

pub async fn a_name_is_free_in_another_workspace(w: &World) {
    let other = w.other().await;
    assert_eq!(other.action.definition.name, w.action.definition.name);
}

pub async fn a_refused_name_leaves_nothing(w: &World) {
    let twin = w.new_action("check_order_status");
    let _ = w.store.insert_action(&twin, &signing("whsec_y")).await;
    let found = w.store.action(w.ws, twin.id).await;
    assert!(matches!(found, Err(StoreError::NotFound)));
}

pub async fn a_name_cannot_be_changed_to_a_taken_one(w: &World) {
    let cancel = w.insert_action("cancel_order").await;
    let mut renamed = next(&cancel, w.now());
    renamed.definition.name = "check_order_status".to_owned();
    let changed = w.store.update_action(&renamed, &[]).await;
    assert!(matches!(changed, Err(StoreError::Taken { field: "name" })));
    assert_eq!(w.store.action(w.ws, cancel.id).await.unwrap(), cancel);
}

pub async fn a_name_is_free_after_a_delete(w: &World) {
    w.store.delete_action(w.ws, w.action.id).await.unwrap();
    let again = w.insert_action("check_order_status").await;
    assert_eq!(w.store.action(w.ws, again.id).await.unwrap(), again);
}

pub async fn a_deleted_one_is_out_of_sight(w: &World) {
    w.store.delete_action(w.ws, w.action.id).await.unwrap();
    let id = w.action.id;
    let found = w.store.action(w.ws, id).await;
    assert!(matches!(found, Err(StoreError::NotFound)));
    let versions = w.store.action_versions(w.ws, id, all()).await;
    assert!(matches!(versions, Err(StoreError::NotFound)));
    let changed = w.store.update_action(&next(&w.action, w.now()), &[]).await;
    assert!(matches!(changed, Err(StoreError::NotFound)));
    let again = w.store.delete_action(w.ws, id).await;
    assert!(matches!(again, Err(StoreError::NotFound)));
    assert!(w.store.actions(w.ws, all()).await.unwrap().rows.is_empty());
    let attached = w.store.agent_actions(w.ws, w.agent.id).await.unwrap();
    assert!(attached.is_empty());
}

pub async fn a_change_makes_a_version(w: &World) {
    let mut second = next(&w.action, w.now());
    second.definition.description = "Another. Use when asked.".to_owned();
    w.store.update_action(&second, &[]).await.unwrap();
    assert_eq!(w.store.action(w.ws, second.id).await.unwrap(), second);
    let page = Page {
        limit: 1,
        before: None,
    };
    let newest = w
        .store
        .action_versions(w.ws, second.id, page)
        .await
        .unwrap();
    assert_eq!((newest.rows, newest.more), (vec![second.clone()], true));
    let page = Page {
        limit: 1,
        before: Some(2),
    };
    let older = w
        .store
        .action_versions(w.ws, second.id, page)
        .await
        .unwrap();
    assert_eq!((older.rows, older.more), (vec![w.action.clone()], false));
}

pub async fn a_stale_version_conflicts(w: &World) {
    let second = next(&w.action, w.now());
    w.store.update_action(&second, &[]).await.unwrap();
    let stale = w.store.update_action(&second, &[]).await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))));
    let ahead = next(&next(&second, w.now()), w.now());
    let skipped = w.store.update_action(&ahead, &[]).await;
    assert!(matches!(skipped, Err(StoreError::Conflict(_))));
}

async fn delete_refused_at(w: &World, status: InvocationStatus) {
    let running = w.running().await;
    w.call_at(&running, status, 1).await;
    let deleted = w.store.delete_action(w.ws, w.action.id).await;
    assert!(matches!(deleted, Err(StoreError::Conflict(_))));
    assert_eq!(w.store.action(w.ws, w.action.id).await.unwrap(), w.action);
}

pub async fn a_delete_is_refused_while_a_call_awaits_confirmation(w: &World) {
    delete_refused_at(w, InvocationStatus::AwaitingConfirmation).await;
}

pub async fn a_delete_is_refused_while_a_call_is_intended(w: &World) {
    delete_refused_at(w, InvocationStatus::Intended).await;
}

pub async fn a_delete_is_refused_while_a_call_is_sending(w: &World) {
    delete_refused_at(w, InvocationStatus::Sending).await;
}

pub async fn a_delete_is_refused_while_a_call_is_accepted(w: &World) {
    delete_refused_at(w, InvocationStatus::Accepted).await;
}

pub async fn a_delete_is_allowed_when_calls_are_settled(w: &World) {
    use InvocationStatus::*;
    let running = w.running().await;
    for (hash, status) in [Succeeded, Declined, Failed, Unknown]
        .into_iter()
        .enumerate()
    {
        w.call_at(&running, status, hash as u8).await;
    }
    w.store.delete_action(w.ws, w.action.id).await.unwrap();
    let calls = w.store.turn_invocations(w.ws, running.turn).await.unwrap();
    assert_eq!(calls.len(), 4);
}
