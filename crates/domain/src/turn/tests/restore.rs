//! A turn cut off at any point and restored from what was stored goes on as if nothing had happened.

use proptest::prelude::*;

use super::*;
use crate::turn::restore::Recorded;

/// One call that the scripted model asks for: what the judge says, which value, what comes of it.
type Wanted = (u8, u8, u8);

/// What outlives a crash.
#[derive(Debug, Default, Clone, PartialEq)]
struct Stored {
    steps: Vec<Step>,
    calls: Vec<StoredCall>,
    /// How often each invocation was sent.
    sent: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq)]
struct StoredCall {
    call_id: String,
    call: CheckedCall,
    refused: bool,
    kind: u8,
    ran: Option<Ran>,
}

fn id(n: usize) -> InvocationId {
    InvocationId::new(
        Timestamp::from_millisecond(i64::try_from(n).unwrap()).unwrap(),
        &Fixed(1),
    )
}

impl Stored {
    fn restore(&self) -> Turn {
        let recorded = self.calls.iter().enumerate().map(|(n, stored)| Recorded {
            call_id: stored.call_id.clone(),
            call: stored.call.clone(),
            invocation_id: id(n),
            counts: !stored.refused,
            ran: stored.ran.clone(),
        });
        Turn::restored(
            TurnLimits::default(),
            self.steps.clone(),
            recorded.collect(),
        )
    }
}

/// Counts down to the crash.
struct Fuse(Option<u32>);

impl Fuse {
    /// True: it dies here.
    fn burns(&mut self) -> bool {
        match &mut self.0 {
            Some(0) => true,
            Some(left) => {
                *left -= 1;
                false
            }
            None => false,
        }
    }
}

fn outcome(kind: u8, id: InvocationId) -> Ran {
    let ran = match kind {
        0 => came_to(
            InvocationStatus::Failed,
            Some(FailureCode::HttpError),
            false,
        ),
        1 => came_to(InvocationStatus::Failed, Some(FailureCode::DnsError), true),
        2 => came_to(InvocationStatus::Unknown, Some(FailureCode::Timeout), false),
        3 => came_to(InvocationStatus::Declined, None, false),
        _ => succeeded(),
    };
    Ran {
        invocation_id: id,
        ..ran
    }
}

fn answer_of(wanted: &[Wanted], n: u32) -> Answer {
    let calls = wanted.iter().enumerate().map(|(i, (kind, ..))| ToolCall {
        id: format!("call_{n}_{i}"),
        name: format!("action_{kind}"),
        arguments: "{}".to_owned(),
    });
    Answer {
        text: String::new(),
        calls: calls.collect(),
        usage: None,
    }
}

fn verdict_on((kind, value, _): &Wanted) -> Verdict {
    match kind {
        0 => Verdict::Told(Report::invalid("broken", Vec::new())),
        1 => missing("order_number"),
        2 => Verdict::Refuse(
            call(*kind, *value),
            FailureCode::NotVerified,
            "no".to_owned(),
        ),
        _ => Verdict::Send(call(*kind, *value)),
    }
}

/// Drives a turn as the service does. `None`: it died.
fn drive(
    turn: &mut Turn,
    script: &[Vec<Wanted>],
    stored: &mut Stored,
    fuse: &mut Fuse,
) -> Option<Vec<Step>> {
    loop {
        if fuse.burns() {
            return None;
        }
        let n = turn.model_calls();
        let wanted = |n: u32| script.get(n as usize).map(Vec::as_slice);
        match turn.next() {
            Next::Done => {
                stored.steps.extend(turn.take_steps());
                return Some(stored.steps.clone());
            }
            Next::CallModel => match wanted(n) {
                Some(wanted) => turn.answered(answer_of(wanted, n)).unwrap(),
                None => turn.answered(says("MODEL SAYS DONE")).unwrap(),
            },
            Next::Check(calls) => {
                let wanted = &wanted(n - 1).unwrap()[..calls.len()];
                let verdicts = wanted.iter().map(verdict_on).collect();
                turn.judged(verdicts).unwrap();
            }
            Next::Dispatch(planned) => {
                let planned = planned.to_vec();
                let wanted = wanted(n - 1).unwrap();
                // One transaction.
                stored.steps.extend(turn.take_steps());
                let mut indexes = Vec::new();
                for planned in &planned {
                    if let Some(known) = planned.recorded {
                        let at = (0..stored.calls.len()).position(|n| id(n) == known);
                        indexes.push(at.unwrap());
                        continue;
                    }
                    let place = planned.call_id.rsplit('_').next().unwrap();
                    let refused = planned.refused.as_ref().map(|(code, _)| *code);
                    let n = stored.calls.len();
                    indexes.push(n);
                    stored.sent.push(0);
                    stored.calls.push(StoredCall {
                        call_id: planned.call_id.clone(),
                        call: planned.call.clone(),
                        refused: refused.is_some(),
                        kind: wanted[place.parse::<usize>().unwrap()].2,
                        ran: refused.map(|code| Ran {
                            invocation_id: id(n),
                            ..came_to(InvocationStatus::Failed, Some(code), true)
                        }),
                    });
                }
                for n in &indexes {
                    if fuse.burns() {
                        return None;
                    }
                    // Another transaction.
                    if stored.calls[*n].ran.is_none() {
                        stored.sent[*n] += 1;
                        stored.calls[*n].ran = Some(outcome(stored.calls[*n].kind, id(*n)));
                    }
                }
                let ran = indexes
                    .iter()
                    .map(|n| stored.calls[*n].ran.clone().unwrap())
                    .collect();
                turn.ran(ran).unwrap();
            }
        }
    }
}

