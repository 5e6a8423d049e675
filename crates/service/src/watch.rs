//! What changes in a workspace, told to whoever watches. Nothing is kept: a watcher that falls behind
//! is let go, and looks for itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskhand_domain::conversation::Conversation;
use deskhand_domain::id::{AgentId, ConversationId, InvocationId, WorkspaceId};
use deskhand_domain::invocation::{Invocation, InvocationStatus};
use deskhand_store::Bus;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Service, relay};

/// Changes that a watcher may be behind.
const KEPT: usize = 256;

/// Something that has changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum WorkspaceEvent {
    /// An invocation was decided on or stands elsewhere now.
    Invocation {
        /// Which.
        id: InvocationId,
        /// Where it stands.
        status: InvocationStatus,
        /// The action's name.
        action: String,
        /// Where it was decided on; null for a test run from the API.
        conversation_id: Option<ConversationId>,
        /// Whether it is a trial.
        test: bool,
    },
    /// Something was said in a conversation.
    Conversation {
        /// Which.
        id: ConversationId,
        /// With which agent.
        agent_id: AgentId,
    },
}

impl WorkspaceEvent {
    /// The names on the wire, in the order of the variants.
    pub const NAMES: [&'static str; 2] = ["invocation.changed", "conversation.changed"];

    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Invocation { .. } => Self::NAMES[0],
            Self::Conversation { .. } => Self::NAMES[1],
        }
    }
}

/// A change, and the agent in whose work it happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Change {
    agent_id: Option<AgentId>,
    event: WorkspaceEvent,
}

/// The workspaces that somebody watches, here or on another node.
#[derive(Debug, Default)]
pub struct Watched {
    bus: Option<Arc<Bus>>,
    here: Mutex<HashMap<WorkspaceId, broadcast::Sender<Arc<Change>>>>,
    /// Until when other nodes want to be told.
    elsewhere: Mutex<HashMap<WorkspaceId, Instant>>,
}

impl Watched {
    /// Nobody watches yet.
    pub fn new(bus: Option<Arc<Bus>>) -> Self {
        Self {
            bus,
            ..Self::default()
        }
    }

    fn watch(&self, workspace: WorkspaceId) -> broadcast::Receiver<Arc<Change>> {
        let receiver = lock(&self.here)
            .entry(workspace)
            .or_insert_with(|| broadcast::channel(KEPT).0)
            .subscribe();
        if let Some(bus) = &self.bus {
            relay::say_watches(bus, workspace);
        }
        receiver
    }

    fn tell(&self, workspace: WorkspaceId, change: impl FnOnce() -> Change) {
        let wanted = self.bus.as_ref().filter(|_| {
            let elsewhere = lock(&self.elsewhere);
            let until = elsewhere.get(&workspace);
            until.is_some_and(|until| *until > Instant::now())
        });
        if wanted.is_none() && !lock(&self.here).contains_key(&workspace) {
            return;
        }
        let change = change();
        if let Some(bus) = wanted {
            relay::say_changed(bus, workspace, change.clone());
        }
        self.relayed(workspace, change);
    }

    /// Tells those who watch here.
    pub fn relayed(&self, workspace: WorkspaceId, change: Change) {
        let mut here = lock(&self.here);
        let Some(sender) = here.get(&workspace) else {
            return;
        };
        if sender.send(Arc::new(change)).is_err() {
            // The last watcher has gone.
            here.remove(&workspace);
        }
    }

    /// Another node wants to be told.
    pub fn want(&self, workspace: WorkspaceId, until: Instant) {
        lock(&self.elsewhere).insert(workspace, until);
    }

    /// Asks the other nodes again for those who still watch here, and forgets what they do not want
    /// any more.
    pub fn ask_again(&self) {
        let now = Instant::now();
        lock(&self.elsewhere).retain(|_, until| *until > now);
        let mut here = lock(&self.here);
        here.retain(|_, sender| sender.receiver_count() > 0);
        if let Some(bus) = &self.bus {
            here.keys()
                .for_each(|workspace| relay::say_watches(bus, *workspace));
        }
    }

