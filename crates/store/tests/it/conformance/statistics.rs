//! What is counted over a period.

use deskhand_domain::conversation::{Mode, Unanswered};
use deskhand_domain::id::InvocationId;
use deskhand_domain::invocation::{Invocation, InvocationStatus};
use deskhand_domain::prompt::Usage;
use deskhand_store::{Begun, Counted, StatisticsFilter};
use jiff::{SignedDuration, Timestamp};

use crate::world::*;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn four_hours(from: Timestamp) -> StatisticsFilter {
    StatisticsFilter {
        from,
        to: from + HOUR * 4,
        parts: 4,
        agent_id: None,
        action: None,
    }
}

async fn counted(w: &World, filter: &StatisticsFilter) -> Counted {
    w.store.statistics(w.ws, filter).await.unwrap()
}

/// Runs a call that takes so long.
async fn run(w: &World, call: &Invocation, status: InvocationStatus, ms: u64) -> InvocationId {
    // No two have the same parameters: one that is uncertain would stand for the next.
    let hash = u8::try_from(call.created_at.as_millisecond().rem_euclid(200)).unwrap();
    assert_eq!(w.record(call, hash).await, Begun::Recorded);
    let now = w.now();
    w.store
        .mark_sending(w.ws, call.id, w.node.into(), now)
        .await
        .unwrap();
    let outcome = outcome(status);
    let mut end = finish(w.node, &outcome, &[], now);
    end.duration_ms = ms;
    w.store
        .finish_invocation(w.ws, call.id, &end)
        .await
        .unwrap();
    call.id
}

pub async fn calls_are_counted_by_part_version_and_status(w: &World) {
    use InvocationStatus::*;
    let from = w.now();
    let running = w.running().await;
    run(w, &w.call(&running), Succeeded, 40).await;
    run(w, &w.call(&running), Succeeded, 6_000).await;
    w.pass(HOUR * 2);
    w.call_at(&running, Sending, 9).await;
    let mut found = counted(w, &four_hours(from)).await.calls;
    found.sort_by_key(|one| one.part);
    let found: Vec<_> = found
        .iter()
        .map(|one| (one.part, one.version, one.status, one.calls, one.slow))
        .collect();
    assert_eq!(found, [(0, 1, Succeeded, 2, 1), (2, 1, Sending, 1, 0)]);
    // The end is not in the period, and nothing before its start is.
    let later = four_hours(from + HOUR);
    assert_eq!(counted(w, &later).await.calls.len(), 1);
    let before = four_hours(from - HOUR * 4);
    assert!(counted(w, &before).await.calls.is_empty());
}

pub async fn the_times_are_those_of_the_nearest_rank(w: &World) {
    let from = w.now();
    let running = w.running().await;
    for ms in 1..=20 {
        run(w, &w.call(&running), InvocationStatus::Succeeded, ms).await;
    }
    w.pass(HOUR);
    run(w, &w.call(&running), InvocationStatus::Declined, 100).await;
    let found = counted(w, &four_hours(from)).await;
    assert_eq!(
        (found.times.p50_ms, found.times.p95_ms),
        (Some(11), Some(20))
    );
    let parts: Vec<_> = found
        .part_times
        .iter()
        .map(|(part, times)| (*part, times.p50_ms, times.p95_ms))
        .collect();
    assert_eq!(parts, [(0, Some(10), Some(19)), (1, Some(100), Some(100))]);
    assert_eq!(found.action_times, [(w.action.id, found.times)]);
}

pub async fn trials_are_not_counted(w: &World) {
    let from = w.now();
    let mut trial = w.conversation(None);
    trial.mode = Mode::Test;
    let running = w.next_turn(&trial, true, "hi").await;
    let mut call = w.call(&running);
    call.test = true;
    run(w, &call, InvocationStatus::Failed, 40).await;
    let mut end = w.end(&running);
    end.unanswered = Some(Unanswered::CallsFailed);
    w.store.finish_turn(&end).await.unwrap();
    let filter = four_hours(from);
    let found = counted(w, &filter).await;
    assert!(found.calls.is_empty() && found.unanswered.is_empty());
    assert_eq!((found.turns, found.conversations), (0, 0));
    assert_eq!(found.times.p50_ms, None);
    let failures = w.store.last_failures(w.ws, vec![w.action.id], &filter);
    assert!(failures.await.unwrap().is_empty());
}

pub async fn one_agent_or_action_is_counted_alone(w: &World) {
    let from = w.now();
    let running = w.running().await;
    run(w, &w.call(&running), InvocationStatus::Succeeded, 40).await;
    let cancel = w.insert_action("cancel_order").await;
    let mut call = w.call(&running);
    (call.action_id, call.action) = (cancel.id, cancel.definition.name);
    call.agent_id = None;
    run(w, &call, InvocationStatus::Succeeded, 80).await;
    let by_agent = StatisticsFilter {
        agent_id: Some(w.agent.id),
        ..four_hours(from)
    };
    let found = counted(w, &by_agent).await;
    assert_eq!((found.calls.len(), found.times.p95_ms), (1, Some(40)));
    let by_action = StatisticsFilter {
        action: Some("cancel_order".to_owned()),
        ..four_hours(from)
    };
    let found = counted(w, &by_action).await;
    assert_eq!((found.calls.len(), found.times.p95_ms), (1, Some(80)));
    assert_eq!(found.calls[0].action_id, cancel.id);
}

