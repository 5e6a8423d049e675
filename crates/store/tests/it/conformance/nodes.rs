//! Nodes, their leases, and turns that change hands.

use deskhand_domain::id::NodeId;
use deskhand_domain::invocation::InvocationStatus;
use deskhand_store::{StoreError, TakenTurn};
use jiff::SignedDuration;

use crate::world::*;

async fn take(w: &World, node: NodeId) -> Vec<TakenTurn> {
    w.store.take_over(node, w.now(), 100).await.unwrap().turns
}

pub async fn a_turn_without_a_living_node_is_taken_over(w: &World) {
    let running = w.running().await;
    let node = w.new_node();
    let taken = take(w, node).await;
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].turn_id, running.turn);
    assert_eq!(taken[0].conversation_id, running.conversation.id);
    assert_eq!(taken[0].agent_id, Some(w.agent.id));
    assert_eq!(taken[0].started_at, running.message.created_at);
    assert_eq!(taken[0].taken_over, 1);
    assert_eq!(w.store.owned_turns(node).await.unwrap(), taken);
    assert!(w.store.owned_turns(w.node).await.unwrap().is_empty());
}

pub async fn a_turn_of_a_living_node_is_left_alone(w: &World) {
    w.alive().await;
    w.running().await;
    assert!(take(w, w.new_node()).await.is_empty());
    assert!(take(w, w.node).await.is_empty());
}

pub async fn a_lease_ends_and_can_be_renewed(w: &World) {
    w.alive().await;
    w.running().await;
    w.pass(SignedDuration::from_secs(50));
    w.alive().await;
    w.pass(SignedDuration::from_secs(50));
    assert!(take(w, w.new_node()).await.is_empty());
    w.pass(SignedDuration::from_secs(20));
    assert_eq!(take(w, w.new_node()).await.len(), 1);
}

pub async fn a_turn_is_taken_over_once(w: &World) {
    w.running().await;
    let (one, two) = (w.new_node(), w.new_node());
    let until = w.now() + SignedDuration::from_secs(60);
    w.store.renew_lease(one, w.now(), until).await.unwrap();
    assert_eq!(take(w, one).await.len(), 1);
    assert!(take(w, two).await.is_empty());
    assert!(take(w, one).await.is_empty());
}

pub async fn no_more_are_taken_than_asked_for(w: &World) {
    let first = w.running().await;
    w.running().await;
    let taken = w.store.take_over(w.new_node(), w.now(), 1).await.unwrap();
    assert_eq!(taken.turns.len(), 1);
    assert_eq!(taken.turns[0].turn_id, first.turn);
}

pub async fn a_node_that_lost_its_turn_writes_nothing_in_it(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Intended, 1).await;
    take(w, w.new_node()).await;
    let begin = w.begin(vec![(w.call(&running), 2)]);
    let begun = w.store.begin_invocations(&begin).await;
    assert!(matches!(begun, Err(StoreError::NotOwner)));
    let now = w.now();
    let marked = w
        .store
        .mark_sending(w.ws, call.id, w.node.into(), now)
        .await;
    assert!(!marked.unwrap());
    let success = outcome(InvocationStatus::Succeeded);
    assert!(!w.finish(call.id, &success).await);
    let ended = w.store.finish_turn(&w.end(&running)).await;
    assert!(matches!(ended, Err(StoreError::NotOwner)));
    let stored = w.store.invocation(w.ws, call.id).await.unwrap();
    assert_eq!(stored, call);
    let past = w.store.past_turns(w.ws, running.conversation.id, 1).await;
    assert_eq!(past.unwrap()[0].reply, None);
}

pub async fn the_new_owner_goes_on_with_it(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Intended, 1).await;
    let node = w.new_node();
    let owner = take(w, node).await[0].owner(node);
    let now = w.now();
    let marked = w.store.mark_sending(w.ws, call.id, owner, now).await;
    assert!(marked.unwrap());
    let mut begin = w.begin(vec![(w.call(&running), 2)]);
    begin.owner = owner;
    w.store.begin_invocations(&begin).await.unwrap();
    let mut end = w.end(&running);
    end.owner = owner;
    w.store.finish_turn(&end).await.unwrap();
    assert!(w.store.owned_turns(node).await.unwrap().is_empty());
}

pub async fn what_is_handed_over_is_taken_at_once(w: &World) {
    w.alive().await;
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Intended, 1).await;
    assert_eq!(w.store.leave(w.node).await.unwrap(), 1);
    let now = w.now();
    let marked = w
        .store
        .mark_sending(w.ws, call.id, w.node.into(), now)
        .await;
    assert!(!marked.unwrap());
    let ended = w.store.finish_turn(&w.end(&running)).await;
    assert!(matches!(ended, Err(StoreError::NotOwner)));
    assert_eq!(take(w, w.new_node()).await.len(), 1);
}

pub async fn a_turn_of_ones_own_is_begun_anew(w: &World) {
    w.alive().await;
    let running = w.running().await;
    let owned = w.store.owned_turns(w.node).await.unwrap().remove(0);
    let adopted = w.store.adopt_turn(w.node, &owned).await.unwrap().unwrap();
    assert_eq!(adopted.taken_over, 1);
    let elsewhere = w.store.adopt_turn(w.new_node(), &owned).await.unwrap();
    assert_eq!(elsewhere, None);
    let mut end = w.end(&running);
    end.owner = adopted.owner(w.node);
    w.store.finish_turn(&end).await.unwrap();
    assert_eq!(w.store.adopt_turn(w.node, &owned).await.unwrap(), None);
}

pub async fn a_turn_that_comes_back_is_not_its_owners_of_before(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Intended, 1).await;
    take(w, w.new_node()).await;
    let owner = take(w, w.node).await[0].owner(w.node);
    assert_eq!((owner.node, owner.hand), (w.node, 2));
    // What still runs here of the time before is refused, as though it were another node's.
    let now = w.now();
    let before = w.node.into();
    let marked = w.store.mark_sending(w.ws, call.id, before, now).await;
    assert!(!marked.unwrap());
    assert!(!w.finish(call.id, &outcome(InvocationStatus::Failed)).await);
    let begin = w.begin(vec![(w.call(&running), 2)]);
    let begun = w.store.begin_invocations(&begin).await;
    assert!(matches!(begun, Err(StoreError::NotOwner)));
    let ended = w.store.finish_turn(&w.end(&running)).await;
    assert!(matches!(ended, Err(StoreError::NotOwner)));
    let marked = w.store.mark_sending(w.ws, call.id, owner, now).await;
    assert!(marked.unwrap());
    // Handed over, it is nobody's, in whichever hand.
    w.store.leave(w.node).await.unwrap();
    let success = outcome(InvocationStatus::Succeeded);
    let late = finish(owner, &success, &[], now);
    let late = w.store.finish_invocation(w.ws, call.id, &late).await;
    assert!(!late.unwrap());
}

pub async fn a_node_that_begins_is_alive(w: &World) {
    let until = w.now() + SignedDuration::from_secs(60);
    w.store.join(w.node, w.now(), until).await.unwrap();
    w.running().await;
    assert!(take(w, w.new_node()).await.is_empty());
}