    /// Lets all go who watch here: something may have been missed.
    pub fn let_go(&self) {
        lock(&self.here).clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One watcher.
#[derive(Debug)]
pub struct Watching {
    changes: broadcast::Receiver<Arc<Change>>,
    /// The agent that it may know of; `None` means all.
    bound_to: Option<AgentId>,
    stopping: CancellationToken,
}

impl Watching {
    /// The next change. `None`: the watcher fell behind or the server is stopping; it should come back
    /// and look for itself.
    pub async fn next(&mut self) -> Option<WorkspaceEvent> {
        loop {
            let change = tokio::select! {
                () = self.stopping.cancelled() => return None,
                change = self.changes.recv() => change,
            };
            match change {
                Ok(change) if self.bound_to.is_none() || change.agent_id == self.bound_to => {
                    return Some(change.event.clone());
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_) | RecvError::Closed) => return None,
            }
        }
    }
}

impl Service {
    /// Watches a workspace, or what one agent does in it.
    pub fn watch(&self, workspace: WorkspaceId, bound_to: Option<AgentId>) -> Watching {
        Watching {
            changes: self.inner.watched.watch(workspace),
            bound_to,
            stopping: self.inner.stopping.clone(),
        }
    }

    pub(crate) fn tell_of_invocation(&self, invocation: &Invocation) {
        self.tell_of(invocation, invocation.status);
        self.events_wait();
    }

    pub(crate) fn tell_of_sending(&self, invocation: &Invocation) {
        self.tell_of(invocation, InvocationStatus::Sending);
    }

    fn tell_of(&self, invocation: &Invocation, status: InvocationStatus) {
        self.inner.watched.tell(invocation.workspace_id, || Change {
            agent_id: invocation.agent_id,
            event: WorkspaceEvent::Invocation {
                id: invocation.id,
                status,
                action: invocation.action.clone(),
                conversation_id: invocation.conversation_id,
                test: invocation.test,
            },
        });
    }

    pub(crate) fn tell_of_conversation(&self, conversation: &Conversation) {
        self.events_wait();
        self.inner
            .watched
            .tell(conversation.workspace_id, || Change {
                agent_id: Some(conversation.agent_id),
                event: WorkspaceEvent::Conversation {
                    id: conversation.id,
                    agent_id: conversation.agent_id,
                },
            });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(agent: &str) -> Change {
        let agent_id = agent.parse().unwrap();
        Change {
            agent_id: Some(agent_id),
            event: WorkspaceEvent::Conversation {
                id: "conv_00000000000000000000000000".parse().unwrap(),
                agent_id,
            },
        }
    }

    fn watching(watched: &Watched, bound_to: Option<&str>) -> Watching {
        Watching {
            changes: watched.watch(workspace()),
            bound_to: bound_to.map(|agent| agent.parse().unwrap()),
            stopping: CancellationToken::new(),
        }
    }

    fn workspace() -> WorkspaceId {
        "ws_00000000000000000000000000".parse().unwrap()
    }

    const ONE: &str = "agt_00000000000000000000000001";
    const TWO: &str = "agt_00000000000000000000000002";

    #[tokio::test]
    async fn one_that_is_bound_to_an_agent_hears_of_no_other() {
        let watched = Watched::default();
        let mut bound = watching(&watched, Some(TWO));
        watched.tell(workspace(), || change(ONE));
        watched.tell(workspace(), || change(TWO));
        let Some(WorkspaceEvent::Conversation { agent_id, .. }) = bound.next().await else {
            panic!("no event");
        };
        assert_eq!(agent_id.to_string(), TWO);
    }

    #[tokio::test]
    async fn one_that_falls_behind_is_let_go() {
        let watched = Watched::default();
        let mut slow = watching(&watched, None);
        for _ in 0..=KEPT {
            watched.tell(workspace(), || change(ONE));
        }
        assert!(slow.next().await.is_none());
    }

    #[test]
    fn where_nobody_watches_nothing_is_made() {
        let watched = Watched::default();
        watched.tell(workspace(), || panic!("made for nobody"));
        drop(watching(&watched, None));
        watched.tell(workspace(), || change(ONE));
        watched.tell(workspace(), || panic!("made for nobody"));
    }
}
