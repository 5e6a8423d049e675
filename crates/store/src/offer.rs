//! An agent with what it can run, as one thing to be kept until it changes.

use deskhand_domain::action::Action;
use deskhand_domain::agent::Agent;
use deskhand_domain::circuit::Circuit;
use deskhand_domain::id::{ActionId, AgentId, WorkspaceId};

use crate::row::Conn;
use crate::{Result, agent, circuit, workspace};

/// An agent and the actions attached to it, in the order attached, disabled ones included.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The workspace's count of changes that this is as of.
    pub revision: i64,
    /// The agent.
    pub agent: Agent,
    /// Its actions.
    pub actions: Vec<Action>,
    /// The circuits of the workspace's actions: those that have ever been opened.
    pub circuits: Vec<(ActionId, Circuit)>,
}

/// `None` if nothing in the workspace has changed since `known`.
pub(crate) fn read(
    conn: &mut Conn,
    workspace: WorkspaceId,
    id: AgentId,
    known: Option<i64>,
) -> Result<Option<Offer>> {
    // The count is read first: what changes while the rest is read is then found by its next reader.
    let revision = workspace::revision(conn, workspace)?;
    if known == Some(revision) {
        return Ok(None);
    }
    Ok(Some(Offer {
        revision,
        agent: agent::one(conn, workspace, id)?,
        actions: agent::actions(conn, workspace, id)?,
        circuits: circuit::list(conn, workspace)?,
    }))
}
