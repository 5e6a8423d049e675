//! The turn: what happens between a customer's message and the reply, as data. It does no IO: it
//! says what to do [`Next`], is told what came of it, and ends with a reply whatever happens.
//!
//! The rules it keeps by itself: a call goes out only as a [`CheckedCall`], which only
//! [`crate::check`] can make; budgets; identical calls are one; at most two repairs; and a turn in
//! which something failed or is uncertain is accounted for in the server's own words.

mod handoff;
mod parts;
mod reply;
mod restore;
mod stop;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::parts::{Batch, Done, Slot};
pub use self::parts::{Next, OutOfOrder, Planned, Ran, TurnLimits};
use self::reply::Ending;
pub use self::reply::Finished;
use self::restore::Found;
pub use self::restore::Recorded;
use crate::check::{CheckedCall, Verdict};
use crate::conversation::{Step, StopReason};
use crate::id::InvocationId;
use crate::invocation::FailureCode;
use crate::limits;
use crate::prompt::{Answer, ToolCall, ToolResult, Usage};
use crate::report::Report;

/// One turn.
#[derive(Debug)]
pub struct Turn {
    limits: TurnLimits,
    state: State,
    model_calls: u32,
    calls: u32,
    repairs: u32,
    usage: Option<Usage>,
    steps: Vec<Step>,
    taken_steps: usize,
    done: Vec<Done>,
    /// The server failed while calls were under way, so nobody knows what became of them.
    lost_calls: bool,
    /// Whether the model may hand the conversation over.
    offers_person: bool,
    /// Calls of the open step that were recorded before the server stopped.
    recorded: Vec<Recorded>,
}

#[derive(Debug)]
enum State {
    Model,
    Check(Vec<ToolCall>),
    Dispatch(Batch),
    Over(Ending),
}

impl Turn {
    /// A turn about to begin.
    pub fn new(limits: TurnLimits) -> Self {
        Self {
            limits,
            state: State::Model,
            model_calls: 0,
            calls: 0,
            repairs: 0,
            usage: None,
            steps: Vec::new(),
            taken_steps: 0,
            done: Vec::new(),
            lost_calls: false,
            offers_person: false,
            recorded: Vec::new(),
        }
    }

