//! Pages and filters.

use deskhand_domain::conversation::{Mode, TurnStatus};
use deskhand_domain::id::{AgentId, InvocationId};
use deskhand_domain::invocation::{FailureCode, Invocation, InvocationStatus};
use deskhand_store::{ConversationFilter, InvocationFilter, Page};
use jiff::SignedDuration;

use crate::world::*;

/// Reads a whole list two by two.
macro_rules! two_by_two {
    ($list:expr) => {
        two_by_two!($list, |row| row.id)
    };
    ($list:expr, $id:expr) => {{
        let (mut ids, mut before) = (Vec::new(), None);
        loop {
            let page = $list(Page { limit: 2, before }).await.unwrap();
            assert!(page.rows.len() <= 2);
            ids.extend(page.rows.iter().map($id));
            before = ids.last().copied();
            if !page.more {
                break ids;
            }
        }
    }};
}

pub async fn agents_newest_first(w: &World) {
    let mut ids = vec![w.agent.id];
    for _ in 0..4 {
        let agent = w.new_agent();
        w.store.insert_agent(&agent).await.unwrap();
        ids.insert(0, agent.id);
    }
    assert_eq!(two_by_two!(|page| w.store.agents(w.ws, page)), ids);
}

pub async fn rows_of_one_moment_come_once_each(w: &World) {
    let now = w.now();
    let mut ids = vec![w.agent.id];
    for _ in 0..7 {
        let mut agent = w.new_agent();
        agent.id = AgentId::new(now, &w.entropy);
        agent.created_at = now;
        w.store.insert_agent(&agent).await.unwrap();
        ids.push(agent.id);
    }
    ids.sort_unstable();
    ids.reverse();
    assert_eq!(two_by_two!(|page| w.store.agents(w.ws, page)), ids);
}

pub async fn a_full_last_page_has_no_more(w: &World) {
    let agent = w.new_agent();
    w.store.insert_agent(&agent).await.unwrap();
    let page = Page {
        limit: 2,
        before: None,
    };
    let listed = w.store.agents(w.ws, page).await.unwrap();
    assert_eq!((listed.rows.len(), listed.more), (2, false));
}

pub async fn actions_newest_first(w: &World) {
    let mut ids = vec![w.action.id];
    for name in ["a", "b", "c", "d"] {
        ids.insert(0, w.insert_action(name).await.id);
    }
    assert_eq!(two_by_two!(|page| w.store.actions(w.ws, page)), ids);
}

pub async fn conversations_newest_first_by_contact_and_agent(w: &World) {
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, w.running().await.conversation.id);
        let other = w.conversation(Some("cus_7"));
        w.next_turn(&other, true, "hi").await;
    }
    let filter = ConversationFilter {
        agent_id: Some(w.agent.id),
        contact_id: Some("cus_42".to_owned()),
        ..ConversationFilter::default()
    };
    let found = two_by_two!(|page| w.store.conversations(w.ws, &filter, page), |row| row
        .conversation
        .id);
    assert_eq!(found, ids);
    let everything = ConversationFilter::default();
    let found = two_by_two!(
        |page| w.store.conversations(w.ws, &everything, page),
        |row| row.conversation.id
    );
    assert_eq!(found.len(), 6);
}

pub async fn conversations_from_a_moment_to_before_another(w: &World) {
    let mut begun = Vec::new();
    for _ in 0..4 {
        begun.push(w.running().await.conversation);
    }
    let filter = ConversationFilter {
        from: Some(begun[1].created_at),
        to: Some(begun[3].created_at),
        ..ConversationFilter::default()
    };
    let found = two_by_two!(|page| w.store.conversations(w.ws, &filter, page), |row| row
        .conversation
        .id);
    assert_eq!(found, [begun[2].id, begun[1].id]);
}

pub async fn conversations_of_a_contact_by_our_own_id(w: &World) {
    let nameless = w.conversation(None);
    w.next_turn(&nameless, true, "hi").await;
    let named = w.conversation(Some("cus_42"));
    w.next_turn(&named, true, "hi").await;
    let by = |contact: String| ConversationFilter {
        contact_id: Some(contact),
        ..ConversationFilter::default()
    };
    let filter = by(nameless.contact_id());
    let found = two_by_two!(|page| w.store.conversations(w.ws, &filter, page), |row| row
        .conversation
        .id);
    assert_eq!(found, [nameless.id]);
    // Where the host site gave an id, that one counts.
    let filter = by(named.own_contact_id.to_string());
    let found = w.store.conversations(w.ws, &filter, all()).await.unwrap();
    assert!(found.rows.is_empty());
}

