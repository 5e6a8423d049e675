//! The turn, case by case.

mod properties;
mod restore;

use jiff::Timestamp;
use serde_json::json;

use super::*;
use crate::action::{Action, ActionDefinition};
use crate::agent::AgentDefinition;
use crate::clock::Entropy;
use crate::conversation::TurnStatus;
use crate::id::{ActionId, WorkspaceId};
use crate::invocation::InvocationStatus;
use crate::report::{Problem, ProblemKind};
use crate::wording;

#[derive(Debug)]
struct Fixed(u8);
impl Entropy for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(self.0);
    }
}

fn action(n: u8) -> Action {
    let definition: ActionDefinition = serde_json::from_value(json!({
        "name": format!("action_{n}"),
        "display_name": format!("Action {n}"),
        "description": "Does it.",
        "webhook_url": "https://api.example.com/",
        "parameters": {"type": "object"},
    }))
    .unwrap();
    Action {
        id: ActionId::new(Timestamp::UNIX_EPOCH, &Fixed(n)),
        workspace_id: WorkspaceId::new(Timestamp::UNIX_EPOCH, &Fixed(0)),
        version: 1,
        definition,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn call(n: u8, value: u8) -> CheckedCall {
    let parameters = json!({"value": value});
    CheckedCall::for_test(&action(n), parameters.as_object().unwrap().clone())
}

fn asks(count: usize) -> Answer {
    Answer {
        text: String::new(),
        calls: (0..count)
            .map(|i| ToolCall {
                id: format!("call_{i}"),
                name: "action_1".to_owned(),
                arguments: "{}".to_owned(),
            })
            .collect(),
        usage: None,
    }
}

fn says(text: &str) -> Answer {
    Answer {
        text: text.to_owned(),
        ..Answer::default()
    }
}

fn came_to(status: InvocationStatus, failure: Option<FailureCode>, unsent: bool) -> Ran {
    Ran {
        invocation_id: InvocationId::new(Timestamp::UNIX_EPOCH, &Fixed(9)),
        status,
        failure,
        provably_unsent: unsent,
        result: (status == InvocationStatus::Succeeded).then(|| json!({"state": "shipped"})),
        error: (status == InvocationStatus::Declined).then(|| "Order not found".to_owned()),
        report: Report::failed(),
    }
}

fn succeeded() -> Ran {
    came_to(InvocationStatus::Succeeded, None, false)
}

fn agent() -> AgentDefinition {
    AgentDefinition {
        name: "Shop".to_owned(),
        fallback_contact: Some("help@shop.example".to_owned()),
        ..AgentDefinition::default()
    }
}

fn missing(parameter: &str) -> Verdict {
    Verdict::Told(Report::needs_input(vec![Problem {
        parameter: parameter.to_owned(),
        problem: ProblemKind::NotGiven,
        message: String::new(),
    }]))
}

fn planned(turn: &Turn) -> Vec<Planned> {
    match turn.next() {
        Next::Dispatch(planned) => planned.to_vec(),
        other => panic!("expected a dispatch, not {other:?}"),
    }
}

#[test]
fn a_question_is_answered_from_the_result() {
    let mut turn = Turn::new(TurnLimits::default());
    turn.answered(asks(1)).unwrap();
    turn.judged(vec![Verdict::Send(call(1, 1))]).unwrap();
    assert_eq!(planned(&turn).len(), 1);
    turn.ran(vec![succeeded()]).unwrap();
    turn.answered(says("It has shipped.")).unwrap();
    let finished = turn.finish(&agent()).unwrap();
    assert_eq!(finished.reply, "It has shipped.");
    assert_eq!(finished.status, TurnStatus::Completed);
    assert_eq!(turn.steps().len(), 2);
}

#[test]
fn a_model_that_never_asks_the_customer_is_spoken_for() {
    let mut turn = Turn::new(TurnLimits::default());
    for _ in 0..3 {
        turn.answered(asks(1)).unwrap();
        turn.judged(vec![missing("order_number")]).unwrap();
    }
    let finished = turn.finish(&agent()).unwrap();
    assert_eq!(finished.reply, "Could you please give me the order number?");
    assert_eq!(finished.status, TurnStatus::Completed);
}

#[test]
fn two_repairs_and_no_third() {
    let mut turn = Turn::new(TurnLimits::default());
    for _ in 0..3 {
        assert!(matches!(turn.next(), Next::CallModel));
        turn.answered(asks(1)).unwrap();
        turn.judged(vec![Verdict::Told(Report::invalid(
            "broken JSON",
            Vec::new(),
        ))])
        .unwrap();
    }
    let finished = turn.finish(&agent()).unwrap();
    assert_eq!(finished.stop_reason, Some(StopReason::RepairBudget));
    assert!(finished.reply.contains("help@shop.example"));
}

#[test]
fn identical_calls_are_one_also_when_they_come_later() {
    let mut turn = Turn::new(TurnLimits::default());
    turn.answered(asks(3)).unwrap();
    turn.judged(vec![
        Verdict::Send(call(1, 1)),
        Verdict::Send(call(1, 2)),
        Verdict::Send(call(1, 1)),
    ])
    .unwrap();
    assert_eq!(planned(&turn).len(), 2);
    turn.ran(vec![succeeded(), succeeded()]).unwrap();
    turn.answered(asks(1)).unwrap();
    turn.judged(vec![Verdict::Send(call(1, 2))]).unwrap();
    assert!(
        matches!(turn.next(), Next::CallModel),
        "replayed without a dispatch"
    );
}

#[test]
fn what_was_provably_not_sent_may_be_sent_again() {
    let mut turn = Turn::new(TurnLimits::default());
    turn.answered(asks(1)).unwrap();
    turn.judged(vec![Verdict::Send(call(1, 1))]).unwrap();
    turn.ran(vec![came_to(
        InvocationStatus::Failed,
        Some(FailureCode::ConnectError),
        true,
    )])
    .unwrap();
    turn.answered(asks(1)).unwrap();
    turn.judged(vec![Verdict::Send(call(1, 1))]).unwrap();
    assert_eq!(planned(&turn).len(), 1);
    turn.ran(vec![succeeded()]).unwrap();
    turn.answered(says("Done after all.")).unwrap();
    assert_eq!(turn.finish(&agent()).unwrap().reply, "Done after all.");
}

#[test]
fn what_could_not_even_be_recorded_is_not_called_uncertain() {
    let mut turn = Turn::new(TurnLimits::default());
    turn.answered(asks(1)).unwrap();
    turn.judged(vec![Verdict::Send(call(1, 1))]).unwrap();
    turn.not_begun("disk full");
    let finished = turn.finish(&agent()).unwrap();
    assert_eq!(finished.stop_reason, Some(StopReason::Internal));
    assert_eq!(finished.stop_detail.as_deref(), Some("disk full"));
    assert!(!finished.reply.contains(wording::UNKNOWN));
    let Some(Step::Answered { results }) = turn.steps().last() else {
        panic!("a call without a result");
    };
    assert_eq!(results[0].content["status"], "failed");
}

#[test]
fn no_model_turns_a_failure_into_a_success() {
    let mut turn = Turn::new(TurnLimits::default());
    turn.answered(asks(1)).unwrap();
    turn.judged(vec![Verdict::Send(call(1, 1))]).unwrap();
    turn.ran(vec![came_to(
        InvocationStatus::Failed,
        Some(FailureCode::HttpError),
        false,
    )])
    .unwrap();
    turn.answered(says("All done, your refund is on its way!"))
        .unwrap();
    assert_eq!(
        turn.finish(&agent()).unwrap().reply,
        "I'm sorry, I wasn't able to complete that just now. You can try again in a few minutes, \
         or contact help@shop.example."
    );
}

#[test]
fn no_model_turns_an_uncertain_outcome_into_either() {
    let mut turn = Turn::new(TurnLimits::default());
    turn.answered(asks(2)).unwrap();
    turn.judged(vec![Verdict::Send(call(1, 1)), Verdict::Send(call(2, 1))])
        .unwrap();
    turn.ran(vec![
        succeeded(),
        came_to(InvocationStatus::Unknown, Some(FailureCode::Timeout), false),
    ])
    .unwrap();
    turn.answered(says("Both went through.")).unwrap();
    assert_eq!(
        turn.finish(&agent()).unwrap().reply,
        "Action 1: state: shipped. About \u{201c}Action 2\u{201d}: I couldn't complete that in \
         time, and I can't confirm whether it went through. Please contact help@shop.example to be \
         sure."
    );
}

#[test]
fn one_calls_success_does_not_hide_anothers_failure() {
    for (first, second) in [(0, 1), (1, 0)] {
        let mut turn = Turn::new(TurnLimits::default());
        turn.answered(asks(2)).unwrap();
        turn.judged(vec![Verdict::Send(call(1, 1)), Verdict::Send(call(1, 2))])
            .unwrap();
        let failed = came_to(
            InvocationStatus::Failed,
            Some(FailureCode::HttpError),
            false,
        );
        let came = [failed, succeeded()];
        turn.ran(vec![came[first].clone(), came[second].clone()])
            .unwrap();
        turn.answered(says("Both are cancelled.")).unwrap();
        let reply = turn.finish(&agent()).unwrap().reply;
        assert!(reply.contains("wasn't able to complete"), "{reply}");
    }
}

#[test]
fn a_question_does_not_swallow_what_was_done() {
    let mut turn = Turn::new(TurnLimits::default());
    turn.answered(asks(1)).unwrap();
    turn.judged(vec![Verdict::Send(call(1, 1))]).unwrap();
    turn.ran(vec![succeeded()]).unwrap();
    for _ in 0..3 {
        turn.answered(asks(1)).unwrap();
        turn.judged(vec![missing("lines/0/orderNumber")]).unwrap();
    }
    assert_eq!(
        turn.finish(&agent()).unwrap().reply,
        "Action 1: state: shipped. Could you please give me the order number?"
    );
}

#[test]
fn the_sixth_call_is_refused_and_the_turn_says_so() {
    let mut turn = Turn::new(TurnLimits::default());
    turn.answered(asks(6)).unwrap();
    turn.judged((0..6).map(|i| Verdict::Send(call(1, i))).collect())
        .unwrap();
    let planned = planned(&turn);
    assert_eq!(planned.iter().filter(|p| p.refused.is_none()).count(), 5);
    turn.ran(
        planned
            .iter()
            .map(|p| match &p.refused {
                None => succeeded(),
                Some((code, _)) => came_to(InvocationStatus::Failed, Some(*code), true),
            })
            .collect(),
    )
    .unwrap();
    let finished = turn.finish(&agent()).unwrap();
    assert_eq!(finished.stop_reason, Some(StopReason::CallBudget));
    assert!(
        finished
            .reply
            .contains("not everything you asked for is done")
    );
}

fn hands_over(arguments: &str) -> Answer {
    let mut answer = asks(2);
    answer.calls[1].name = crate::handoff::TOOL.to_owned();
    answer.calls[1].arguments = arguments.to_owned();
    answer
}

#[test]
fn handing_over_ends_the_turn_in_the_servers_words() {
    let mut turn = Turn::new(TurnLimits::default()).offering_a_person(true);
    turn.answered(hands_over(r#"{"reason": "Wants a refund"}"#))
        .unwrap();
    assert!(matches!(turn.next(), Next::Done));
    let finished = turn.finish(&agent()).unwrap();
    assert_eq!(finished.status, TurnStatus::Completed);
    assert_eq!(finished.handoff.as_deref(), Some("Wants a refund"));
    assert_eq!(finished.reply, wording::HANDED_OVER);
    // The call has its result, and what was asked for along with it was not done.
    let [Step::Asked { calls, .. }, Step::Answered { results }] = turn.steps() else {
        panic!("a call with its result, not {:?}", turn.steps());
    };
    assert_eq!((calls.len(), results.len()), (1, 1));
    assert_eq!(calls[0].id, results[0].call_id);
}

#[test]
fn what_was_done_or_failed_before_is_said_when_handing_over() {
    for (ran, said) in [
        (succeeded(), "Action 1"),
        (
            came_to(InvocationStatus::Unknown, Some(FailureCode::Timeout), false),
            wording::UNKNOWN,
        ),
    ] {
        let mut turn = Turn::new(TurnLimits::default()).offering_a_person(true);
        turn.answered(asks(1)).unwrap();
        turn.judged(vec![Verdict::Send(call(1, 1))]).unwrap();
        turn.ran(vec![ran]).unwrap();
        turn.answered(hands_over("{}")).unwrap();
        let reply = turn.finish(&agent()).unwrap().reply;
        assert!(reply.contains(said), "{reply}");
        assert!(reply.ends_with(wording::HANDED_OVER), "{reply}");
    }
}

#[test]
fn where_no_person_is_offered_the_call_is_an_unknown_one() {
    let mut turn = Turn::new(TurnLimits::default());
    turn.answered(hands_over("{}")).unwrap();
    assert!(matches!(turn.next(), Next::Check(calls) if calls.len() == 2));
}
