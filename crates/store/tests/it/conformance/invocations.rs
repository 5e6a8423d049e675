//! Invocations: recorded once, sent once, settled once.

use deskhand_domain::grounding::{Provenance, ProvenanceSource};
use deskhand_domain::invocation::{Failure, FailureCode, Invocation, InvocationStatus};
use deskhand_store::{Begun, FinishInvocation, StoreError};
use jiff::SignedDuration;

use crate::world::*;

pub async fn recorded_and_read_back(w: &World) {
    let running = w.running().await;
    let mut call = w.call(&running);
    call.provenance = vec![Provenance {
        path: "/order_number".to_owned(),
        source: ProvenanceSource::Message,
        reference: Some(running.message.id.to_string()),
        pointer: None,
        span: Some((3, 8)),
        text: Some("ORD-1".to_owned()),
    }];
    assert_eq!(w.record(&call, 1).await, Begun::Recorded);
    assert_eq!(w.store.invocation(w.ws, call.id).await.unwrap(), call);
}

pub async fn a_test_run_needs_no_conversation(w: &World) {
    let mut call = w.call(&w.running().await);
    (call.agent_id, call.conversation_id, call.turn_id) = (None, None, None);
    call.test = true;
    for _ in 0..2 {
        assert_eq!(w.record(&call, 1).await, Begun::Recorded);
        assert_eq!(w.store.invocation(w.ws, call.id).await.unwrap(), call);
        call.id = w.call(&w.running().await).id;
    }
}

pub async fn a_turns_calls_come_in_their_order(w: &World) {
    let running = w.running().await;
    let now = w.now();
    let calls: Vec<_> = (0..6)
        .map(|hash| {
            let mut call = w.call(&running);
            call.id = deskhand_domain::id::InvocationId::new(now, &w.entropy);
            call.created_at = now;
            (call, hash)
        })
        .collect();
    let ids: Vec<_> = calls.iter().map(|(call, _)| call.id).collect();
    w.store.begin_invocations(&w.begin(calls)).await.unwrap();
    let stored = w.store.turn_invocations(w.ws, running.turn).await.unwrap();
    assert_eq!(stored.iter().map(|c| c.id).collect::<Vec<_>>(), ids);
}

async fn is_open(w: &World, status: InvocationStatus) {
    let running = w.running().await;
    let first = w.call_at(&running, status, 1).await;
    let second = w.call(&running);
    let begun = w.record(&second, 1).await;
    assert_eq!(begun, Begun::OpenTwin(Box::new(first)));
    let stored = w.store.invocation(w.ws, second.id).await;
    assert!(matches!(stored, Err(StoreError::NotFound)));
}

async fn is_settled(w: &World, status: InvocationStatus) {
    let running = w.running().await;
    w.call_at(&running, status, 1).await;
    assert_eq!(w.record(&w.call(&running), 1).await, Begun::Recorded);
}

pub async fn intended_is_an_open_twin(w: &World) {
    is_open(w, InvocationStatus::Intended).await;
}
pub async fn sending_is_an_open_twin(w: &World) {
    is_open(w, InvocationStatus::Sending).await;
}
pub async fn unknown_is_an_open_twin(w: &World) {
    is_open(w, InvocationStatus::Unknown).await;
}
pub async fn accepted_is_an_open_twin(w: &World) {
    is_open(w, InvocationStatus::Accepted).await;
}
pub async fn awaiting_confirmation_is_no_twin(w: &World) {
    is_settled(w, InvocationStatus::AwaitingConfirmation).await;
}
pub async fn succeeded_is_no_twin(w: &World) {
    is_settled(w, InvocationStatus::Succeeded).await;
}
pub async fn declined_is_no_twin(w: &World) {
    is_settled(w, InvocationStatus::Declined).await;
}
pub async fn failed_is_no_twin(w: &World) {
    is_settled(w, InvocationStatus::Failed).await;
}
pub async fn completed_is_no_twin(w: &World) {
    is_settled(w, InvocationStatus::Completed).await;
}
pub async fn expired_is_no_twin(w: &World) {
    is_settled(w, InvocationStatus::Expired).await;
}
pub async fn cancelled_is_no_twin(w: &World) {
    is_settled(w, InvocationStatus::Cancelled).await;
}

pub async fn a_twin_may_stand_in_the_same_batch(w: &World) {
    let running = w.running().await;
    let (one, two) = (w.call(&running), w.call(&running));
    let begin = w.begin(vec![(one.clone(), 1), (two, 1)]);
    let begun = w.store.begin_invocations(&begin).await.unwrap();
    assert_eq!(begun, [Begun::Recorded, Begun::OpenTwin(Box::new(one))]);
}

pub async fn other_parameters_make_no_twin(w: &World) {
    let running = w.running().await;
    w.call_at(&running, InvocationStatus::Sending, 1).await;
    assert_eq!(w.record(&w.call(&running), 2).await, Begun::Recorded);
}

