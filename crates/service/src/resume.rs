//! Going on with a turn that another run of the server began: what is stored of it, brought back.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use deskhand_domain::action::{Action, Effect};
use deskhand_domain::check::CheckedCall;
use deskhand_domain::conversation::{Mode, PastTurn, Step};
use deskhand_domain::id::{ActionId, InvocationId, WorkspaceId};
use deskhand_domain::invocation::{Failure, FailureCode, Invocation, InvocationStatus, Outcome};
use deskhand_domain::turn::{Planned, Ran, Recorded};
use deskhand_store::{Begun, FinishInvocation, Owner, Page, StoreError, TakenTurn};
use futures_util::future::join_all;
use tokio::time::Instant;

use crate::chat::InvocationSummary;
use crate::circuits::Pass;
use crate::dispatch::started;
use crate::histories::{History, LOOK_BACK_TURNS};
use crate::live::TurnEvent;
use crate::recorded::{apply, came_to};
use crate::recovery::Driving;
use crate::request::Calling;
use crate::running::Running;
use crate::trace::Tracer;
use crate::{Result, Service, ServiceError};

/// What a turn had come to when it was cut off.
#[derive(Debug)]
pub struct Resumed {
    pub steps: Vec<Step>,
    pub recorded: Vec<Recorded>,
    /// What the model has been told of.
    pub answered: Vec<InvocationSummary>,
    /// The calls, in flight or not.
    calls: HashMap<InvocationId, Kept>,
}

#[derive(Debug)]
struct Kept {
    invocation: Invocation,
    /// The version that was decided on, if it can still be read.
    action: Option<Action>,
}

impl Kept {
    /// The part of a result that the model may see: nothing, where nobody knows.
    fn fields(&self) -> Option<&[String]> {
        match &self.action {
            Some(action) => action.definition.result_fields.as_deref(),
            None => Some(&[]),
        }
    }

    fn looks_up(&self) -> bool {
        let definition = self.action.as_ref().map(|action| &action.definition);
        definition.is_some_and(|definition| definition.effect == Effect::Read)
    }

    fn display_name(&self) -> String {
        match &self.action {
            Some(action) => action.definition.display_name.clone(),
            None => self.invocation.action.clone(),
        }
    }
}

impl Service {
    /// Brings back a turn of this node's.
    pub(crate) async fn restore(&self, taken: &TakenTurn, driving: Driving) -> Result<Running> {
        let (workspace, id) = (taken.workspace_id, taken.conversation_id);
        let owner = taken.owner(self.node());
        let store = self.store();
        let conversation = store.conversation(workspace, id).await?;
        let offered = self.offered(workspace, conversation.agent_id).await?;
        let number = store.newest_turn(workspace, id).await?.map_or(0, |it| it.1);
        let mut turns = store.past_turns(workspace, id, LOOK_BACK_TURNS).await?;
        let at = turns.iter().position(|turn| turn.id == taken.turn_id);
        // What was said behind it meanwhile is not what it answers to.
        let mut behind = turns.split_off(at.ok_or(ServiceError::NotFound)?);
        let this = behind.remove(0);
        let number = number.saturating_sub(behind.len() as u64);
        let mut calls = HashMap::new();
        let mut order = Vec::new();
        for invocation in store.turn_invocations(workspace, taken.turn_id).await? {
            order.push(invocation.id);
            calls.insert(invocation.id, self.keep(invocation).await?);
        }
        // Calls of earlier turns that stood for one of this turn's.
        let told: Vec<InvocationId> = this.steps.iter().flat_map(told_of).collect();
        for id in &told {
            if !calls.contains_key(id) {
                let invocation = store.invocation(workspace, *id).await?;
                order.push(*id);
                calls.insert(*id, self.keep(invocation).await?);
            }
        }
        let told: HashSet<InvocationId> = told.into_iter().collect();
        for id in &told {
            if let Some(kept) = calls.get_mut(id)
                && is_in_flight(&kept.invocation)
                && kept.invocation.turn_id == Some(taken.turn_id)
            {
                // Its outcome could not be stored, and the model has been told so.
                let failure = failure_of(&kept.invocation);
                kept.invocation = self.given_up(kept, failure, owner).await?;
            }
        }
        let recorded = order.iter().map(|id| recorded(&calls[id])).collect();
        let mut answered: Vec<_> = order.iter().filter(|id| told.contains(id)).collect();
        answered.sort_unstable();
        let answered = answered
            .into_iter()
            .map(|id| (&calls[id].invocation).into());
        let resumed = Resumed {
            steps: this.steps,
            recorded,
            answered: answered.collect(),
            calls,
        };
        let mut past = History::of(turns, number.saturating_sub(1));
        let this = PastTurn {
            steps: Vec::new(),
            ..this
        };
        self.bring_up_to_date(workspace, &mut past).await?;
        past.push(this, LOOK_BACK_TURNS as usize);
        let feed = self.inner.feeds.of(id);
        feed.resume(id, taken.turn_id, taken.taken_over);
        self.tell_of_conversation(&conversation);
        Ok(Running {
            agent: Arc::clone(&offered.agent),
            trace: Tracer::new(taken.turn_id, Arc::clone(&feed)),
            conversation,
            turn_id: taken.turn_id,
            past,
            callables: Arc::clone(&offered.callables),
            feed,
            resumed: Some(resumed),
            owner,
            driving,
        })
    }

