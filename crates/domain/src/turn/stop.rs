//! Turns that are stopped: by a budget, by the clock, or because the server itself fails.

use super::{Ending, OutOfOrder, State, Turn};
use crate::conversation::{Step, StopReason};
use crate::prompt::ToolResult;
use crate::report::Report;

impl Turn {
    /// The agent has used the tokens of its day, so no model is asked any more.
    pub fn out_of_tokens(&mut self, detail: String) -> Result<(), OutOfOrder> {
        match self.state {
            State::Model => {
                self.stop(StopReason::TokenBudget, detail);
                Ok(())
            }
            _ => Err(OutOfOrder("the end of its tokens")),
        }
    }

    /// The turn's time is used up. Must not be said while calls are being dispatched: their own
    /// time is bounded, and their results count.
    pub fn out_of_time(&mut self) -> Result<(), OutOfOrder> {
        match self.state {
            State::Model | State::Check(_) => {
                self.close_open_step();
                self.stop(
                    StopReason::TimeBudget,
                    "the turn took longer than it may".to_owned(),
                );
                Ok(())
            }
            State::Dispatch(_) => Err(OutOfOrder("the end of its time")),
            State::Over(_) => Ok(()),
        }
    }

    /// The server itself failed; `detail` is for the operator. Calls being dispatched are taken to
    /// be uncertain.
    pub fn broke(&mut self, detail: impl Into<String>) {
        if !matches!(self.state, State::Over(_)) {
            self.lost_calls = matches!(self.state, State::Dispatch(_));
            self.close_open_step();
            self.stop(StopReason::Internal, detail.into());
        }
    }

    /// The planned calls could not be begun, which is certain to have sent nothing, but for those that were
    /// recorded earlier; `detail` is for the operator.
    pub fn not_begun(&mut self, detail: impl Into<String>) {
        let nothing_sent = match &self.state {
            State::Dispatch(batch) => batch.planned.iter().all(|one| one.recorded.is_none()),
            _ => false,
        };
        if nothing_sent {
            self.close_open_step_as(&Report::failed());
            self.stop(StopReason::Internal, detail.into());
        } else {
            self.broke(detail);
        }
    }

    pub(super) fn stop(&mut self, reason: StopReason, detail: String) {
        self.state = State::Over(Ending::Stopped(reason, detail));
    }

    /// A call is never left without a result, also when the turn is cut off between the two.
    fn close_open_step(&mut self) {
        self.close_open_step_as(&match self.state {
            State::Dispatch(_) => Report::unknown(),
            _ => Report::failed(),
        });
    }

    fn close_open_step_as(&mut self, report: &Report) {
        let calls = match &self.state {
            State::Check(calls) => calls,
            State::Dispatch(batch) => &batch.calls,
            State::Model | State::Over(_) => return,
        };
        let results = calls
            .iter()
            .map(|call| ToolResult {
                call_id: call.id.clone(),
                name: call.name.clone(),
                invocation_id: None,
                content: report.to_value(),
            })
            .collect();
        self.steps.push(Step::Answered { results });
    }
}
