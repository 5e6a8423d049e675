//! What happens inside a turn, written down as it happens: kept with the turn when it ends, and told
//! live if anybody asks for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskhand_domain::check::{Callable, Verdict};
use deskhand_domain::conversation::Step;
use deskhand_domain::id::{InvocationId, TurnId};
use deskhand_domain::invocation::{Attempt, FailureCode, Invocation};
use deskhand_domain::prompt::{Answer, ToolCall};
use deskhand_domain::trace::{
    AttemptTrace, CallTrace, CallVerdict, ModelOutcome, ModelTrace, TraceEntry,
};
use deskhand_domain::turn::Planned;
use deskhand_model::ModelError;
use deskhand_store::Begun;
use tokio::time::Instant;

use crate::live::{Feed, TurnEvent};

/// Most entries kept of a turn: more than its budgets leave room for, but for endless repetitions.
const KEPT: usize = 200;

/// The trace of a turn under way.
#[derive(Debug)]
pub struct Tracer {
    turn_id: TurnId,
    feed: Arc<Feed>,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<TraceEntry>,
    /// The model that is being asked.
    asking: Option<Asking>,
    asked: u32,
    /// Decisions that are known but for their invocations.
    pending: Vec<CallTrace>,
}

#[derive(Debug)]
struct Asking {
    model: String,
    since: Instant,
    first_token_ms: Option<u64>,
}

impl Tracer {
    /// Begins with the turn.
    pub fn new(turn_id: TurnId, feed: Arc<Feed>) -> Self {
        Self {
            turn_id,
            feed,
            began: Instant::now(),
            state: Mutex::default(),
        }
    }

    /// A model is asked.
    pub fn asks(&self, model: String) {
        let mut state = self.lock();
        state.asked += 1;
        state.asking = Some(Asking {
            model,
            since: Instant::now(),
            first_token_ms: None,
        });
    }

    /// The model has begun to answer.
    pub fn hears(&self) {
        if let Some(asking) = &mut self.lock().asking
            && asking.first_token_ms.is_none()
        {
            asking.first_token_ms = Some(millis(asking.since));
        }
    }

    /// What it began to answer does not count.
    pub fn forgets(&self) {
        if let Some(asking) = &mut self.lock().asking {
            asking.first_token_ms = None;
        }
    }

    /// The model has answered, or given up.
    pub fn answered(&self, answer: Result<&Answer, &ModelError>) {
        let (outcome, error) = match answer {
            Ok(answer) if answer.calls.is_empty() => (ModelOutcome::Reply, None),
            Ok(_) => (ModelOutcome::Calls, None),
            Err(error) => (ModelOutcome::Error, Some(error.detail().to_owned())),
        };
        self.end_of_asking(answer.ok(), outcome, error);
    }

    /// The model was not waited for any longer.
    pub fn gave_up(&self, why: &str) {
        self.end_of_asking(None, ModelOutcome::Error, Some(why.to_owned()));
    }

    fn end_of_asking(&self, answer: Option<&Answer>, outcome: ModelOutcome, error: Option<String>) {
        let mut state = self.lock();
        let Some(asking) = state.asking.take() else {
            return;
        };
        let usage = answer.and_then(|answer| answer.usage);
        let whole = millis(asking.since);
        let entry = ModelTrace {
            n: state.asked,
            model: asking.model,
            started_ms: u64::try_from((asking.since - self.began).as_millis()).unwrap_or(u64::MAX),
            // Whoever answers at once has no first word before the last.
            first_token_ms: asking.first_token_ms.or(answer.map(|_| whole)),
            duration_ms: whole,
            input_tokens: usage.map(|usage| usage.input_tokens),
            output_tokens: usage.map(|usage| usage.output_tokens),
            outcome,
            error,
        };
        self.add(&mut state, TraceEntry::Model(entry));
    }

    /// The calls of an answer have been judged. What is not to be recorded is decided by that.
    pub fn judged(&self, calls: &[ToolCall], verdicts: &[Verdict], callables: &[Arc<Callable>]) {
        let mut state = self.lock();
        for (call, verdict) in calls.iter().zip(verdicts) {
            let known = callables.iter().any(|one| one.tool.name == call.name);
            let trace = CallTrace::of(call, verdict, known);
            match verdict {
                Verdict::Told(_) => self.add(&mut state, TraceEntry::Call(trace)),
                Verdict::Send(_) | Verdict::Refuse(..) => state.pending.push(trace),
            }
        }
    }

    /// The planned calls have been recorded, or found to be there already.
    pub fn begun<'a>(
        &self,
        recorded: impl Iterator<Item = (&'a Planned, &'a Invocation, &'a Begun)>,
    ) {
        let mut state = self.lock();
        for (planned, invocation, begun) in recorded {
            let of_this = |trace: &CallTrace| trace.call_id == planned.call_id;
            let Some(at) = state.pending.iter().position(of_this) else {
                continue;
            };
            let mut trace = state.pending.remove(at);
            match begun {
                Begun::OpenTwin(twin) => trace.repeats(Some(twin.id)),
                Begun::Recorded => trace.invocation_id = Some(invocation.id),
                Begun::OverBudget => {
                    trace.invocation_id = Some(invocation.id);
                    trace.verdict = CallVerdict::Refused;
                    trace.code = Some(FailureCode::BudgetExhausted);
                    trace.reason =
                        Some("the conversation has used its calls for this hour".to_owned());
                }
            }
            if let (Some(failure), CallVerdict::Run) = (&invocation.failure, trace.verdict) {
                trace.verdict = CallVerdict::Refused;
                trace.code = Some(failure.code);
                trace.reason = Some(failure.message.clone());
            }
            self.add(&mut state, TraceEntry::Call(trace));
        }
    }

    /// Everything that came of an answer is known: the calls that were not recorded repeat others.
    pub fn settled(&self, steps: &[Step]) {
        let mut state = self.lock();
        for mut trace in std::mem::take(&mut state.pending) {
            let stands_for_it = steps.iter().rev().find_map(|step| match step {
                Step::Answered { results } => results
                    .iter()
                    .find(|result| result.call_id == trace.call_id)
                    .and_then(|result| result.invocation_id),
                Step::Asked { .. } => None,
            });
            trace.repeats(stands_for_it);
            self.add(&mut state, TraceEntry::Call(trace));
        }
    }

    /// A request has been made.
    pub fn attempted(&self, invocation_id: InvocationId, attempt: &Attempt) {
        let entry = TraceEntry::Attempt(AttemptTrace::of(invocation_id, attempt));
        self.add(&mut self.lock(), entry);
    }

    /// All of it, once.
    pub fn take(&self) -> Vec<TraceEntry> {
        std::mem::take(&mut self.lock().entries)
    }

    fn add(&self, state: &mut State, entry: TraceEntry) {
        if self.feed.is_traced() {
            self.feed
                .publish(self.turn_id, &TurnEvent::from(entry.clone()));
        }
        if state.entries.len() < KEPT {
            state.entries.push(entry);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