/// Calls of every kind: two conversations, two actions, several outcomes, an hour apart.
pub(super) async fn calls(w: &World) -> Vec<Invocation> {
    use InvocationStatus::*;
    let (one, two) = (w.running().await, w.running().await);
    let cancel = w.insert_action("cancel_order").await;
    let mut calls = Vec::new();
    for (i, status) in [
        Succeeded, Failed, Declined, Unknown, Sending, Succeeded, Failed,
    ]
    .into_iter()
    .enumerate()
    {
        let running = if i % 2 == 0 { &one } else { &two };
        calls.push(w.call_at(running, status, i as u8).await);
        w.pass(SignedDuration::from_hours(1));
    }
    let mut call = w.call(&two);
    (call.action_id, call.action) = (cancel.id, cancel.definition.name);
    (call.agent_id, call.conversation_id, call.turn_id) = (None, None, None);
    w.record(&call, 77).await;
    calls.push(call);
    calls
}

async fn finds(w: &World, filter: InvocationFilter, keep: impl Fn(&Invocation) -> bool) {
    let calls = calls(w).await;
    let expected: Vec<InvocationId> = calls
        .iter()
        .rev()
        .filter(|c| keep(c))
        .map(|c| c.id)
        .collect();
    assert!(!expected.is_empty() && expected.len() < calls.len());
    let found = two_by_two!(|page| w.store.invocations(w.ws, &filter, page));
    assert_eq!(found, expected);
}

pub async fn invocations_newest_first(w: &World) {
    let calls = calls(w).await;
    let filter = InvocationFilter::default();
    let found = w.store.invocations(w.ws, &filter, all()).await.unwrap();
    assert_eq!(found.rows, calls.into_iter().rev().collect::<Vec<_>>());
    assert!(!found.more);
}

pub async fn invocations_by_agent(w: &World) {
    let filter = InvocationFilter {
        agent_id: Some(w.agent.id),
        ..InvocationFilter::default()
    };
    finds(w, filter, |call| call.agent_id.is_some()).await;
}

pub async fn invocations_by_action(w: &World) {
    let filter = InvocationFilter {
        action: Some("cancel_order".to_owned()),
        ..InvocationFilter::default()
    };
    finds(w, filter, |call| call.action == "cancel_order").await;
}

pub async fn invocations_by_status(w: &World) {
    let filter = InvocationFilter {
        status: Some(InvocationStatus::Succeeded),
        ..InvocationFilter::default()
    };
    finds(w, filter, |call| call.status == InvocationStatus::Succeeded).await;
}

pub async fn invocations_by_failure(w: &World) {
    let filter = InvocationFilter {
        failure_code: Some(FailureCode::Timeout),
        ..InvocationFilter::default()
    };
    finds(w, filter, |call| call.failure.is_some()).await;
}

pub async fn invocations_by_failure_and_status(w: &World) {
    let filter = InvocationFilter {
        failure_code: Some(FailureCode::Timeout),
        status: Some(InvocationStatus::Unknown),
        ..InvocationFilter::default()
    };
    finds(w, filter, |call| call.status == InvocationStatus::Unknown).await;
}

pub async fn invocations_by_conversation(w: &World) {
    let calls = calls(w).await;
    let id = calls[0].conversation_id;
    let filter = InvocationFilter {
        conversation_id: id,
        ..InvocationFilter::default()
    };
    let found = two_by_two!(|page| w.store.invocations(w.ws, &filter, page));
    let expected = calls.iter().rev().filter(|c| c.conversation_id == id);
    assert_eq!(found, expected.map(|c| c.id).collect::<Vec<_>>());
}

