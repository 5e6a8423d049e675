//! Dispatch: records what has been decided, sends what may be sent, records what came of it. The
//! intent is committed before the first byte leaves, the outcome before anybody is told.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::action::Effect;
use deskhand_domain::check::{Callable, CheckedCall};
use deskhand_domain::contact::Contact;
use deskhand_domain::conversation::{Mode, Step};
use deskhand_domain::crash;
use deskhand_domain::id::{ActionId, InvocationId, WorkspaceId};
use deskhand_domain::invocation::{FailureCode, Invocation, InvocationStatus, Outcome};
use deskhand_domain::limits;
use deskhand_domain::turn::{Planned, Ran};
use deskhand_store::{BeginInvocations, Begun, FinishInvocation};
use deskhand_webhook::Nature;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::chat::InvocationSummary;
use crate::circuits::Pass;
use crate::gate::CommitSending;
use crate::live::TurnEvent;
use crate::mock;
use crate::recorded::{apply, came_to, hash, ids, intend, refuse};
use crate::request::Calling;
use crate::running::Running;
use crate::{Result, Service, ServiceError};

/// The window in which a conversation's calls are counted.
const BUDGET_WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// How long an outcome waits for a database that fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// The warning of an invocation that kept its customer waiting for longer than [`limits::SLOW_CALL`].
const SLOW: &str = "slow";

impl Service {
    /// Records the planned calls together, then sends those that may be sent, side by side. An error
    /// means that nothing was sent.
    pub(crate) async fn dispatch(
        &self,
        running: &Running,
        steps: Vec<Step>,
        planned: Vec<Planned>,
        deadline: Instant,
    ) -> Result<Vec<(InvocationSummary, Ran)>> {
        let now = self.now();
        let ids = ids(planned.len(), now, self.entropy());
        let passes = self.passes(running, &planned, &ids).await?;
        let invocations: Vec<Invocation> = planned
            .iter()
            .zip(ids)
            .zip(&passes)
            .map(|((planned, id), pass)| {
                let mut invocation =
                    intend(id, running.conversation.workspace_id, &planned.call, now);
                invocation.agent_id = Some(running.agent.id);
                invocation.conversation_id = Some(running.conversation.id);
                invocation.turn_id = Some(running.turn_id);
                invocation.call_id = Some(planned.call_id.clone());
                invocation.test = running.conversation.mode.is_test();
                if let Some((code, why)) = &planned.refused {
                    refuse(&mut invocation, *code, why.clone());
                } else if let Pass::Barred(why) = pass {
                    refuse(&mut invocation, FailureCode::CircuitOpen, why.clone());
                } else if self.leaves_at_once(running, &invocation) {
                    invocation.status = InvocationStatus::Sending;
                    invocation.sent_at = Some(now);
                }
                invocation
            })
            .collect();
        let begin = BeginInvocations {
            owner: running.owner,
            again: false,
            workspace_id: running.conversation.workspace_id,
            turn_id: Some(running.turn_id),
            steps,
            invocations,
            parameter_hashes: planned.iter().map(|planned| hash(&planned.call)).collect(),
            budget: limits::CALLS_PER_CONVERSATION_HOUR,
            since: now.checked_sub(BUDGET_WINDOW).unwrap_or(Timestamp::MIN),
        };
        let begun = self
            .persist("the intent", deadline, async |tries| {
                let begin = match tries {
                    1 => Cow::Borrowed(&begin),
                    _ => Cow::Owned(BeginInvocations {
                        again: true,
                        ..begin.clone()
                    }),
                };
                self.store().begin_invocations(&begin).await
            })
            .await;
        let invocations = begin.invocations;
        let begun = self
            .unless_none_is_made(begun, &invocations, &passes)
            .await?;
        crash::point(crash::INTENT_COMMITTED);
        let decided = planned.iter().zip(&invocations).zip(&begun);
        running
            .trace
            .begun(decided.map(|((planned, invocation), begun)| (planned, invocation, begun)));
        let contact_id = running.conversation.contact_id();
        let calling = Calling::new(Some(&contact_id), running.conversation.contact_verified);
        let calls = invocations.into_iter().zip(begun).zip(passes).map(
            |((mut invocation, begun), pass)| async move {
                if !matches!(begun, Begun::Recorded) {
                    self.not_made(&invocation, &pass).await;
                }
                match begun {
                    Begun::Recorded
                        if matches!(
                            invocation.status,
                            InvocationStatus::Intended | InvocationStatus::Sending
                        ) =>
                    {
                        let callable = callable(&running.callables, invocation.action_id)?;
                        running
                            .feed
                            .publish(running.turn_id, &started(&invocation, callable));
                        self.tell_of_invocation(&invocation);
                        self.send(callable, &mut invocation, calling, deadline, Some(running))
                            .await;
                        self.heard(&invocation, &pass).await;
                    }
                    Begun::Recorded => self.unsent(&invocation),
                    Begun::OpenTwin(twin) => invocation = *twin,
                    Begun::OverBudget => {
                        refuse(
                            &mut invocation,
                            FailureCode::BudgetExhausted,
                            "the conversation has used its calls for this hour".to_owned(),
                        );
                        self.unsent(&invocation);
                    }
                }
                let fields = callable(&running.callables, invocation.action_id)?
                    .action
                    .definition
                    .result_fields
                    .as_deref();
                let summary = InvocationSummary::from(&invocation);
                running
                    .feed
                    .publish(running.turn_id, &TurnEvent::ActionFinished(summary.clone()));
                Ok((summary, came_to(&invocation, fields)))
            },
        );
        join_all(calls).await.into_iter().collect()
    }

