//! Agents with their compiled actions, kept until anything in their workspace changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskhand_domain::agent::Agent;
use deskhand_domain::check::Callable;
use deskhand_domain::id::{AgentId, WorkspaceId};
use deskhand_store::Offer;

use crate::{Result, Service, ServiceError};

/// Most agents kept.
const KEPT: usize = 10_000;

/// An agent and what it has on offer.
#[derive(Debug)]
pub struct Offered {
    pub agent: Arc<Agent>,
    /// Its enabled actions, in the order attached.
    pub callables: Arc<[Arc<Callable>]>,
    /// The workspace's count of changes that this is as of.
    revision: i64,
}

/// What was read last of each agent.
#[derive(Debug, Default)]
pub struct Offers(Mutex<HashMap<(WorkspaceId, AgentId), Arc<Offered>>>);

impl Offers {
    fn get(&self, key: (WorkspaceId, AgentId)) -> Option<Arc<Offered>> {
        self.lock().get(&key).cloned()
    }

    fn put(&self, key: (WorkspaceId, AgentId), offered: Arc<Offered>) {
        let mut kept = self.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, offered);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(WorkspaceId, AgentId), Arc<Offered>>> {
        // Whole values are put in and taken out, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// An agent and what it has on offer, as the database has it now: the count of the workspace's
    /// changes is read every time, the rest only after a change.
    pub(crate) async fn offered(
        &self,
        workspace: WorkspaceId,
        agent: AgentId,
    ) -> Result<Arc<Offered>> {
        let key = (workspace, agent);
        let kept = self.inner.offers.get(key);
        let known = kept.as_ref().map(|kept| kept.revision);
        let read = self.store().offer(workspace, agent, known).await?;
        match (read, kept) {
            (None, Some(kept)) => Ok(kept),
            (None, None) => Err(ServiceError::NotFound),
            (Some(offer), _) => {
                self.learn_circuits(workspace, &offer.circuits);
                let offered = Arc::new(self.compile(offer)?);
                self.inner.offers.put(key, Arc::clone(&offered));
                Ok(offered)
            }
        }
    }

    fn compile(&self, offer: Offer) -> Result<Offered> {
        let callables = offer
            .actions
            .iter()
            .filter(|action| action.definition.enabled)
            .map(|action| {
                self.inner.callables.get(action).map_err(|error| {
                    ServiceError::Internal(format!(
                        "action {} cannot be compiled: {}",
                        action.id, error.message
                    ))
                })
            })
            .collect::<Result<_>>()?;
        Ok(Offered {
            agent: Arc::new(offer.agent),
            callables,
            revision: offer.revision,
        })
    }
}