    /// What has to be done now.
    pub fn next(&self) -> Next<'_> {
        match &self.state {
            State::Model => Next::CallModel,
            State::Check(calls) => Next::Check(calls),
            State::Dispatch(batch) => Next::Dispatch(&batch.planned),
            State::Over(_) => Next::Done,
        }
    }

    /// Everything that has happened in it so far, for the next prompt.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The steps that have not been taken yet, for whoever stores them. A step of calls is handed
    /// out before they are dispatched.
    pub fn take_steps(&mut self) -> Vec<Step> {
        let new = self.steps[self.taken_steps..].to_vec();
        self.taken_steps = self.steps.len();
        new
    }

    /// Answers asked of the model so far.
    pub fn model_calls(&self) -> u32 {
        self.model_calls
    }

    /// The calls whose end the turn knew, and so its reply. Of the others an end that is reported or
    /// settled by hand is news to the customer. `None`: there are no others, as nearly always.
    pub fn told_ends(&self) -> Option<Vec<InvocationId>> {
        let results = || {
            self.steps.iter().flat_map(|step| match step {
                Step::Answered { results } => results.as_slice(),
                Step::Asked { .. } => &[],
            })
        };
        let is_open = |result: &ToolResult| Report::is_open(&result.content);
        (self.lost_calls || results().any(is_open)).then(|| {
            let ended = results().filter(|result| !is_open(result));
            ended.filter_map(|result| result.invocation_id).collect()
        })
    }

    /// Tokens so far, where the provider counts them.
    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// The model answered.
    pub fn answered(&mut self, answer: Answer) -> Result<(), OutOfOrder> {
        let State::Model = self.state else {
            return Err(OutOfOrder("an answer"));
        };
        self.model_calls += 1;
        self.count(answer.usage);
        if answer.calls.is_empty() {
            let text = answer.text.trim();
            self.state = State::Over(if text.is_empty() {
                Ending::Stopped(
                    StopReason::ModelUnavailable,
                    "the model's answer was empty".to_owned(),
                )
            } else {
                Ending::Said(text.to_owned())
            });
            return Ok(());
        }
        if let Some(call) = self.asks_for_a_person(&answer.calls) {
            self.hand_over(answer.text, call);
            return Ok(());
        }
        if self.model_calls >= self.limits.model_calls {
            // Nobody would be left to put the results into words.
            self.stop(
                StopReason::ModelCallBudget,
                format!(
                    "the model still asked for calls in answer {}",
                    self.model_calls
                ),
            );
            return Ok(());
        }
        let mut calls = answer.calls;
        calls.truncate(limits::CALLS_PER_ANSWER);
        self.steps.push(Step::Asked {
            text: answer.text,
            calls: calls.clone(),
        });
        self.state = State::Check(calls);
        Ok(())
    }

    /// No model gave an answer; `detail` is for the operator.
    pub fn model_gave_up(&mut self, detail: impl Into<String>) -> Result<(), OutOfOrder> {
        let State::Model = self.state else {
            return Err(OutOfOrder("a model failure"));
        };
        self.model_calls += 1;
        self.stop(StopReason::ModelUnavailable, detail.into());
        Ok(())
    }

    /// The calls have been judged, in order.
    pub fn judged(&mut self, verdicts: Vec<Verdict>) -> Result<(), OutOfOrder> {
        let State::Check(calls) = &mut self.state else {
            return Err(OutOfOrder("verdicts"));
        };
        if calls.len() != verdicts.len() {
            return Err(OutOfOrder("that number of verdicts"));
        }
        let calls = std::mem::take(calls);
        let mut batch = Batch {
            slots: Vec::with_capacity(calls.len()),
            planned: Vec::new(),
            calls,
        };
        let found = self.resume(&batch.calls, verdicts, &mut batch.planned);
        for (i, found) in found.into_iter().enumerate() {
            let (call, refused) = match found {
                Found::Recorded(slot) => {
                    batch.slots.push(slot);
                    continue;
                }
                Found::Judged(Verdict::Told(report)) => {
                    batch.slots.push(Slot::Told(report));
                    continue;
                }
                Found::Judged(Verdict::Send(call)) => (call, None),
                Found::Judged(Verdict::Refuse(call, code, why)) => (call, Some((code, why))),
            };
            let slot = self.place(&mut batch, i, call, refused);
            batch.slots.push(slot);
        }
        if batch.planned.is_empty() {
            self.settle(batch, Vec::new());
        } else {
            self.state = State::Dispatch(batch);
        }
        Ok(())
    }

    /// The planned calls have been recorded and run, in order.
    pub fn ran(&mut self, results: Vec<Ran>) -> Result<(), OutOfOrder> {
        match std::mem::replace(&mut self.state, State::Model) {
            State::Dispatch(batch) if batch.planned.len() == results.len() => {
                self.settle(batch, results);
                Ok(())
            }
            other => {
                self.state = other;
                Err(OutOfOrder("those results"))
            }
        }
    }

    fn place(
        &mut self,
        batch: &mut Batch,
        i: usize,
        call: CheckedCall,
        refused: Option<(FailureCode, String)>,
    ) -> Slot {
        let is_twin = |other: &CheckedCall| other.is_same_as(&call) || call.repeats(other);
        if let Some(twin) = batch.planned.iter().position(|p| is_twin(&p.call)) {
            return Slot::Planned(twin);
        }
        let earlier = self.done.iter().rposition(|done| {
            (done.call.is_same_as(&call) && !done.ran.provably_unsent)
                || (done.may_have_happened() && call.repeats(&done.call))
        });
        if let Some(earlier) = earlier {
            return Slot::Replay(earlier);
        }
        let refused = match refused {
            Some(refused) => Some(refused),
            None if self.calls >= self.limits.calls => Some((
                FailureCode::BudgetExhausted,
                format!("the turn has used its {} calls", self.limits.calls),
            )),
            None => {
                self.calls += 1;
                None
            }
        };
        batch.planned.push(Planned {
            call_id: batch.calls[i].id.clone(),
            call,
            refused,
            recorded: None,
        });
        Slot::Planned(batch.planned.len() - 1)
    }

    fn settle(&mut self, batch: Batch, results: Vec<Ran>) {
        let first_new = self.done.len();
        let over_budget = results
            .iter()
            .any(|ran| ran.failure == Some(FailureCode::BudgetExhausted));
        self.done.extend(
            batch
                .planned
                .into_iter()
                .zip(results)
                .map(|(planned, ran)| Done {
                    call: planned.call,
                    ran,
                }),
        );
        let mut needed = Vec::new();
        let mut repaired = false;
        let mut answers = Vec::with_capacity(batch.calls.len());
        for (call, slot) in batch.calls.iter().zip(batch.slots) {
            let (invocation_id, content) = match &slot {
                Slot::Told(report) => {
                    repaired = true;
                    if let Report::NeedsInput { problems, .. } = report {
                        needed.extend(problems.iter().cloned());
                    }
                    (None, report.to_value())
                }
                Slot::Planned(i) => self.answer(first_new + i),
                Slot::Replay(i) => self.answer(*i),
            };
            answers.push(ToolResult {
                call_id: call.id.clone(),
                name: call.name.clone(),
                invocation_id,
                content,
            });
        }
        self.steps.push(Step::Answered { results: answers });
        self.state = State::Model;
        if over_budget {
            self.stop(
                StopReason::CallBudget,
                "more calls were asked for than are allowed".to_owned(),
            );
        } else if repaired {
            self.repairs += 1;
            if self.repairs > self.limits.repairs {
                self.state = State::Over(if needed.is_empty() {
                    Ending::Stopped(
                        StopReason::RepairBudget,
                        format!("the model's calls were invalid {} times", self.repairs),
                    )
                } else {
                    Ending::Ask(needed)
                });
            }
        }
    }

    fn answer(&self, i: usize) -> (Option<InvocationId>, Value) {
        let ran = &self.done[i].ran;
        (Some(ran.invocation_id), ran.report.to_value())
    }

    fn count(&mut self, usage: Option<Usage>) {
        if let Some(usage) = usage {
            let sum = self.usage.get_or_insert_with(Usage::default);
            sum.input_tokens = sum.input_tokens.saturating_add(usage.input_tokens);
            sum.output_tokens = sum.output_tokens.saturating_add(usage.output_tokens);
        }
    }
}
