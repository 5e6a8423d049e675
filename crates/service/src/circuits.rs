//! Circuit breakers at work: what this node has counted of each action's calls, and which of them may
//! be made. Nothing is asked of the database for a call while its circuit is closed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use deskhand_domain::action::Action;
use deskhand_domain::check::Callable;
use deskhand_domain::circuit::{Breaker, Change, Circuit, CircuitView, Passage, Probe, Sign};
use deskhand_domain::conversation::Mode;
use deskhand_domain::id::{ActionId, InvocationId, WorkspaceId};
use deskhand_domain::invocation::Invocation;
use deskhand_domain::turn::Planned;
use deskhand_store::Listed;
use serde::Serialize;

use crate::dispatch::callable;
use crate::running::Running;
use crate::{Result, Service};

/// Most actions whose calls are counted at once.
const KEPT: usize = 10_000;

/// An action as its owner sees it.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ActionView"))]
pub struct ActionView {
    /// The action.
    #[serde(flatten)]
    pub action: Action,
    /// Whether its calls are made, or fail at once because too many have failed.
    pub circuit: CircuitView,
}

/// What is known and counted of each action.
#[derive(Debug, Default)]
pub struct Circuits(Mutex<HashMap<(WorkspaceId, ActionId), Breaker>>);

/// Whether a call may be made.
#[derive(Debug)]
pub enum Pass {
    /// It may.
    Free,
    /// It may, as the one that shows whether the endpoint works again.
    Probe(InvocationId),
    /// It may not; why, for the operator.
    Barred(String),
    /// It is nothing that a circuit breaker knows of.
    Unasked,
}

impl Circuits {
    fn known(&self, key: (WorkspaceId, ActionId)) -> Circuit {
        let kept = self.lock();
        kept.get(&key)
            .map(|breaker| breaker.known().clone())
            .unwrap_or_default()
    }

