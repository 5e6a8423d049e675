//! What is known of invocations after their calls: reports, settling by hand, expiry.

use deskhand_domain::conversation::Speaker;
use deskhand_domain::id::InvocationId;
use deskhand_domain::invocation::{Invocation, InvocationStatus, Settler};
use deskhand_store::{Callback, FinishTurn, Say, SettleInvocation, Settled, StoreError};
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;

use crate::world::*;

const REPORTABLE: &[InvocationStatus] = &[
    InvocationStatus::Sending,
    InvocationStatus::Accepted,
    InvocationStatus::Unknown,
];

fn token(w: &World, id: InvocationId, hash: u8) -> Callback {
    let now = w.now();
    Callback {
        workspace_id: w.ws,
        invocation_id: id,
        hash: [hash; 32],
        created_at: now,
        expires_at: now + SignedDuration::from_hours(24),
    }
}

/// A report that it is completed with this result.
fn report(w: &World, running: &Running, id: InvocationId, n: u8) -> SettleInvocation {
    SettleInvocation {
        workspace_id: w.ws,
        id,
        from: REPORTABLE,
        status: InvocationStatus::Completed,
        by: Settler::Callback,
        note: None,
        result: Some(json!({ "n": n })),
        error: None,
        report_hash: Some([n; 32]),
        at: w.now(),
        follow_up: Some(w.say(&running.conversation, Speaker::Agent, "It is done.")),
    }
}

fn by_hand(
    w: &World,
    running: &Running,
    id: InvocationId,
    to: InvocationStatus,
) -> SettleInvocation {
    SettleInvocation {
        from: &[InvocationStatus::Unknown],
        status: to,
        by: Settler::Operator,
        note: Some("Looked it up.".to_owned()),
        result: None,
        report_hash: None,
        ..report(w, running, id, 0)
    }
}

async fn settle(w: &World, settle: &SettleInvocation) -> Settled {
    w.store.settle_invocation(settle).await.unwrap()
}

fn now_settled(settled: Settled) -> (Invocation, bool) {
    match settled {
        Settled::Now { invocation, said } => (*invocation, said),
        Settled::Stands { invocation, .. } => panic!("it stays {}", invocation.status),
    }
}

/// What has been said in the conversation by the agent.
async fn said(w: &World, running: &Running) -> usize {
    let id = running.conversation.id;
    let turns = w.store.past_turns(w.ws, id, 500).await.unwrap();
    turns.iter().filter(|turn| turn.reply.is_some()).count()
}

pub async fn a_call_is_found_by_its_tokens(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Intended, 1).await;
    let tokens = [token(w, call.id, 1), token(w, call.id, 2)];
    for token in &tokens {
        w.store.add_callback(token).await.unwrap();
        let found = w.store.callback_by_hash(token.hash).await.unwrap();
        assert_eq!(found.as_ref(), Some(token));
    }
    assert_eq!(w.store.callback_by_hash([3; 32]).await.unwrap(), None);
    let stored = w.store.invocation(w.ws, call.id).await.unwrap();
    assert_eq!(stored.expires_at, Some(tokens[1].expires_at));
    let mut foreign = token(w, call.id, 4);
    foreign.workspace_id = w.other().await.ws;
    let added = w.store.add_callback(&foreign).await;
    assert!(matches!(added, Err(StoreError::NotFound)));
}

pub async fn what_is_over_gets_no_token(w: &World) {
    let running = w.running().await;
    for (hash, status) in (1..).zip([InvocationStatus::Succeeded, InvocationStatus::Unknown]) {
        let call = w.call_at(&running, status, hash).await;
        let added = w.store.add_callback(&token(w, call.id, hash)).await;
        assert!(matches!(added, Err(StoreError::Conflict(_))));
        assert_eq!(w.store.callback_by_hash([hash; 32]).await.unwrap(), None);
        assert_eq!(w.store.invocation(w.ws, call.id).await.unwrap(), call);
    }
}

pub async fn progress_is_kept_while_it_is_under_way(w: &World) {
    use InvocationStatus::{Accepted, Intended, Sending, Succeeded, Unknown};
    let running = w.running().await;
    let cases = [
        (Intended, false),
        (Sending, true),
        (Accepted, true),
        (Unknown, true),
        (Succeeded, false),
    ];
    for (hash, (status, kept)) in (1..).zip(cases) {
        let call = w.call_at(&running, status, hash).await;
        let at = w.now();
        let noted = w.store.note_progress(w.ws, call.id, "half way", at).await;
        assert_eq!(noted.unwrap(), kept, "{status}");
        let stored = w.store.invocation(w.ws, call.id).await.unwrap();
        assert_eq!(stored.progress.is_some(), kept, "{status}");
        assert_eq!(stored.status, status);
    }
}