pub async fn another_action_makes_no_twin(w: &World) {
    let running = w.running().await;
    w.call_at(&running, InvocationStatus::Sending, 1).await;
    let cancel = w.insert_action("cancel_order").await;
    let mut call = w.call(&running);
    (call.action_id, call.action) = (cancel.id, cancel.definition.name);
    assert_eq!(w.record(&call, 1).await, Begun::Recorded);
}

pub async fn another_conversation_makes_no_twin(w: &World) {
    let (one, two) = (w.running().await, w.running().await);
    w.call_at(&one, InvocationStatus::Sending, 1).await;
    assert_eq!(w.record(&w.call(&two), 1).await, Begun::Recorded);
}

fn refused(call: &Invocation, code: FailureCode) -> Invocation {
    Invocation {
        status: InvocationStatus::Failed,
        failure: Some(Failure {
            code,
            message: "no".to_owned(),
            http_status: None,
        }),
        finished_at: Some(call.created_at),
        ..call.clone()
    }
}

/// Begins calls with other parameters each under a budget.
async fn begin_within(w: &World, running: &Running, budget: u32, hashes: &[u8]) -> Vec<Begun> {
    let calls = hashes.iter().map(|&hash| (w.call(running), hash)).collect();
    let mut begin = w.begin(calls);
    begin.budget = budget;
    w.store.begin_invocations(&begin).await.unwrap()
}

pub async fn the_budget_stops_the_next_call(w: &World) {
    let running = w.running().await;
    let begun = begin_within(w, &running, 2, &[1, 2, 3, 4]).await;
    use Begun::{OverBudget, Recorded};
    assert_eq!(begun, [Recorded, Recorded, OverBudget, OverBudget]);
    let stored = w.store.turn_invocations(w.ws, running.turn).await.unwrap();
    let failure = stored[2].failure.as_ref().unwrap();
    assert_eq!(stored[2].status, InvocationStatus::Failed);
    assert_eq!(failure.code, FailureCode::BudgetExhausted);
    assert_eq!(stored[2].finished_at, Some(stored[2].created_at));
    assert!(stored[2].provably_unsent());
}

pub async fn the_budget_counts_earlier_turns(w: &World) {
    let running = w.running().await;
    begin_within(w, &running, 2, &[1]).await;
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    let second = w.next_turn(&running.conversation, false, "more").await;
    let begun = begin_within(w, &second, 2, &[2, 3]).await;
    assert_eq!(begun, [Begun::Recorded, Begun::OverBudget]);
}

pub async fn the_budget_is_one_conversations(w: &World) {
    let (one, two) = (w.running().await, w.running().await);
    begin_within(w, &one, 1, &[1]).await;
    assert_eq!(begin_within(w, &two, 1, &[1]).await, [Begun::Recorded]);
}

pub async fn the_budget_forgets_what_is_before_its_window(w: &World) {
    let running = w.running().await;
    begin_within(w, &running, 1, &[1]).await;
    w.pass(SignedDuration::from_mins(61));
    assert_eq!(begin_within(w, &running, 1, &[2]).await, [Begun::Recorded]);
}

pub async fn the_budget_does_not_count_refusals(w: &World) {
    let running = w.running().await;
    for code in [
        FailureCode::BudgetExhausted,
        FailureCode::NotVerified,
        FailureCode::ConfirmationUnavailable,
        FailureCode::ContactFieldMissing,
    ] {
        let call = refused(&w.call(&running), code);
        assert_eq!(w.record(&call, 9).await, Begun::Recorded);
    }
    assert_eq!(begin_within(w, &running, 1, &[1]).await, [Begun::Recorded]);
}

pub async fn the_budget_counts_what_failed_on_its_way(w: &World) {
    let running = w.running().await;
    let call = refused(&w.call(&running), FailureCode::BlockedDestination);
    w.record(&call, 9).await;
    assert_eq!(
        begin_within(w, &running, 1, &[1]).await,
        [Begun::OverBudget]
    );
}

pub async fn a_twin_costs_no_budget(w: &World) {
    let running = w.running().await;
    let begun = begin_within(w, &running, 2, &[1, 1, 2]).await;
    assert!(matches!(
        begun[..],
        [Begun::Recorded, Begun::OpenTwin(_), Begun::Recorded]
    ));
}

pub async fn a_batch_is_all_or_nothing(w: &World) {
    let running = w.running().await;
    let (good, mut bad) = (w.call(&running), w.call(&running));
    bad.action_id = w.new_action("never_stored").id;
    let mut begin = w.begin(vec![(good.clone(), 1), (bad, 2)]);
    begin.steps = vec![super::turns::asked("x")];
    let begun = w.store.begin_invocations(&begin).await;
    assert!(matches!(begun, Err(StoreError::NotFound)));
    assert!(w.store.invocation(w.ws, good.id).await.is_err());
    let past = w.store.past_turns(w.ws, running.conversation.id, 1).await;
    assert!(past.unwrap()[0].steps.is_empty());
}

pub async fn each_call_needs_its_hash(w: &World) {
    let running = w.running().await;
    let mut begin = w.begin(vec![(w.call(&running), 1)]);
    begin.parameter_hashes.clear();
    assert!(w.store.begin_invocations(&begin).await.is_err());
}