    /// Runs a test call from the API: recorded and sent like any other, marked as a test.
    pub(crate) async fn run_test(
        &self,
        workspace: WorkspaceId,
        callable: &Callable,
        call: CheckedCall,
        contact: &Contact,
    ) -> Result<InvocationId> {
        let now = self.now();
        let id = InvocationId::new(now, self.entropy());
        let mut invocation = intend(id, workspace, &call, now);
        invocation.test = true;
        self.store()
            .begin_invocations(&BeginInvocations {
                owner: self.node().into(),
                again: false,
                workspace_id: workspace,
                turn_id: None,
                steps: Vec::new(),
                invocations: vec![invocation.clone()],
                parameter_hashes: vec![hash(&call)],
                budget: limits::CALLS_PER_CONVERSATION_HOUR,
                since: now,
            })
            .await?;
        let deadline = Instant::now() + limits::TURN_DURATION;
        self.tell_of_invocation(&invocation);
        let calling = Calling::new(contact.id.as_deref(), false);
        self.send(callable, &mut invocation, calling, deadline, None)
            .await;
        Ok(id)
    }

    /// Whether its connection stands ready, so that next to nothing comes between the intent and the
    /// first byte: then both are recorded in one commit.
    fn leaves_at_once(&self, running: &Running, invocation: &Invocation) -> bool {
        let Ok(callable) = callable(&running.callables, invocation.action_id) else {
            return false;
        };
        let definition = &callable.action.definition;
        let nature = Nature::of(definition.effect == Effect::Read, definition.idempotent);
        running.conversation.mode != Mode::Mock
            && self.webhook().has_connection(
                invocation.workspace_id,
                &definition.webhook_url,
                nature,
            )
    }