pub async fn of_a_hundred_reports_at_once_one_settles(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Accepted, 1).await;
    w.store.finish_turn(&w.end(&running)).await.unwrap();
    let before = said(w, &running).await;
    let reports: Vec<_> = (0..100)
        .map(|n| report(w, &running, call.id, n % 2))
        .collect();
    let work = reports.into_iter().map(|report| {
        let store = w.store.clone();
        tokio::spawn(async move { store.settle_invocation(&report).await.unwrap() })
    });
    let settled: Vec<_> = join_all(work)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let (mut now, mut same) = (0, 0);
    for one in &settled {
        match one {
            Settled::Now { said, .. } => {
                assert!(said);
                now += 1;
            }
            Settled::Stands { same_report, .. } => same += usize::from(*same_report),
        }
    }
    assert_eq!((now, same), (1, 49));
    assert_eq!(said(w, &running).await, before + 1);
}

pub async fn a_report_settles_what_is_open_and_nothing_else(w: &World) {
    use InvocationStatus::{Accepted, Intended, Sending, Succeeded, Unknown};
    let running = w.running().await;
    for (hash, status) in (1..).zip([Intended, Sending, Accepted, Unknown, Succeeded]) {
        let call = w.call_at(&running, status, hash).await;
        let settled = settle(w, &report(w, &running, call.id, hash)).await;
        if REPORTABLE.contains(&status) {
            let (after, said) = now_settled(settled);
            assert_eq!(after.status, InvocationStatus::Completed);
            assert_eq!(after.result, Some(json!({ "n": hash })));
            assert_eq!((after.failure, after.finished_at.is_some()), (None, true));
            // Its turn, which still runs, tells of it.
            assert!(!said, "{status}");
        } else {
            let Settled::Stands { same_report, .. } = settled else {
                panic!("{status} was settled");
            };
            assert!(!same_report);
            assert_eq!(w.store.invocation(w.ws, call.id).await.unwrap(), call);
        }
    }
}

/// What nobody has told of a turn's calls, so that it cannot end yet.
async fn untold(w: &World, end: &FinishTurn) -> Vec<InvocationId> {
    match w.store.finish_turn(end).await {
        Err(StoreError::Untold(calls)) => calls,
        other => panic!("{other:?}"),
    }
}

pub async fn ends_that_come_while_their_turn_runs_are_said_with_its_reply_or_right_after_it(
    w: &World,
) {
    let running = w.running().await;
    let mut calls = Vec::new();
    for hash in 1..=3 {
        let call = w.call_at(&running, InvocationStatus::Accepted, hash).await;
        calls.push(call.id);
    }
    for (id, n) in calls[..2].iter().zip(1..) {
        let (_, said) = now_settled(settle(w, &report(w, &running, *id, n)).await);
        assert!(!said);
    }
    let mut end = w.end(&running);
    assert_eq!(untold(w, &end).await, calls[..2]);
    end.told = Some(vec![calls[0]]);
    assert_eq!(untold(w, &end).await, calls[1..2]);
    // It has written nothing: another may come to its end.
    now_settled(settle(w, &report(w, &running, calls[2], 3)).await);
    assert_eq!(untold(w, &end).await, calls[1..]);
    end.follow_ups = calls[1..]
        .iter()
        .map(|id| Say {
            about: Some(*id),
            ..w.say(&running.conversation, Speaker::Agent, "It is done.")
        })
        .collect();
    w.store.finish_turn(&end).await.unwrap();
    let id = running.conversation.id;
    let turns = w.store.past_turns(w.ws, id, 500).await.unwrap();
    let said = turns.iter().filter_map(|turn| turn.reply.as_ref());
    let said: Vec<&str> = said.map(|message| message.text.as_str()).collect();
    assert_eq!(said, ["Here it is.", "It is done.", "It is done."]);
}

