//! Another workspace's rows are not there. Every method that names a row is tried with one.

use deskhand_domain::invocation::InvocationStatus;
use deskhand_domain::secret::Secret;
use deskhand_store::{AccountChanges, Claimed, ConversationFilter, InvocationFilter, StoreError};

use super::accounts;
use crate::world::*;

macro_rules! not_found {
    ($call:expr) => {{
        let answer = $call.await;
        assert!(matches!(answer, Err(StoreError::NotFound)), "{answer:?}");
    }};
}

pub async fn keys_are_not_found(w: &World) {
    let other = w.other().await;
    let key = w.new_key();
    w.store.insert_key(&key, [1; 32]).await.unwrap();
    not_found!(w.store.delete_key(other.ws, key.id, w.now()));
    assert!(w.store.keys(other.ws, all()).await.unwrap().rows.is_empty());
    assert!(w.store.key_by_hash([1; 32]).await.unwrap().is_some());
}

pub async fn people_are_not_found(w: &World) {
    let other = w.other().await;
    let ada = accounts::first(w, 1).await;
    accounts::joined(w, "bob@example.com", 2).await;
    let (user, session) = (ada.user.id, ada.session.id);
    not_found!(w.store.credentials(other.ws, user));
    let changes = AccountChanges::default();
    not_found!(w.store.update_account(other.ws, user, &changes));
    not_found!(w.store.delete_member(other.ws, user));
    let begun = accounts::session(w, 3);
    not_found!(w.store.insert_session(other.ws, user, &begun));
    not_found!(w.store.delete_session(other.ws, user, session));
    let now = w.now();
    not_found!(w.store.insert_sign_in_link(other.ws, user, [4; 32], now));
    w.store
        .touch_session(other.ws, session, now, now)
        .await
        .unwrap();
    let own = w.store.session_by_hash([1; 32], now).await.unwrap();
    assert_eq!(own, Some(ada));
    let members = w.store.members(other.ws, all()).await.unwrap();
    let sessions = w.store.sessions(other.ws, user, now, all()).await.unwrap();
    let invitations = w.store.invitations(other.ws, all()).await.unwrap();
    assert_eq!((members.rows.len(), sessions.rows.len()), (0, 0));
    assert!(invitations.rows.is_empty());
}

pub async fn claims_are_not_found(w: &World) {
    let other = w.other().await;
    let key = w.claim_key("k", 1);
    let Claimed::Fresh(id) = w.store.claim(&key).await.unwrap() else {
        panic!("a new key is fresh");
    };
    let answer = answer(201);
    let settled = w
        .store
        .settle_claim(other.ws, &id, &answer, key.keep_until)
        .await;
    assert!(matches!(settled, Err(StoreError::ClaimLost)));
    w.store.release_claim(other.ws, &id).await.unwrap();
    let mut begin = w.turn(&w.conversation(None), true, "hi");
    begin.claim = Some(id);
    begin.conversation.workspace_id = other.ws;
    begin.conversation.agent_id = other.agent.id;
    let begun = other.store.begin_turn(&begin).await;
    assert!(matches!(begun, Err(StoreError::ClaimLost)));
    let again = w.store.claim(&w.claim_key("k", 1)).await.unwrap();
    assert_eq!(again, Claimed::Running(None));
}

pub async fn agents_are_not_found(w: &World) {
    let other = w.other().await;
    let id = w.agent.id;
    let mut moved = w.agent.clone();
    moved.workspace_id = other.ws;
    not_found!(w.store.agent(other.ws, id));
    not_found!(w.store.update_agent(&moved));
    not_found!(w.store.delete_agent(other.ws, id));
    not_found!(w.store.agent_actions(other.ws, id));
    let listed = w.store.agents(other.ws, all()).await.unwrap().rows;
    assert_eq!(listed, std::slice::from_ref(&other.agent));
    assert_eq!(w.store.agent(w.ws, id).await.unwrap(), w.agent);
}

