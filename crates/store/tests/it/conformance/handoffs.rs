//! Conversations that are handed to a person, and what waits for somebody.

use deskhand_domain::conversation::Speaker;
use deskhand_domain::event::EventType;
use deskhand_domain::invocation::InvocationStatus;
use deskhand_store::{ConversationFilter, FinishTurn, Page, StoreError};

use crate::telling::*;
use crate::world::*;

async fn hand_over(w: &World, running: &Running) {
    let finish = FinishTurn {
        handoff: Some("Wants a refund.".to_owned()),
        ..w.end(running)
    };
    w.store.finish_turn(&finish).await.unwrap();
}

async fn waiting(w: &World) -> u64 {
    let waiting = w.store.handoffs_waiting(w.ws).await.unwrap();
    waiting.map_or(0, |waiting| waiting.count)
}

pub async fn one_waits_from_the_end_of_its_turn_until_it_is_handed_back(w: &World) {
    let running = w.running().await;
    assert_eq!(waiting(w).await, 0);
    hand_over(w, &running).await;
    let id = running.conversation.id;
    let stored = w.store.conversation(w.ws, id).await.unwrap();
    let handoff = stored.handoff.unwrap();
    assert_eq!(handoff.reason, "Wants a refund.");
    let since = w.store.handoffs_waiting(w.ws).await.unwrap().unwrap();
    assert_eq!((since.count, since.since), (1, handoff.requested_at));

    // The next message and what is said by a person change nothing of it.
    let next = w.next_turn(&running.conversation, false, "Hello?").await;
    w.store.finish_turn(&w.end(&next)).await.unwrap();
    let say = w.say(&running.conversation, Speaker::Person, "I'm on it.");
    let said = w.store.answer_as_person(w.ws, id, Some(&say), false);
    said.await.unwrap();
    assert_eq!(waiting(w).await, 1);

    let say = w.say(&running.conversation, Speaker::Person, "Done.");
    let back = w.store.answer_as_person(w.ws, id, Some(&say), true);
    back.await.unwrap();
    assert_eq!(waiting(w).await, 0);
    let past = w.store.past_turns(w.ws, id, 10).await.unwrap();
    let last = past.last().unwrap().reply.as_ref().unwrap();
    assert_eq!((last.role, last.text.as_str()), (Speaker::Person, "Done."));
}

pub async fn whoever_wants_to_know_is_told_once(w: &World) {
    listen(w, Some(vec![EventType::HandoffRequested])).await;
    let running = w.running().await;
    hand_over(w, &running).await;
    let told = told(w).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["data"]["reason"], "Wants a refund.");
    let conversation = &told[0].1["data"]["conversation"];
    assert_eq!(conversation["id"], running.conversation.id.to_string());
    assert_eq!(conversation["handoff"]["reason"], "Wants a refund.");
}

pub async fn those_that_wait_are_listed(w: &World) {
    let waits = w.running().await;
    hand_over(w, &waits).await;
    let other = w.running().await;
    for (handoff, found) in [
        (Some(true), vec![waits.conversation.id]),
        (Some(false), vec![other.conversation.id]),
        (None, vec![other.conversation.id, waits.conversation.id]),
    ] {
        let filter = ConversationFilter {
            handoff,
            ..ConversationFilter::default()
        };
        let page = Page {
            limit: 10,
            before: None,
        };
        let listed = w.store.conversations(w.ws, &filter, page).await.unwrap();
        let ids: Vec<_> = listed.rows.iter().map(|row| row.conversation.id).collect();
        assert_eq!(ids, found, "{handoff:?}");
    }
}

pub async fn what_nobody_knows_the_outcome_of_is_counted(w: &World) {
    assert_eq!(w.store.unsettled(w.ws).await.unwrap(), None);
    let running = w.running().await;
    let first = w.call_at(&running, InvocationStatus::Unknown, 1).await;
    w.call_at(&running, InvocationStatus::Unknown, 2).await;
    w.call_at(&running, InvocationStatus::Succeeded, 3).await;
    let unsettled = w.store.unsettled(w.ws).await.unwrap().unwrap();
    assert_eq!((unsettled.count, unsettled.since), (2, first.created_at));
    let other = w.other().await;
    assert_eq!(w.store.unsettled(other.ws).await.unwrap(), None);
}

pub async fn one_of_another_workspace_is_not_answered_in(w: &World) {
    let running = w.running().await;
    hand_over(w, &running).await;
    let (other, id) = (w.other().await, running.conversation.id);
    let mut say = w.say(&running.conversation, Speaker::Person, "Hello");
    say.workspace_id = other.ws;
    for (say, hand_back) in [(Some(&say), false), (None, true), (Some(&say), true)] {
        let answered = w.store.answer_as_person(other.ws, id, say, hand_back).await;
        assert!(matches!(answered, Err(StoreError::NotFound)));
    }
    assert_eq!(w.store.handoffs_waiting(other.ws).await.unwrap(), None);
    assert_eq!(waiting(w).await, 1);
}