pub async fn of_a_report_and_the_end_of_its_turn_at_once_the_later_says_it(w: &World) {
    for n in 0..20 {
        let running = w.running().await;
        let call = w.call_at(&running, InvocationStatus::Accepted, 1).await;
        let (report, end) = (report(w, &running, call.id, n), w.end(&running));
        let (settled, ended) = tokio::join!(
            w.store.settle_invocation(&report),
            w.store.finish_turn(&end)
        );
        let (_, followed_up) = now_settled(settled.unwrap());
        let is_told_to_say_it = matches!(ended, Err(StoreError::Untold(_)));
        assert_ne!(followed_up, is_told_to_say_it, "{ended:?}");
    }
}

pub async fn a_report_beats_the_calls_own_answer(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Sending, 1).await;
    now_settled(settle(w, &report(w, &running, call.id, 1)).await);
    assert!(
        !w.finish(call.id, &outcome(InvocationStatus::Accepted))
            .await
    );
    let stored = w.store.invocation(w.ws, call.id).await.unwrap();
    assert_eq!(stored.status, InvocationStatus::Completed);
    assert_eq!(stored.duration_ms, Some(41));
}

pub async fn an_operator_settles_what_is_unknown_once(w: &World) {
    for (hash, to) in (1..).zip([InvocationStatus::Succeeded, InvocationStatus::Failed]) {
        let running = w.running().await;
        let call = w.call_at(&running, InvocationStatus::Unknown, hash).await;
        w.store.finish_turn(&w.end(&running)).await.unwrap();
        let (after, said) = now_settled(settle(w, &by_hand(w, &running, call.id, to)).await);
        assert!(said);
        assert_eq!(after.status, to);
        // What has failed keeps the reason that it was unknown for.
        assert_eq!(after.failure.is_some(), to == InvocationStatus::Failed);
        let settlement = after.settlement.unwrap();
        assert_eq!(settlement.by, Settler::Operator);
        assert_eq!(settlement.note.as_deref(), Some("Looked it up."));
        let again = settle(w, &by_hand(w, &running, call.id, to)).await;
        assert!(matches!(again, Settled::Stands { .. }));
    }
    assert_eq!(w.store.unsettled(w.ws).await.unwrap(), None);
}

pub async fn what_nobody_reports_on_is_overdue_in_its_time(w: &World) {
    let running = w.running().await;
    let mut calls = Vec::new();
    for hash in 1..=3 {
        let call = w.call_at(&running, InvocationStatus::Intended, hash).await;
        if hash > 1 {
            w.store
                .add_callback(&token(w, call.id, hash))
                .await
                .unwrap();
        }
        let now = w.now();
        let marked = w
            .store
            .mark_sending(w.ws, call.id, w.node.into(), now)
            .await;
        assert!(marked.unwrap());
        assert!(
            w.finish(call.id, &outcome(InvocationStatus::Accepted))
                .await
        );
        calls.push(call.id);
        w.pass(SignedDuration::from_mins(1));
    }
    assert_eq!(w.store.overdue(w.now(), 10).await.unwrap(), []);
    w.pass(SignedDuration::from_hours(25));
    let overdue = w.store.overdue(w.now(), 2).await.unwrap();
    assert_eq!(overdue, [(w.ws, calls[0]), (w.ws, calls[1])]);
    for id in calls {
        let expiry = SettleInvocation {
            from: &[InvocationStatus::Accepted],
            status: InvocationStatus::Expired,
            by: Settler::Expiry,
            result: None,
            report_hash: None,
            ..report(w, &running, id, 0)
        };
        let (after, _) = now_settled(settle(w, &expiry).await);
        // What the call itself has answered is kept.
        assert_eq!(after.result, outcome(InvocationStatus::Accepted).result);
    }
    assert_eq!(w.store.overdue(w.now(), 10).await.unwrap(), []);
}

pub async fn one_of_another_workspace_is_not_found(w: &World) {
    let running = w.running().await;
    let call = w.call_at(&running, InvocationStatus::Unknown, 1).await;
    let other = w.other().await;
    let mut foreign = report(w, &running, call.id, 1);
    foreign.workspace_id = other.ws;
    let settled = w.store.settle_invocation(&foreign).await;
    assert!(matches!(settled, Err(StoreError::NotFound)));
    let at = w.now();
    let noted = w
        .store
        .note_progress(other.ws, call.id, "half way", at)
        .await;
    assert!(!noted.unwrap());
    assert_eq!(w.store.invocation(w.ws, call.id).await.unwrap(), call);
}