pub async fn actions_are_not_found(w: &World) {
    let other = w.other().await;
    let id = w.action.id;
    let mut moved = next(&w.action, w.now());
    moved.workspace_id = other.ws;
    not_found!(w.store.action(other.ws, id));
    not_found!(w.store.update_action(&moved, &[]));
    not_found!(w.store.delete_action(other.ws, id));
    not_found!(w.store.action_versions(other.ws, id, all()));
    not_found!(w.store.action_secrets(other.ws, id, w.now()));
    let (secret, now) = (Secret::new("whsec_z"), w.now());
    not_found!(
        w.store
            .rotate_signing_secret(other.ws, id, &secret, now, now)
    );
    let listed = w.store.actions(other.ws, all()).await.unwrap().rows;
    assert_eq!(listed, std::slice::from_ref(&other.action));
    assert_eq!(w.store.action(w.ws, id).await.unwrap(), w.action);
}

pub async fn attaching_finds_neither_side(w: &World) {
    let other = w.other().await;
    let (mine, theirs) = (w.action.id, other.action.id);
    not_found!(w.store.attach(w.ws, w.agent.id, theirs, 64, w.now()));
    not_found!(w.store.attach(w.ws, other.agent.id, mine, 64, w.now()));
    not_found!(w.store.attach(other.ws, w.agent.id, mine, 64, w.now()));
    not_found!(w.store.detach(other.ws, w.agent.id, mine));
}

pub async fn conversations_are_not_found(w: &World) {
    let other = w.other().await;
    let running = w.running().await;
    let id = running.conversation.id;
    not_found!(w.store.conversation(other.ws, id));
    not_found!(w.store.past_turns(other.ws, id, 5));
    not_found!(w.store.turns(other.ws, id, 5));
    not_found!(w.store.turn(other.ws, running.turn));
    let filter = ConversationFilter::default();
    let listed = w.store.conversations(other.ws, &filter, all()).await;
    assert!(listed.unwrap().rows.is_empty());
}

pub async fn turns_are_not_found(w: &World) {
    let other = w.other().await;
    let running = w.running().await;
    let mut end = w.end(&running);
    end.workspace_id = other.ws;
    not_found!(w.store.finish_turn(&end));
    not_found!(w.store.turn_invocations(other.ws, running.turn));
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    let mut begin = w.turn(&running.conversation, false, "hi");
    begin.conversation.workspace_id = other.ws;
    not_found!(w.store.begin_turn(&begin));
}

pub async fn a_conversation_with_a_foreign_agent_is_not_made(w: &World) {
    let other = w.other().await;
    let mut begin = w.turn(&w.conversation(None), true, "hi");
    begin.conversation.agent_id = other.agent.id;
    not_found!(w.store.begin_turn(&begin));
}

pub async fn invocations_are_not_found(w: &World) {
    let other = w.other().await;
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Intended, 1).await;
    let done = outcome(InvocationStatus::Succeeded);
    not_found!(w.store.invocation(other.ws, call.id));
    not_found!(w.store.attempts(other.ws, call.id));
    not_found!(
        w.store
            .mark_sending(other.ws, call.id, w.node.into(), w.now())
    );
    not_found!(w.store.finish_invocation(
        other.ws,
        call.id,
        &finish(w.node, &done, &[w.attempt(1)], w.now())
    ));
    let filter = InvocationFilter {
        agent_id: Some(w.agent.id),
        conversation_id: Some(running.conversation.id),
        ..InvocationFilter::default()
    };
    let listed = w.store.invocations(other.ws, &filter, all()).await.unwrap();
    assert!(listed.rows.is_empty());
    assert_eq!(w.store.invocation(w.ws, call.id).await.unwrap(), call);
}

pub async fn an_invocation_of_foreign_things_is_not_recorded(w: &World) {
    let other = w.other().await;
    let (mine, theirs) = (w.running().await, other.running().await);
    let call = w.call(&mine);
    let mut cases = vec![call.clone(); 4];
    cases[0].action_id = other.action.id;
    cases[1].agent_id = Some(other.agent.id);
    cases[2].conversation_id = Some(theirs.conversation.id);
    cases[3].turn_id = Some(theirs.turn);
    for case in cases {
        not_found!(w.store.begin_invocations(&w.begin(vec![(case, 1)])));
    }
    let mut begin = w.begin(vec![(call, 1)]);
    begin.workspace_id = other.ws;
    not_found!(w.store.begin_invocations(&begin));
}