pub async fn sending_is_marked_from_intended(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Intended, 1).await;
    let now = w.now();
    assert!(
        w.store
            .mark_sending(w.ws, call.id, w.node.into(), now)
            .await
            .unwrap()
    );
    let stored = w.store.invocation(w.ws, call.id).await.unwrap();
    assert_eq!(stored.status, InvocationStatus::Sending);
    assert_eq!(stored.sent_at, Some(now));
    assert!(!stored.provably_unsent());
}

pub async fn a_later_attempt_keeps_the_first_moment(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Sending, 1).await;
    assert!(
        w.store
            .mark_sending(w.ws, call.id, w.node.into(), w.now())
            .await
            .unwrap()
    );
    let stored = w.store.invocation(w.ws, call.id).await.unwrap();
    assert_eq!(stored.sent_at, call.sent_at);
}

pub async fn nothing_else_may_be_sent(w: &World) {
    use InvocationStatus::*;
    let running = w.running().await;
    for (hash, &status) in InvocationStatus::ALL.iter().enumerate() {
        if matches!(status, Intended | Sending) {
            continue;
        }
        let call = w.call_at(&running, status, hash as u8).await;
        let marked = w
            .store
            .mark_sending(w.ws, call.id, w.node.into(), w.now())
            .await
            .unwrap();
        assert!(!marked, "{status}");
        assert_eq!(w.store.invocation(w.ws, call.id).await.unwrap(), call);
    }
}

async fn settles_as(w: &World, status: InvocationStatus) -> Invocation {
    let running = w.running().await;
    let call = w.call_at(&running, status, 1).await;
    let outcome = outcome(status);
    assert_eq!(call.status, status);
    assert_eq!(
        (&call.failure, &call.result),
        (&outcome.failure, &outcome.result)
    );
    assert_eq!(
        (&call.error, &call.warnings),
        (&outcome.error, &outcome.warnings)
    );
    assert_eq!(call.duration_ms, Some(41));
    call
}

pub async fn a_success_is_kept(w: &World) {
    let call = settles_as(w, InvocationStatus::Succeeded).await;
    assert!(call.finished_at > call.sent_at);
}
pub async fn a_refusal_is_kept(w: &World) {
    settles_as(w, InvocationStatus::Declined).await;
}
pub async fn a_failure_is_kept(w: &World) {
    settles_as(w, InvocationStatus::Failed).await;
}
pub async fn an_unknown_outcome_is_kept(w: &World) {
    settles_as(w, InvocationStatus::Unknown).await;
}
pub async fn what_is_accepted_has_no_end_yet(w: &World) {
    let call = settles_as(w, InvocationStatus::Accepted).await;
    assert_eq!(call.finished_at, None);
}

pub async fn it_is_settled_once(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Unknown, 1).await;
    assert!(
        !w.finish(call.id, &outcome(InvocationStatus::Succeeded))
            .await
    );
    assert_eq!(w.store.invocation(w.ws, call.id).await.unwrap(), call);
}

pub async fn late_attempts_are_kept_all_the_same(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Unknown, 1).await;
    let mut attempts = vec![w.attempt(1), w.attempt(2)];
    attempts[1].response = None;
    attempts[1].failure = outcome(InvocationStatus::Failed).failure;
    let late = outcome(InvocationStatus::Succeeded);
    for _ in 0..2 {
        let done = w
            .store
            .finish_invocation(w.ws, call.id, &finish(w.node, &late, &attempts, w.now()))
            .await
            .unwrap();
        assert!(!done);
    }
    assert_eq!(w.store.attempts(w.ws, call.id).await.unwrap(), attempts);
}

pub async fn a_call_without_attempts_has_none(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Intended, 1).await;
    assert!(w.store.attempts(w.ws, call.id).await.unwrap().is_empty());
}

/// Recorded as `sending` at once, where nothing stands before the first byte.
pub async fn a_call_may_be_recorded_as_sending(w: &World) {
    let running = w.running().await;
    let mut call = w.call(&running);
    call.status = InvocationStatus::Sending;
    call.sent_at = Some(call.created_at);
    assert_eq!(w.record(&call, 1).await, Begun::Recorded);
    assert_eq!(w.store.invocation(w.ws, call.id).await.unwrap(), call);
    // It is open, as any other that may be under way.
    let twin = w.record(&w.call(&running), 1).await;
    assert_eq!(twin, Begun::OpenTwin(Box::new(call)));
}

pub async fn what_was_not_sent_after_all_counts_as_never_sent(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Intended, 1).await;
    assert!(
        w.store
            .mark_sending(w.ws, call.id, w.node.into(), w.now())
            .await
            .unwrap()
    );
    let failed = outcome(InvocationStatus::Failed);
    let end = FinishInvocation {
        sent: false,
        ..finish(w.node, &failed, &[], w.now())
    };
    assert!(
        w.store
            .finish_invocation(w.ws, call.id, &end)
            .await
            .unwrap()
    );
    let stored = w.store.invocation(w.ws, call.id).await.unwrap();
    assert!(stored.sent_at.is_none() && stored.provably_unsent());
}