    fn learn(&self, key: (WorkspaceId, ActionId), stored: &Circuit) {
        self.lock().entry(key).or_default().learn(stored);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(WorkspaceId, ActionId), Breaker>> {
        // What is changed in it is changed whole, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Takes in what was read of a workspace's circuits.
    pub(crate) fn learn_circuits(&self, workspace: WorkspaceId, stored: &[(ActionId, Circuit)]) {
        for (action, circuit) in stored {
            self.inner.circuits.learn((workspace, *action), circuit);
        }
    }

    /// What the circuit breakers say to each call. A mock response is nothing that they know of.
    pub(crate) async fn passes(
        &self,
        running: &Running,
        planned: &[Planned],
        ids: &[InvocationId],
    ) -> Result<Vec<Pass>> {
        let mut passes = Vec::with_capacity(planned.len());
        for (planned, id) in planned.iter().zip(ids) {
            let asks = planned.refused.is_none() && running.conversation.mode != Mode::Mock;
            passes.push(match asks {
                true => {
                    let callable = callable(&running.callables, planned.call.action_id())?;
                    self.pass(callable, *id).await
                }
                false => Pass::Unasked,
            });
        }
        Ok(passes)
    }

    /// Whether this call may be made. Of those that ask for a half-open circuit one may, on whichever
    /// node.
    pub(crate) async fn pass(&self, callable: &Callable, id: InvocationId) -> Pass {
        let action = &callable.action;
        let key = (action.workspace_id, action.id);
        let now = self.now();
        let known = self.inner.circuits.known(key);
        if known.is_probed_by(id) {
            // It was let through before its turn changed hands.
            return Pass::Probe(id);
        }
        match known.passage(now) {
            Passage::Free => Pass::Free,
            Passage::Barred => Pass::Barred(barred(&known)),
            Passage::AsProbe => {
                let probe = Probe::new(id, now, action.definition.timeout_seconds);
                match self.change_circuit(key, &Change::Probe(probe)).await {
                    Some((true, _)) => Pass::Probe(id),
                    Some((false, stored)) if stored.open.is_none() => Pass::Free,
                    Some((false, stored)) => Pass::Barred(barred(&stored)),
                    None => Pass::Barred(barred(&known)),
                }
            }
        }
    }

    /// Takes in what became of a call that was made, and of what it was let through for.
    pub(crate) async fn heard(&self, invocation: &Invocation, pass: &Pass) {
        let key = (invocation.workspace_id, invocation.action_id);
        let sign = Sign::of(invocation.status, invocation.failure.as_ref());
        let change = match (pass, sign) {
            (Pass::Barred(_) | Pass::Unasked, _) | (Pass::Free, None) => None,
            (Pass::Free, Some(sign)) => self.count(key, sign),
            (Pass::Probe(id), None) => Some(Change::Dropped(*id)),
            (Pass::Probe(id), Some(Sign::Answered)) => Some(Change::Answered(*id)),
            (Pass::Probe(id), Some(Sign::Failed(_))) => Some(Change::Failed(*id)),
        };
        if let Some(change) = change {
            self.change_circuit(key, &change).await;
        }
    }

    /// A call that was let through is not made after all.
    pub(crate) async fn not_made(&self, invocation: &Invocation, pass: &Pass) {
        if let Pass::Probe(id) = pass {
            let key = (invocation.workspace_id, invocation.action_id);
            self.change_circuit(key, &Change::Dropped(*id)).await;
        }
    }

    /// The same of all of them, where none could be recorded.
    pub(crate) async fn unless_none_is_made<T, E>(
        &self,
        begun: std::result::Result<T, E>,
        invocations: &[Invocation],
        passes: &[Pass],
    ) -> std::result::Result<T, E> {
        if begun.is_err() {
            for (invocation, pass) in invocations.iter().zip(passes) {
                self.not_made(invocation, pass).await;
            }
        }
        begun
    }

    fn count(&self, key: (WorkspaceId, ActionId), sign: Sign) -> Option<Change> {
        let now = self.now();
        let mut kept = self.inner.circuits.lock();
        if kept.len() >= KEPT && !kept.contains_key(&key) {
            kept.retain(|_, breaker| !breaker.is_idle(now) || breaker.known().open.is_some());
        }
        kept.entry(key).or_default().heard(sign, now)
    }

    /// Stores a change, learns what is there, and says what was done. `None`: the database did not
    /// answer; then all stays as it is, and the next call brings it up again.
    async fn change_circuit(
        &self,
        key: (WorkspaceId, ActionId),
        change: &Change,
    ) -> Option<(bool, Circuit)> {
        let (workspace, action_id) = key;
        let now = self.now();
        let changed = self
            .store()
            .change_circuit(workspace, action_id, change, now)
            .await;
        let (done, stored) = match changed {
            Ok(changed) => changed,
            Err(error) => {
                tracing::error!(%action_id, %error, "a circuit could not be changed");
                return None;
            }
        };
        self.inner.circuits.learn(key, &stored);
        if done {
            let reason = stored.open.as_ref().map(|open| open.reason.as_str());
            match change {
                Change::Open { .. } => {
                    tracing::warn!(%action_id, reason, "calls of an action are stopped for a while");
                    self.inner.metrics.circuit("opened");
                }
                Change::Answered(_) => {
                    tracing::info!(%action_id, "calls of an action are made again");
                    self.inner.metrics.circuit("closed");
                }
                Change::Failed(_) => {
                    tracing::warn!(%action_id, reason, "calls of an action stay stopped");
                    self.inner.metrics.circuit("reopened");
                }
                Change::Probe(_) | Change::Dropped(_) | Change::Reset => {}
            }
        }
        Some((done, stored))
    }

    /// An action as its owner sees it.
    pub(crate) async fn seen(&self, action: Action) -> Result<ActionView> {
        let listed = Listed {
            rows: vec![action],
            more: false,
        };
        let mut rows = self.all_seen(listed).await?.rows;
        rows.pop()
            .ok_or_else(|| crate::ServiceError::Internal("an action was lost".to_owned()))
    }

    /// Actions of one workspace as their owner sees them.
    pub(crate) async fn all_seen(&self, actions: Listed<Action>) -> Result<Listed<ActionView>> {
        let Some(first) = actions.rows.first() else {
            return Ok(Listed::none());
        };
        let stored = self.store().circuits(first.workspace_id).await?;
        let circuits: HashMap<ActionId, Circuit> = stored.into_iter().collect();
        let now = self.now();
        let view = |action: Action| ActionView {
            circuit: circuits
                .get(&action.id)
                .cloned()
                .unwrap_or_default()
                .view(now),
            action,
        };
        Ok(Listed {
            rows: actions.rows.into_iter().map(view).collect(),
            more: actions.more,
        })
    }
}

fn barred(circuit: &Circuit) -> String {
    match &circuit.open {
        Some(open) => format!(
            "not sent: {}; the next call may go through at {}",
            open.reason, open.retry_at
        ),
        None => "not sent: too many calls have failed lately".to_owned(),
    }
}