pub async fn turns_tokens_and_conversations_are_summed(w: &World) {
    let from = w.now();
    let first = w.running().await;
    let mut end = w.end(&first);
    end.usage = Some(Usage {
        input_tokens: 900,
        output_tokens: 30,
    });
    w.store.finish_turn(&end).await.unwrap();
    let next = w.next_turn(&first.conversation, false, "And now?").await;
    w.store.finish_turn(&w.end(&next)).await.unwrap();
    // One under way is not counted yet; its conversation is.
    w.running().await;
    let found = counted(w, &four_hours(from)).await;
    assert_eq!((found.turns, found.conversations), (2, 2));
    assert_eq!((found.input_tokens, found.output_tokens), (900, 30));
}

pub async fn open_questions_are_listed_newest_first(w: &World) {
    let from = w.now();
    let (one, two) = (w.running().await, w.running().await);
    for (running, reason) in [
        (&one, Some(Unanswered::ModelUnavailable)),
        (&two, Some(Unanswered::CallsFailed)),
    ] {
        let mut end = w.end(running);
        end.unanswered = reason;
        w.store.finish_turn(&end).await.unwrap();
    }
    w.store
        .finish_turn(&w.end(&w.running().await))
        .await
        .unwrap();
    let found = counted(w, &four_hours(from)).await.unanswered;
    let turns: Vec<_> = found
        .iter()
        .map(|open| (open.turn_id, open.reason))
        .collect();
    assert_eq!(
        turns,
        [
            (two.turn, Unanswered::CallsFailed),
            (one.turn, Unanswered::ModelUnavailable)
        ]
    );
    assert_eq!(found[0].conversation_id, two.conversation.id);
    assert_eq!(found[0].message, two.message.text);
    assert_eq!(found[0].at, two.message.created_at);
}

pub async fn the_last_failure_of_each_action_is_found(w: &World) {
    use InvocationStatus::*;
    let from = w.now();
    let running = w.running().await;
    run(w, &w.call(&running), Failed, 40).await;
    let last = run(w, &w.call(&running), Unknown, 40).await;
    run(w, &w.call(&running), Succeeded, 40).await;
    let fine = w.insert_action("fine").await;
    let filter = four_hours(from);
    let found = w
        .store
        .last_failures(w.ws, vec![w.action.id, fine.id], &filter);
    let found = found.await.unwrap();
    assert_eq!(found.len(), 1);
    let (action, version, failure) = &found[0];
    assert_eq!(
        (*action, *version, failure.invocation_id),
        (w.action.id, 1, last)
    );
    assert_eq!(
        Some(failure.code),
        outcome(Unknown).failure.map(|one| one.code)
    );
    let later = four_hours(from + HOUR);
    let found = w.store.last_failures(w.ws, vec![w.action.id], &later);
    assert!(found.await.unwrap().is_empty());
}

pub async fn versions_are_found_removed_ones_too(w: &World) {
    let mut changed = w.insert_action("cancel_order").await;
    changed.version = 2;
    changed.definition.display_name = "Cancel it".to_owned();
    w.store.update_action(&changed, &[]).await.unwrap();
    let wanted = vec![
        (changed.id, Some(1)),
        (changed.id, None),
        (changed.id, Some(3)),
    ];
    let found = w.store.called_actions(w.ws, wanted).await.unwrap();
    let brief: Vec<_> = found
        .iter()
        .map(|one| (one.version, one.current, one.deleted))
        .collect();
    assert_eq!(brief, [(1, false, false), (2, true, false)]);
    w.store.delete_action(w.ws, changed.id).await.unwrap();
    let wanted = vec![(changed.id, None)];
    let found = w.store.called_actions(w.ws, wanted).await.unwrap();
    assert!(found[0].deleted);
    assert_eq!(found[0].definition.display_name, "Cancel it");
}

pub async fn the_latest_calls_of_an_action_say_how_slow_it_is(w: &World) {
    let name = w.action.definition.name.clone();
    let from = w.now();
    let p95 = async |since| w.store.latest_p95(w.ws, &name, since).await.unwrap();
    assert_eq!(p95(from).await, None);
    let running = w.running().await;
    run(w, &w.call(&running), InvocationStatus::Succeeded, 7_000).await;
    assert_eq!(p95(from).await, Some(7_000));
    w.pass(HOUR);
    assert_eq!(p95(w.now()).await, None);
}

pub async fn another_workspace_counts_nothing(w: &World) {
    let from = w.now();
    let other = w.other().await;
    let running = w.running().await;
    run(w, &w.call(&running), InvocationStatus::Failed, 40).await;
    let mut end = w.end(&running);
    end.unanswered = Some(Unanswered::CallsFailed);
    w.store.finish_turn(&end).await.unwrap();
    let filter = four_hours(from);
    let found = w.store.statistics(other.ws, &filter).await.unwrap();
    assert!(found.calls.is_empty() && found.unanswered.is_empty());
    assert_eq!((found.turns, found.conversations), (0, 0));
    let name = &w.action.definition.name;
    assert_eq!(
        w.store.latest_p95(other.ws, name, from).await.unwrap(),
        None
    );
    let actions = vec![w.action.id];
    let failures = w.store.last_failures(other.ws, actions, &filter);
    assert!(failures.await.unwrap().is_empty());
    let versions = vec![(w.action.id, None)];
    let found = w.store.called_actions(other.ws, versions).await.unwrap();
    assert!(found.is_empty());
}