    /// Sends one recorded call and records what came of it, in the database and in `invocation`.
    pub(crate) async fn send(
        &self,
        callable: &Callable,
        invocation: &mut Invocation,
        calling: Calling<'_>,
        deadline: Instant,
        running: Option<&Running>,
    ) {
        let began = Instant::now();
        let owner = running.map_or_else(|| self.node().into(), |running| running.owner);
        let gate = CommitSending {
            service: self,
            owner,
            invocation,
            // What another run of the server committed gives this one no right to send.
            committed: invocation.status == InvocationStatus::Sending
                && calling.earlier().is_none(),
            trace: running.map(|running| &running.trace),
        };
        let mode = running.map_or(Mode::Test, |running| running.conversation.mode);
        let nothing_sent = |outcome| (outcome, Vec::new(), false);
        let (mut outcome, attempts, sent) = match mode {
            Mode::Mock => nothing_sent(mock::outcome(&callable.action.definition)),
            Mode::Live | Mode::Test => {
                match self.prepare(callable, invocation, calling, deadline).await {
                    Ok(call) => {
                        let report = self.webhook().call(call, &gate).await;
                        (report.outcome, report.attempts, report.sent)
                    }
                    Err(error) => {
                        let outcome = Outcome::failed(FailureCode::Interrupted, error.to_string());
                        match calling.earlier() {
                            Some(_) => (not_again(callable, outcome), Vec::new(), true),
                            None => nothing_sent(outcome),
                        }
                    }
                }
            }
        };
        let took = began.elapsed();
        let slow = took > limits::SLOW_CALL;
        if slow {
            outcome.warnings.push(SLOW.to_owned());
        }
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let now = self.now();
        crash::point(crash::OUTCOME_COMMITTING);
        let finish = FinishInvocation {
            owner,
            outcome: &outcome,
            attempts: &attempts,
            sent,
            at: now,
            duration_ms,
        };
        let (workspace, id) = (invocation.workspace_id, invocation.id);
        let until = Instant::now() + PATIENCE;
        let stored = self
            .persist("an outcome", until, async |_| {
                self.store().finish_invocation(workspace, id, &finish).await
            })
            .await;
        crash::point(crash::OUTCOME_COMMITTED);
        match stored {
            Ok(true) => {
                apply(invocation, outcome);
                invocation.sent_at = sent.then_some(now);
            }
            // Settled by somebody else meanwhile; what is stored counts.
            Ok(false) => match self
                .store()
                .invocation(invocation.workspace_id, invocation.id)
                .await
            {
                Ok(settled) => *invocation = settled,
                Err(error) => self.lose_track(invocation, sent, now, &error.to_string()),
            },
            Err(error) => self.lose_track(invocation, sent, now, &error.to_string()),
        }
        invocation.finished_at = Some(now);
        invocation.duration_ms = Some(duration_ms);
        self.inner.metrics.invocation(invocation, &attempts, slow);
        self.tell_of_invocation(invocation);
        tracing::info!(
            invocation_id = %invocation.id,
            action = invocation.action,
            status = %invocation.status,
            code = invocation.failure.as_ref().map(|failure| failure.code.as_str()),
            duration_ms,
            slow,
            "action called"
        );
    }

    /// One that was recorded and is not to be sent.
    fn unsent(&self, invocation: &Invocation) {
        self.inner.metrics.invocation(invocation, &[], false);
        self.tell_of_invocation(invocation);
    }

    /// The outcome could not be stored, so nobody may be told of one. What may have been sent is
    /// uncertain; it stays `sending` in the database until it is settled.
    fn lose_track(&self, invocation: &mut Invocation, sent: bool, now: Timestamp, error: &str) {
        tracing::error!(invocation_id = %invocation.id, error, "an outcome could not be stored");
        let mut outcome =
            Outcome::failed(FailureCode::Interrupted, "the outcome could not be stored");
        if sent {
            outcome.status = InvocationStatus::Unknown;
        }
        invocation.sent_at = sent.then_some(now);
        apply(invocation, outcome);
    }
}

/// What is known of a call that may have arrived, and that could not be made again.
fn not_again(callable: &Callable, outcome: Outcome) -> Outcome {
    match callable.action.definition.effect {
        Effect::Read => outcome,
        Effect::Write => Outcome {
            status: InvocationStatus::Unknown,
            ..outcome
        },
    }
}

pub fn callable(callables: &[Arc<Callable>], action: ActionId) -> Result<&Callable> {
    callables
        .iter()
        .map(|callable| &**callable)
        .find(|callable| callable.action.id == action)
        .ok_or_else(|| {
            ServiceError::Internal(format!("action {action} is not on offer in this turn"))
        })
}

pub fn started(invocation: &Invocation, callable: &Callable) -> TurnEvent {
    TurnEvent::ActionStarted {
        id: invocation.id,
        action: invocation.action.clone(),
        display_name: callable.action.definition.display_name.clone(),
        parameters: invocation.parameters.clone(),
    }
}