    /// Carries out the planned calls: those that were recorded before the turn was cut off are gone on
    /// with, the others dispatched. An error means that nothing is known of them.
    pub(crate) async fn carry_out(
        &self,
        running: &Running,
        steps: Vec<Step>,
        planned: Vec<Planned>,
        deadline: Instant,
    ) -> Result<Vec<(InvocationSummary, Ran)>> {
        let before: Vec<InvocationId> = planned.iter().filter_map(|it| it.recorded).collect();
        if before.is_empty() {
            return self.dispatch(running, steps, planned, deadline).await;
        }
        let before = before
            .into_iter()
            .map(|id| self.go_on_with_call(running, id, deadline));
        let before: Vec<(Invocation, Ran)> =
            join_all(before).await.into_iter().collect::<Result<_>>()?;
        let (kept, new): (Vec<_>, Vec<_>) = planned
            .iter()
            .cloned()
            .partition(|planned| planned.recorded.is_some());
        let decided = kept.iter().zip(&before);
        running.trace.begun(
            decided.map(|(planned, (invocation, _))| (planned, invocation, &Begun::Recorded)),
        );
        let new = match new.is_empty() {
            true => Vec::new(),
            false => self.dispatch(running, steps, new, deadline).await?,
        };
        let mut before = before
            .iter()
            .map(|(invocation, ran)| (InvocationSummary::from(invocation), ran.clone()));
        let mut new = new.into_iter();
        let in_order = planned.iter().filter_map(|planned| match planned.recorded {
            Some(_) => before.next(),
            None => new.next(),
        });
        Ok(in_order.collect())
    }

    /// Goes on with a call that was recorded before the turn was cut off. What was only intended is
    /// sent. What was being sent may have arrived: it is sent again only where that does no harm. Either
    /// only if the action is still what it was.
    async fn go_on_with_call(
        &self,
        running: &Running,
        id: InvocationId,
        deadline: Instant,
    ) -> Result<(Invocation, Ran)> {
        let kept = running.resumed.as_ref().and_then(|it| it.calls.get(&id));
        let kept = kept.ok_or_else(|| {
            ServiceError::Internal(format!("{id} was not recorded in the turn before"))
        })?;
        let mut invocation = kept.invocation.clone();
        let callable = running.callables.iter().find(|callable| {
            callable.action.id == invocation.action_id
                && callable.action.version == invocation.action_version
        });
        let earlier = cut_off();
        if is_in_flight(&invocation) {
            let again = match (invocation.status, callable) {
                (InvocationStatus::Intended, Some(callable)) => Some((callable, None)),
                (_, Some(callable)) => {
                    let definition = &callable.action.definition;
                    let harmless = definition.effect == Effect::Read || definition.idempotent;
                    harmless.then_some((callable, Some(&earlier)))
                }
                (_, None) => None,
            };
            let pass = match again {
                Some((callable, _)) if running.conversation.mode != Mode::Mock => {
                    self.pass(callable, id).await
                }
                _ => Pass::Unasked,
            };
            match (again, pass) {
                (Some(_), Pass::Barred(why)) => {
                    let failure = match invocation.status {
                        InvocationStatus::Sending => cut_off(),
                        _ => Failure {
                            code: FailureCode::CircuitOpen,
                            message: why,
                            http_status: None,
                        },
                    };
                    invocation = self.given_up(kept, failure, running.owner).await?;
                }
                (Some((callable, earlier)), pass) => {
                    let contact = running.conversation.contact_id();
                    let verified = running.conversation.contact_verified;
                    let calling = Calling::new(Some(&contact), verified).after(earlier);
                    running
                        .feed
                        .publish(running.turn_id, &started(&invocation, callable));
                    self.send(callable, &mut invocation, calling, deadline, Some(running))
                        .await;
                    self.heard(&invocation, &pass).await;
                }
                (None, _) => {
                    // If its node died while it was to try a half-open circuit, another may now.
                    self.not_made(&invocation, &Pass::Probe(id)).await;
                    let failure = failure_of(&invocation);
                    invocation = self.given_up(kept, failure, running.owner).await?;
                }
            }
            let summary = InvocationSummary::from(&invocation);
            running
                .feed
                .publish(running.turn_id, &TurnEvent::ActionFinished(summary));
        }
        let ran = came_to(&invocation, kept.fields());
        Ok((invocation, ran))
    }