pub async fn invocations_from_a_moment_to_before_another(w: &World) {
    let calls = calls(w).await;
    let filter = InvocationFilter {
        from: Some(calls[2].created_at),
        to: Some(calls[5].created_at),
        ..InvocationFilter::default()
    };
    let found = two_by_two!(|page| w.store.invocations(w.ws, &filter, page));
    assert_eq!(found, [calls[4].id, calls[3].id, calls[2].id]);
    let part = SignedDuration::from_nanos(1);
    let filter = InvocationFilter {
        from: Some(calls[2].created_at + part),
        to: Some(calls[5].created_at + part),
        ..InvocationFilter::default()
    };
    let found = two_by_two!(|page| w.store.invocations(w.ws, &filter, page));
    assert_eq!(found, [calls[5].id, calls[4].id, calls[3].id]);
}

pub async fn conversations_by_mode_and_by_how_a_turn_ended(w: &World) {
    let live = w.running().await;
    let mut trial = w.conversation(None);
    trial.mode = Mode::Mock;
    let trial = w.next_turn(&trial, true, "hi").await;
    let mut end = w.end(&live);
    end.status = TurnStatus::Failed;
    w.store.finish_turn(&end).await.unwrap();
    let find = async |filter: ConversationFilter| {
        let found = w.store.conversations(w.ws, &filter, all()).await.unwrap();
        found
            .rows
            .iter()
            .map(|one| one.conversation.id)
            .collect::<Vec<_>>()
    };
    let by_mode = |mode| ConversationFilter {
        mode: Some(mode),
        ..ConversationFilter::default()
    };
    assert_eq!(find(by_mode(Mode::Live)).await, [live.conversation.id]);
    assert_eq!(find(by_mode(Mode::Mock)).await, [trial.conversation.id]);
    let by_status = |status| ConversationFilter {
        status: Some(status),
        ..ConversationFilter::default()
    };
    let failed = find(by_status(TurnStatus::Failed)).await;
    assert_eq!(failed, [live.conversation.id]);
    let running = find(by_status(TurnStatus::Running)).await;
    assert_eq!(running, [trial.conversation.id]);
}

pub async fn conversations_by_what_was_said(w: &World) {
    let one = w.conversation(Some("cus_42"));
    let one = w.next_turn(&one, true, "Where is 100% of ORD_7?").await;
    let mut other = w.conversation(None);
    other.contact.name = Some("Grace".to_owned());
    let other = w.next_turn(&other, true, "Where is ORDX7?").await;
    let find = async |text: &str| {
        let filter = ConversationFilter {
            text: Some(text.to_owned()),
            ..ConversationFilter::default()
        };
        two_by_two!(|page| w.store.conversations(w.ws, &filter, page), |row| row
            .conversation
            .id)
    };
    let (one, other) = (one.conversation.id, other.conversation.id);
    assert_eq!(find("where is").await, [other, one]);
    // What means something in a pattern means nothing in a search.
    assert_eq!(find("ord_7").await, [one]);
    assert_eq!(find("100%").await, [one]);
    assert_eq!(find("grace").await, [other]);
    assert_eq!(find(&other.to_string()).await, [other]);
    assert!(find("nowhere").await.is_empty());
}

pub async fn invocations_by_text(w: &World) {
    let filter = InvocationFilter {
        text: Some("Cancel".to_owned()),
        ..InvocationFilter::default()
    };
    finds(w, filter, |call| call.action == "cancel_order").await;
    let filter = InvocationFilter {
        text: Some("ord-1".to_owned()),
        status: Some(InvocationStatus::Failed),
        ..InvocationFilter::default()
    };
    let found = two_by_two!(|page| w.store.invocations(w.ws, &filter, page));
    assert_eq!(found.len(), 2);
}

pub async fn invocations_that_are_trials(w: &World) {
    let running = w.running().await;
    let real = w.call(&running);
    let mut trial = w.call(&running);
    trial.test = true;
    w.record(&real, 1).await;
    w.record(&trial, 2).await;
    for (test, id) in [(true, trial.id), (false, real.id)] {
        let filter = InvocationFilter {
            test: Some(test),
            ..InvocationFilter::default()
        };
        let found = w.store.invocations(w.ws, &filter, all()).await.unwrap();
        let found: Vec<_> = found.rows.iter().map(|call| call.id).collect();
        assert_eq!(found, [id]);
    }
}
