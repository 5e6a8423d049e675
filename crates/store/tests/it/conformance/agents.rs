//! Agents and what is attached to them.

use deskhand_store::StoreError;

use crate::world::*;

pub async fn read_back_as_stored(w: &World) {
    assert_eq!(w.store.agent(w.ws, w.agent.id).await.unwrap(), w.agent);
}

pub async fn changed_as_a_whole(w: &World) {
    let mut agent = w.agent.clone();
    agent.definition.fallback_contact = Some("help@example.com".to_owned());
    agent.updated_at = w.now();
    w.store.update_agent(&agent).await.unwrap();
    assert_eq!(w.store.agent(w.ws, agent.id).await.unwrap(), agent);
}

pub async fn a_deleted_one_is_out_of_sight(w: &World) {
    let running = w.running().await;
    w.store.delete_agent(w.ws, w.agent.id).await.unwrap();
    let id = w.agent.id;
    assert!(matches!(
        w.store.agent(w.ws, id).await,
        Err(StoreError::NotFound)
    ));
    let changed = w.store.update_agent(&w.agent).await;
    assert!(matches!(changed, Err(StoreError::NotFound)));
    let actions = w.store.agent_actions(w.ws, id).await;
    assert!(matches!(actions, Err(StoreError::NotFound)));
    assert!(w.store.agents(w.ws, all()).await.unwrap().rows.is_empty());
    let kept = w.store.conversation(w.ws, running.conversation.id).await;
    assert_eq!(kept.unwrap().agent_id, id);
}

async fn names(w: &World) -> Vec<String> {
    let actions = w.store.agent_actions(w.ws, w.agent.id).await.unwrap();
    actions.into_iter().map(|a| a.definition.name).collect()
}

pub async fn actions_come_in_the_order_attached(w: &World) {
    for name in ["zebra", "apple", "mango"] {
        let action = w.insert_action(name).await;
        w.attach(&action).await;
    }
    assert_eq!(
        names(w).await,
        ["check_order_status", "zebra", "apple", "mango"]
    );
}

pub async fn the_order_holds_within_one_moment(w: &World) {
    let now = w.now();
    let mut expected = names(w).await;
    for i in 0..6 {
        let action = w.insert_action(&format!("a{i}")).await;
        w.store
            .attach(w.ws, w.agent.id, action.id, 64, now)
            .await
            .unwrap();
        expected.push(action.definition.name);
    }
    assert_eq!(names(w).await, expected);
}

pub async fn attaching_again_changes_nothing(w: &World) {
    let zebra = w.insert_action("zebra").await;
    w.attach(&zebra).await;
    w.attach(&w.action).await;
    assert_eq!(names(w).await, ["check_order_status", "zebra"]);
}

pub async fn no_more_than_the_limit(w: &World) {
    let zebra = w.insert_action("zebra").await;
    let attach = |action| w.store.attach(w.ws, w.agent.id, action, 1, w.now());
    assert!(matches!(
        attach(zebra.id).await,
        Err(StoreError::Conflict(_))
    ));
    // What is attached stays so, limit or not.
    attach(w.action.id).await.unwrap();
}

pub async fn detached_once(w: &World) {
    let detach = || w.store.detach(w.ws, w.agent.id, w.action.id);
    detach().await.unwrap();
    assert!(names(w).await.is_empty());
    assert!(matches!(detach().await, Err(StoreError::NotFound)));
}

pub async fn attached_actions_are_the_current_version(w: &World) {
    let mut second = next(&w.action, w.now());
    second.definition.enabled = false;
    w.store.update_action(&second, &[]).await.unwrap();
    let actions = w.store.agent_actions(w.ws, w.agent.id).await.unwrap();
    assert_eq!(actions, [second]);
}

pub async fn what_is_deleted_cannot_be_attached(w: &World) {
    let zebra = w.insert_action("zebra").await;
    w.store.delete_action(w.ws, zebra.id).await.unwrap();
    let attached = w
        .store
        .attach(w.ws, w.agent.id, zebra.id, 64, w.now())
        .await;
    assert!(matches!(attached, Err(StoreError::NotFound)));
}

/// Whatever changes of an agent or an action is offered anew, and nothing else is.
pub async fn what_has_changed_is_offered_anew(w: &World) {
    let mut known = None;
    let mut changed = async || {
        let offer = w.store.offer(w.ws, w.agent.id, known).await.unwrap();
        known = offer.as_ref().map(|offer| offer.revision).or(known);
        offer
    };
    let first = changed().await.unwrap();
    assert_eq!(
        (&first.agent, &first.actions[..]),
        (&w.agent, &[w.action.clone()][..])
    );
    w.running().await;
    assert!(changed().await.is_none());
    let action = w.insert_action("cancel_order").await;
    assert!(changed().await.is_some());
    let now = w.now();
    w.store
        .attach(w.ws, w.agent.id, action.id, 10, now)
        .await
        .unwrap();
    assert_eq!(changed().await.unwrap().actions.len(), 2);
    let mut next = action.clone();
    next.version += 1;
    w.store.update_action(&next, &[]).await.unwrap();
    assert_eq!(changed().await.unwrap().actions[1].version, next.version);
    w.store.detach(w.ws, w.agent.id, action.id).await.unwrap();
    assert_eq!(changed().await.unwrap().actions.len(), 1);
    w.store.delete_action(w.ws, action.id).await.unwrap();
    assert!(changed().await.is_some());
    let mut renamed = w.agent.clone();
    renamed.definition.name = "Bea".to_owned();
    w.store.update_agent(&renamed).await.unwrap();
    assert_eq!(changed().await.unwrap().agent, renamed);
    w.store.delete_agent(w.ws, w.agent.id).await.unwrap();
    let gone = w.store.offer(w.ws, w.agent.id, None).await;
    assert!(matches!(gone, Err(StoreError::NotFound)));
}
