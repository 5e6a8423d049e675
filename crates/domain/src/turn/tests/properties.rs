//! The turn under every sequence of answers, verdicts and results.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// What a driver may come across at each step.
#[derive(Debug, Clone)]
enum Event {
    Says,
    Empty,
    Asks(Vec<(u8, u8, u8)>),
    GivesUp,
    TimeIsUp,
    Breaks,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        1 => Just(Event::Says),
        1 => Just(Event::Empty),
        8 => prop::collection::vec((0u8..5, 0u8..3, 0u8..6), 1..20).prop_map(Event::Asks),
        1 => Just(Event::GivesUp),
        1 => Just(Event::TimeIsUp),
        1 => Just(Event::Breaks),
    ]
}

fn verdict(kind: u8, value: u8) -> Verdict {
    match kind {
        0 => Verdict::Told(Report::invalid("broken", Vec::new())),
        1 => missing("order_number"),
        2 => Verdict::Refuse(call(kind, value), FailureCode::NotVerified, "no".to_owned()),
        _ => Verdict::Send(call(kind, value)),
    }
}

fn result(kind: u8, planned: &Planned) -> Ran {
    if let Some((code, _)) = &planned.refused {
        return came_to(InvocationStatus::Failed, Some(*code), true);
    }
    match kind {
        0 => came_to(
            InvocationStatus::Failed,
            Some(FailureCode::HttpError),
            false,
        ),
        1 => came_to(InvocationStatus::Failed, Some(FailureCode::DnsError), true),
        2 => came_to(InvocationStatus::Unknown, Some(FailureCode::Timeout), false),
        3 => came_to(InvocationStatus::Declined, None, false),
        _ => succeeded(),
    }
}

proptest! {
    /// Whatever happens: never over a budget, never the same call sent twice without cause, never a
    /// call without its result, never a claim of the model's over something that went wrong, and
    /// always a reply.
    #[test]
    fn every_turn_ends_well(events in prop::collection::vec(event(), 1..14)) {
        let limits = TurnLimits::default();
        let mut turn = Turn::new(limits);
        let mut sent = 0;
        let mut delivered: HashSet<String> = HashSet::new();
        let mut went_wrong = false;
        let mut events = events.into_iter();
        for _ in 0..100 {
            match turn.next() {
                Next::Done => break,
                Next::CallModel => match events.next().unwrap_or(Event::Says) {
                    Event::Says => turn.answered(says("MODEL SAYS DONE")).unwrap(),
                    Event::Empty => turn.answered(says("  ")).unwrap(),
                    Event::GivesUp => turn.model_gave_up("500").unwrap(),
                    Event::TimeIsUp => turn.out_of_time().unwrap(),
                    Event::Breaks => turn.broke("disk full"),
                    Event::Asks(kinds) => {
                        turn.answered(asks(kinds.len())).unwrap();
                        if let Next::Check(calls) = turn.next() {
                            prop_assert!(calls.len() <= limits::CALLS_PER_ANSWER);
                            let n = calls.len();
                            let verdicts = kinds.iter().take(n).map(|(kind, value, _)| verdict(*kind, *value)).collect();
                            turn.judged(verdicts).unwrap();
                            if matches!(turn.next(), Next::Dispatch(_)) {
                                let planned = planned(&turn);
                                let results: Vec<Ran> = planned.iter().enumerate()
                                    .map(|(i, p)| result(kinds[i % kinds.len()].2, p)).collect();
                                for (p, ran) in planned.iter().zip(&results) {
                                    if p.refused.is_none() {
                                        sent += 1;
                                        if !ran.provably_unsent {
                                            let key = format!("{}{}", p.call.action(), p.call.canonical());
                                            prop_assert!(delivered.insert(key), "sent twice");
                                        }
                                    }
                                    went_wrong |= ran.status == InvocationStatus::Unknown;
                                }
                                turn.ran(results).unwrap();
                            }
                        }
                    }
                },
                other => prop_assert!(false, "left in {other:?}"),
            }
            prop_assert!(sent <= limits.calls);
            prop_assert!(turn.model_calls() <= limits.model_calls);
        }
        let finished = turn.finish(&agent());
        prop_assert!(finished.is_some(), "the turn did not end");
        let finished = finished.unwrap();
        prop_assert!(!finished.reply.trim().is_empty());
        prop_assert_eq!(finished.status == TurnStatus::Failed, finished.stop_reason.is_some());
        if went_wrong {
            prop_assert!(!finished.reply.contains("MODEL SAYS"));
        }
        let mut steps = turn.steps().iter();
        while let Some(Step::Asked { calls, .. }) = steps.next() {
            let Some(Step::Answered { results }) = steps.next() else {
                return Err(TestCaseError::fail("calls without results"));
            };
            prop_assert_eq!(calls.len(), results.len());
        }
    }

    /// What it did not ask for is refused and changes nothing.
    #[test]
    fn nothing_is_taken_out_of_order(count in 1usize..4) {
        let mut turn = Turn::new(TurnLimits::default());
        prop_assert!(turn.judged(Vec::new()).is_err());
        prop_assert!(turn.ran(Vec::new()).is_err());
        turn.answered(asks(count)).unwrap();
        prop_assert!(turn.answered(says("hello")).is_err());
        prop_assert!(turn.judged(Vec::new()).is_err());
        turn.judged((0..count).map(|i| Verdict::Send(call(1, i as u8))).collect()).unwrap();
        prop_assert!(turn.out_of_time().is_err());
        prop_assert!(turn.ran(Vec::new()).is_err());
        prop_assert_eq!(planned(&turn).len(), count);
    }
}
