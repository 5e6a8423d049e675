//! Things asked for at the same time, of which only so many may be granted.

use deskhand_domain::account::Email;
use deskhand_domain::agent::Agent;
use deskhand_domain::id::MessageId;
use deskhand_domain::invocation::InvocationStatus;
use deskhand_domain::workspace::{ApiKey, Scope};
use deskhand_store::{AccountChanges, Begun, StoreError};
use futures_util::future::join_all;

use super::accounts;
use crate::world::*;

/// How many are at it at once.
const MANY: u8 = 30;

pub async fn one_turn_begins(w: &World) {
    let conversation = w.conversation(None);
    let first = w.next_turn(&conversation, true, "Hello").await;
    w.store.finish_turn(&w.end(&first)).await.unwrap();
    let turns: Vec<_> = (0..MANY)
        .map(|_| w.turn(&conversation, false, "And?"))
        .collect();
    let begun = join_all(turns.iter().map(|turn| w.store.begin_turn(turn))).await;
    assert_eq!(begun.iter().filter(|done| done.is_ok()).count(), 1);
    for refused in begun.iter().filter_map(|done| done.as_ref().err()) {
        assert!(!matches!(refused, StoreError::Database(_)), "{refused}");
    }
    assert_eq!(
        w.store
            .turns(w.ws, conversation.id, 50)
            .await
            .unwrap()
            .len(),
        2
    );
}

pub async fn one_new_conversation_is_made(w: &World) {
    let turn = w.turn(&w.conversation(None), true, "Hello");
    let turns: Vec<_> = (0..MANY)
        .map(|_| {
            let mut turn = turn.clone();
            turn.message.id = MessageId::new(w.now(), &w.entropy);
            turn
        })
        .collect();
    let begun = join_all(turns.iter().map(|turn| w.store.begin_turn(turn))).await;
    assert_eq!(begun.iter().filter(|done| done.is_ok()).count(), 1);
}

pub async fn one_admin_key_stays(w: &World) {
    let keys: Vec<_> = (0..MANY)
        .map(|_| ApiKey {
            scope: Scope::Admin,
            agent_id: None,
            expires_at: None,
            ..w.new_key()
        })
        .collect();
    for (n, key) in (1..).zip(&keys) {
        w.store.insert_key(key, [n; 32]).await.unwrap();
    }
    let now = w.now();
    let gone = join_all(keys.iter().map(|k| w.store.delete_key(w.ws, k.id, now))).await;
    let stayed = gone.iter().filter(|gone| gone.is_err()).count();
    assert_eq!(stayed, 1);
    assert_eq!(w.store.keys(w.ws, all()).await.unwrap().rows.len(), 1);
}

pub async fn no_more_are_attached_than_may_be(w: &World) {
    let agent: Agent = w.new_agent();
    w.store.insert_agent(&agent).await.unwrap();
    let mut actions = Vec::new();
    for n in 0..10 {
        actions.push(w.insert_action(&format!("action_{n}")).await);
    }
    let now = w.now();
    let attach = actions
        .iter()
        .map(|action| w.store.attach(w.ws, agent.id, action.id, 3, now));
    let attached = join_all(attach).await;
    assert_eq!(attached.iter().filter(|done| done.is_ok()).count(), 3);
    let there = w.store.agent_actions(w.ws, agent.id).await.unwrap();
    assert_eq!(there.len(), 3);
}

pub async fn one_change_of_an_action_follows_on_each(w: &World) {
    let mut next = w.action.clone();
    next.version = 2;
    let changes = join_all((0..MANY).map(|_| w.store.update_action(&next, &[]))).await;
    assert_eq!(changes.iter().filter(|done| done.is_ok()).count(), 1);
}

pub async fn identical_calls_are_one(w: &World) {
    let running = w.running().await;
    let begins: Vec<_> = (0..MANY)
        .map(|_| w.begin(vec![(w.call(&running), 7)]))
        .collect();
    let begun = join_all(begins.iter().map(|b| w.store.begin_invocations(b))).await;
    let recorded = begun
        .iter()
        .filter(|begun| matches!(begun.as_deref(), Ok([Begun::Recorded])))
        .count();
    assert_eq!(recorded, 1);
    let calls = w.store.turn_invocations(w.ws, running.turn).await.unwrap();
    assert_eq!(calls.len(), 1);
}

pub async fn a_call_comes_to_one_end(w: &World) {
    let running = w.running().await;
    let call = w.call(&running);
    w.record(&call, 1).await;
    let at = w.now();
    assert!(
        w.store
            .mark_sending(w.ws, call.id, w.node.into(), at)
            .await
            .unwrap()
    );
    let (good, bad) = (
        outcome(InvocationStatus::Succeeded),
        outcome(InvocationStatus::Declined),
    );
    let ends = (0..MANY).map(|n| w.finish(call.id, if n % 2 == 0 { &good } else { &bad }));
    let settled = join_all(ends).await;
    assert_eq!(settled.iter().filter(|done| **done).count(), 1);
}

pub async fn nothing_is_lost_of_changes_to_different_fields(w: &World) {
    let user = accounts::first(w, 1).await.user.id;
    let email = AccountChanges {
        email: Some(Email::parse("grace@example.com").unwrap()),
        ..AccountChanges::default()
    };
    let name = AccountChanges {
        name: Some("Grace".to_owned()),
        ..AccountChanges::default()
    };
    let (one, two) = (
        w.store.update_account(w.ws, user, &email),
        w.store.update_account(w.ws, user, &name),
    );
    let (one, two) = futures_util::future::join(one, two).await;
    one.unwrap();
    two.unwrap();
    let now = w.store.credentials(w.ws, user).await.unwrap().user;
    assert_eq!(
        (now.email.as_str(), now.name.as_str()),
        ("grace@example.com", "Grace")
    );
}