fn script() -> impl Strategy<Value = Vec<Vec<Wanted>>> {
    let wanted = (0u8..6, 0u8..3, 0u8..6);
    prop::collection::vec(prop::collection::vec(wanted, 1..7), 0..7)
}

proptest! {
    /// Cut anywhere, as often as one likes: the same steps, the same invocations, the same reply, and
    /// no call twice.
    #[test]
    fn a_turn_that_is_cut_off_goes_on(script in script(), cuts in prop::collection::vec(0u32..12, 0..4)) {
        let mut whole = Stored::default();
        let mut turn = Turn::new(TurnLimits::default());
        let steps = drive(&mut turn, &script, &mut whole, &mut Fuse(None)).unwrap();
        let reply = turn.finish(&agent()).unwrap();

        let mut stored = Stored::default();
        for cut in cuts {
            let mut again = stored.restore();
            if drive(&mut again, &script, &mut stored, &mut Fuse(Some(cut))).is_some() {
                // It ended before; there is nothing to restore.
                prop_assert_eq!(&stored.steps, &steps);
                return Ok(());
            }
        }
        let mut again = stored.restore();
        let ended = drive(&mut again, &script, &mut stored, &mut Fuse(None)).unwrap();
        prop_assert_eq!(ended, steps);
        prop_assert_eq!(&stored, &whole);
        prop_assert!(stored.sent.iter().all(|sent| *sent <= 1));
        prop_assert_eq!(again.finish(&agent()).unwrap(), reply);
        prop_assert_eq!(again.model_calls(), turn.model_calls());
        prop_assert_eq!((again.calls, again.repairs), (turn.calls, turn.repairs));
    }
}

#[test]
fn a_call_whose_outcome_is_lost_is_never_worded_by_a_model() {
    let stored = Stored {
        steps: vec![
            Step::Asked {
                text: String::new(),
                calls: asks(1).calls,
            },
            Step::Answered {
                results: vec![ToolResult {
                    call_id: "call_0".to_owned(),
                    name: "action_1".to_owned(),
                    invocation_id: Some(id(0)),
                    content: Report::unknown().to_value(),
                }],
            },
        ],
        calls: vec![StoredCall {
            call_id: "call_0".to_owned(),
            call: call(3, 1),
            refused: false,
            kind: 4,
            ran: None,
        }],
        sent: vec![0],
    };
    let mut turn = stored.restore();
    turn.answered(says("All done!")).unwrap();
    let reply = turn.finish(&agent()).unwrap().reply;
    assert!(!reply.contains("All done"), "{reply}");
}

#[test]
fn a_recorded_call_is_told_from_another_of_the_same_id() {
    let mut answer = asks(2);
    answer.calls[1].id = "call_0".to_owned();
    let stored = Stored {
        steps: vec![Step::Asked {
            text: String::new(),
            calls: answer.calls,
        }],
        calls: vec![StoredCall {
            call_id: "call_0".to_owned(),
            call: call(3, 2),
            refused: false,
            kind: 4,
            ran: None,
        }],
        sent: vec![0],
    };
    let mut turn = stored.restore();
    let verdicts = vec![missing("value"), Verdict::Send(call(3, 2))];
    turn.judged(verdicts).unwrap();
    let planned = planned(&turn);
    assert_eq!(planned.len(), 1);
    assert_eq!(planned[0].recorded, Some(id(0)));
    turn.ran(vec![Ran {
        invocation_id: id(0),
        ..succeeded()
    }])
    .unwrap();
    let Some(Step::Answered { results }) = turn.steps().last() else {
        panic!("no results");
    };
    assert_eq!(results[0].invocation_id, None);
    assert_eq!(results[1].invocation_id, Some(id(0)));
}

#[test]
fn an_end_that_came_while_nobody_ran_the_turn_is_news_and_not_in_its_reply() {
    let told = |report: Report| {
        let calls = asks(1).calls;
        let result = ToolResult {
            call_id: "call_0".to_owned(),
            name: "action_1".to_owned(),
            invocation_id: Some(id(0)),
            content: report.to_value(),
        };
        let stored = Stored {
            steps: vec![
                Step::Asked {
                    text: String::new(),
                    calls,
                },
                Step::Answered {
                    results: vec![result],
                },
            ],
            calls: vec![StoredCall {
                call_id: "call_0".to_owned(),
                call: call(3, 1),
                refused: false,
                kind: 4,
                ran: Some(Ran {
                    invocation_id: id(0),
                    ..came_to(InvocationStatus::Completed, None, false)
                }),
            }],
            sent: vec![1],
        };
        let mut turn = stored.restore();
        turn.answered(says("It is on its way.")).unwrap();
        let reply = turn.finish(&agent()).unwrap().reply;
        (reply, turn.told_ends())
    };
    let begun = told(Report::accepted(None, None, None));
    assert_eq!(begun, ("It is on its way.".to_owned(), Some(Vec::new())));
    let (uncertain, ends) = told(Report::unknown());
    assert!(uncertain.starts_with(wording::UNKNOWN), "{uncertain}");
    assert_eq!(ends, Some(Vec::new()));
    let done = told(Report::succeeded(None, None));
    assert_eq!(done, ("It is on its way.".to_owned(), None));
}