    /// Settles a call in flight that is not to be sent, or not again. Returns it as it stands then.
    async fn given_up(&self, kept: &Kept, failure: Failure, owner: Owner) -> Result<Invocation> {
        let mut invocation = kept.invocation.clone();
        let sent = invocation.status == InvocationStatus::Sending;
        let mut outcome = Outcome::failed(failure.code, failure.message);
        if sent && !kept.looks_up() {
            outcome.status = InvocationStatus::Unknown;
        }
        let now = self.now();
        let finish = FinishInvocation {
            owner,
            outcome: &outcome,
            attempts: &[],
            sent,
            at: now,
            duration_ms: 0,
        };
        let (workspace, id) = (invocation.workspace_id, invocation.id);
        if !self
            .store()
            .finish_invocation(workspace, id, &finish)
            .await?
        {
            return Ok(self.store().invocation(workspace, id).await?);
        }
        apply(&mut invocation, outcome);
        invocation.finished_at = Some(now);
        self.tell_of_invocation(&invocation);
        Ok(invocation)
    }

    async fn keep(&self, invocation: Invocation) -> Result<Kept> {
        let (workspace, id) = (invocation.workspace_id, invocation.action_id);
        let action = self
            .action_version(workspace, id, invocation.action_version)
            .await?;
        Ok(Kept { invocation, action })
    }

    pub(crate) async fn action_version(
        &self,
        workspace: WorkspaceId,
        id: ActionId,
        version: u32,
    ) -> Result<Option<Action>> {
        let page = Page {
            limit: 1,
            before: Some(version.saturating_add(1)),
        };
        match self.store().action_versions(workspace, id, page).await {
            Ok(listed) => Ok(listed.rows.into_iter().find(|it| it.version == version)),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn recorded(kept: &Kept) -> Recorded {
    let invocation = &kept.invocation;
    Recorded {
        call_id: invocation.call_id.clone().unwrap_or_default(),
        call: CheckedCall::of_recorded(invocation, kept.display_name()),
        invocation_id: invocation.id,
        counts: !was_refused(invocation),
        ran: (!is_in_flight(invocation)).then(|| came_to(invocation, kept.fields())),
    }
}

/// Whether it was refused before it could be sent, and so used none of the turn's calls.
fn was_refused(invocation: &Invocation) -> bool {
    use FailureCode::{BudgetExhausted, ConfirmationUnavailable, ContactFieldMissing, NotVerified};
    invocation.sent_at.is_none()
        && invocation.failure.as_ref().is_some_and(|failure| {
            matches!(
                failure.code,
                BudgetExhausted | ConfirmationUnavailable | ContactFieldMissing | NotVerified
            )
        })
}

fn is_in_flight(invocation: &Invocation) -> bool {
    matches!(
        invocation.status,
        InvocationStatus::Intended | InvocationStatus::Sending
    )
}

fn told_of(step: &Step) -> impl Iterator<Item = InvocationId> {
    let results = match step {
        Step::Answered { results } => results.as_slice(),
        Step::Asked { .. } => &[],
    };
    results.iter().filter_map(|result| result.invocation_id)
}

/// Why a call in flight that is not to be sent, or not again, comes to nothing.
fn failure_of(invocation: &Invocation) -> Failure {
    match invocation.status {
        InvocationStatus::Sending => cut_off(),
        _ => not_sent(),
    }
}

fn cut_off() -> Failure {
    Failure {
        code: FailureCode::Interrupted,
        message: "the server stopped while the call was under way".to_owned(),
        http_status: None,
    }
}

fn not_sent() -> Failure {
    Failure {
        message: "the server stopped before the call was sent, and the action is not what it was"
            .to_owned(),
        ..cut_off()
    }
}
