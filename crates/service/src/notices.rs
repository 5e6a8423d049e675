//! What the owner should look at, as it stands now.

use deskhand_domain::action::Action;
use deskhand_domain::circuit::Open;
use deskhand_domain::event::EventEndpoint;
use deskhand_domain::id::{AgentId, WorkspaceId};
use deskhand_domain::notice::{Notice, NoticeCode};
use deskhand_store::{Page, StoreError, Waiting};

use crate::{Result, Service};

impl Service {
    /// Everything that the owner should look at. Of whoever may see one agent only, what is about that
    /// agent's actions.
    pub async fn notices(
        &self,
        workspace: WorkspaceId,
        bound_to: Option<AgentId>,
    ) -> Result<Vec<Notice>> {
        let mut notices = self.open_circuits(workspace, bound_to).await?;
        if bound_to.is_some() {
            return Ok(notices);
        }
        notices.extend(self.disabled_endpoints(workspace).await?);
        let unsettled = self.store().unsettled(workspace).await?;
        notices.extend(unsettled.map(|waiting| {
            let message = match waiting.count {
                1 => "One call may or may not have gone through. Look in your own system and settle it."
                    .to_owned(),
                count => format!(
                    "{count} calls may or may not have gone through. Look in your own system and settle each."
                ),
            };
            counted(NoticeCode::UnsettledInvocations, message, waiting)
        }));
        let waiting = self.store().handoffs_waiting(workspace).await?;
        notices.extend(waiting.map(|waiting| {
            let message = match waiting.count {
                1 => "One customer waits for a person. Answer them, or hand back to the agent."
                    .to_owned(),
                count => format!(
                    "{count} customers wait for a person. Answer them, or hand back to the agent."
                ),
            };
            counted(NoticeCode::HandoffWaiting, message, waiting)
        }));
        Ok(notices)
    }

    async fn open_circuits(
        &self,
        workspace: WorkspaceId,
        bound_to: Option<AgentId>,
    ) -> Result<Vec<Notice>> {
        let visible = match bound_to {
            Some(agent) => Some(self.agent_actions(workspace, agent).await?),
            None => None,
        };
        let mut notices = Vec::new();
        for (id, circuit) in self.store().circuits(workspace).await? {
            let Some(open) = circuit.open else {
                continue;
            };
            if visible
                .as_ref()
                .is_some_and(|actions| actions.iter().all(|one| one.id != id))
            {
                continue;
            }
            match self.store().action(workspace, id).await {
                Ok(action) => notices.push(stopped(&action, &open)),
                // It has been deleted meanwhile.
                Err(StoreError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(notices)
    }
}

/// Whatever more there may be is nothing that a notice could help with.
const ENDPOINTS: u32 = 100;

impl Service {
    async fn disabled_endpoints(&self, workspace: WorkspaceId) -> Result<Vec<Notice>> {
        let page = Page {
            limit: ENDPOINTS,
            before: None,
        };
        let listed = self.store().endpoints(workspace, page).await?;
        Ok(listed.rows.into_iter().filter_map(silent).collect())
    }
}

/// An endpoint that the server has taken out of service; one that its owner has is as they want it.
fn silent(endpoint: EventEndpoint) -> Option<Notice> {
    let disabled = endpoint.disabled?;
    Some(Notice {
        code: NoticeCode::EndpointDisabled,
        message: format!(
            "Events are no longer sent to {}: {} Mend it, and enable it again.",
            endpoint.url, disabled.detail
        ),
        since: disabled.at,
        count: 1,
        action_id: None,
        endpoint_id: Some(endpoint.id),
    })
}

fn stopped(action: &Action, open: &Open) -> Notice {
    Notice {
        code: NoticeCode::CircuitOpen,
        message: format!(
            "Calls of \u{201c}{}\u{201d} are stopped: {}. One goes through every 30 seconds, and when it \
             is answered they are made again.",
            action.definition.display_name, open.reason
        ),
        since: open.opened_at,
        count: 1,
        action_id: Some(action.id),
        endpoint_id: None,
    }
}

fn counted(code: NoticeCode, message: String, waiting: Waiting) -> Notice {
    Notice {
        code,
        message,
        since: waiting.since,
        count: waiting.count,
        action_id: None,
        endpoint_id: None,
    }
}
