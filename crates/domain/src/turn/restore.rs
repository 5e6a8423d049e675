//! A turn rebuilt from what is stored, to be gone on with where it was.
//!
//! What is stored of a running turn: whole pairs of steps, calls and their results, and at the end
//! perhaps calls without results, those that were being dispatched when the server stopped. Nothing
//! else has to be known: answers of models, calls and repairs are counted from these.

use std::collections::VecDeque;

use super::parts::{Done, Planned, Ran, Slot, TurnLimits};
use super::{State, Turn};
use crate::check::{CheckedCall, Verdict};
use crate::conversation::Step;
use crate::id::InvocationId;
use crate::prompt::ToolCall;

/// A call of the turn as it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The model's id of the call.
    pub call_id: String,
    /// What was decided.
    pub call: CheckedCall,
    /// The invocation.
    pub invocation_id: InvocationId,
    /// Whether it used one of the turn's calls; what was refused before it could be sent did not.
    pub counts: bool,
    /// What came of it; `None` while it is in flight.
    pub ran: Option<Ran>,
}

impl Turn {
    /// A turn with these steps and these calls, in the order recorded. Calls from earlier in the
    /// conversation that stood for one of this turn's are among them.
    pub fn restored(limits: TurnLimits, steps: Vec<Step>, recorded: Vec<Recorded>) -> Self {
        let mut turn = Self::new(limits);
        turn.calls = recorded.iter().map(|one| u32::from(one.counts)).sum();
        let mut left: VecDeque<Recorded> = recorded.into();
        let mut open: Option<&[ToolCall]> = None;
        for step in &steps {
            match step {
                Step::Asked { calls, .. } => {
                    turn.model_calls += 1;
                    open = Some(calls);
                }
                Step::Answered { results } => {
                    open = None;
                    if results.iter().any(|result| result.invocation_id.is_none()) {
                        turn.repairs += 1;
                    }
                    for result in results {
                        let Some(id) = result.invocation_id else {
                            continue;
                        };
                        let Some(at) = left.iter().position(|one| one.invocation_id == id) else {
                            continue;
                        };
                        match left.remove(at) {
                            Some(Recorded {
                                call,
                                ran: Some(ran),
                                ..
                            }) => turn.done.push(Done {
                                call,
                                ran: ran.when_told(&result.content),
                            }),
                            // It was told of, and is in flight all the same: nobody knows.
                            _ => turn.lost_calls = true,
                        }
                    }
                }
            }
        }
        if let Some(calls) = open {
            turn.state = State::Check(calls.to_vec());
            turn.recorded = left.into();
        }
        turn.taken_steps = steps.len();
        turn.steps = steps;
        turn
    }

    /// Takes the recorded calls of the open step into its batch, each in the place of the call it was
    /// made for. Returns what is still to be judged: the index and the verdict of the others.
    pub(super) fn resume(
        &mut self,
        calls: &[ToolCall],
        verdicts: Vec<Verdict>,
        planned: &mut Vec<Planned>,
    ) -> Vec<Found> {
        let mut recorded = std::mem::take(&mut self.recorded);
        let mut take = |call: &ToolCall, verdict: &Verdict| {
            let is_same =
                |one: &Recorded| one.call_id == call.id && judged(verdict) == Some(&one.call);
            let ids = calls.iter().filter(|other| other.id == call.id).count();
            let at = recorded.iter().position(is_same).or_else(|| {
                let same_id = |one: &Recorded| ids == 1 && one.call_id == call.id;
                recorded.iter().position(same_id)
            })?;
            Some(recorded.remove(at))
        };
        let found = calls
            .iter()
            .zip(verdicts)
            .map(|(call, verdict)| match take(call, &verdict) {
                Some(one) => {
                    planned.push(as_planned(one));
                    Found::Recorded(Slot::Planned(planned.len() - 1))
                }
                None => Found::Judged(verdict),
            })
            .collect();
        // Whatever was recorded is accounted for, also if no call is found that it was made for.
        planned.extend(recorded.into_iter().map(as_planned));
        found
    }
}

/// What is known of one call of the open step.
#[derive(Debug)]
pub(super) enum Found {
    /// It has been recorded.
    Recorded(Slot),
    /// It was not, and is judged anew.
    Judged(Verdict),
}

fn judged(verdict: &Verdict) -> Option<&CheckedCall> {
    match verdict {
        Verdict::Send(call) | Verdict::Refuse(call, ..) => Some(call),
        Verdict::Told(_) => None,
    }
}

fn as_planned(recorded: Recorded) -> Planned {
    Planned {
        call_id: recorded.call_id,
        call: recorded.call,
        refused: None,
        recorded: Some(recorded.invocation_id),
    }
}
