//! The list of invocations.

use deskhand_domain::id::{InvocationId, WorkspaceId};
use deskhand_domain::invocation::Invocation;

use super::read::read;
use super::{InvocationFilter, SEARCHED};
use crate::moment::{first_id_after, first_id_before};
use crate::row::{Conn, ms_up, number};
use crate::sql::{Query, query};
use crate::{Listed, Page, Result, page};

mod hosts;

pub(crate) fn list(
    conn: &mut Conn,
    workspace: WorkspaceId,
    filter: &InvocationFilter,
    page: &Page<InvocationId>,
) -> Result<Listed<Invocation>> {
    let hosted = match &filter.host {
        Some(host) => Some(hosts::versions(conn, workspace, host)?),
        None => None,
    };
    let query = select(workspace, filter, hosted.as_deref(), page);
    let rows = query.fetch_all(conn)?;
    page.cut(&rows, read)
}

/// Each filter has an index that ends in the id, so that a page is read off one of them in order.
fn select(
    workspace: WorkspaceId,
    filter: &InvocationFilter,
    hosted: Option<&[String]>,
    page: &Page<InvocationId>,
) -> Query<'static> {
    // What no index finds is looked for among so many rows that one does.
    let searched = filter.text.is_some() || filter.slower_than_ms.is_some() || hosted.is_some();
    let mut query = query(match searched {
        true => "SELECT * FROM (SELECT * FROM invocations WHERE workspace_id = ",
        false => "SELECT * FROM invocations WHERE workspace_id = ",
    });
    query.push_bind(workspace.to_string());
    let mut before = page::bound(page);
    if let Some(agent) = filter.agent_id {
        query.push(" AND agent_id = ").push_bind(agent.to_string());
    }
    if let Some(conversation) = filter.conversation_id {
        query.push(" AND conversation_id = ");
        query.push_bind(conversation.to_string());
    }
    if let Some(action) = &filter.action {
        query.push(" AND action = ").push_bind(action.clone());
    }
    if let Some(action) = filter.action_id {
        query
            .push(" AND action_id = ")
            .push_bind(action.to_string());
    }
    if let Some(status) = filter.status {
        query.push(" AND status = ").push_bind(status.as_str());
    }
    if let Some(code) = filter.failure_code {
        query.push(" AND failure_code = ").push_bind(code.as_str());
    }
    if let Some(test) = filter.test {
        query.push(" AND test = ").push_bind(test);
    }
    // The bounds on the id narrow the index; those on the moment are exact.
    if let Some(from) = filter.from {
        query.push(" AND created_at >= ").push_bind(ms_up(from));
        query
            .push(" AND id >= ")
            .push_bind(first_id_before::<InvocationId>(from));
    }
    if let Some(to) = filter.to {
        query.push(" AND created_at < ").push_bind(ms_up(to));
        before = before.min(first_id_after::<InvocationId>(to));
    }
    query.push(" AND id < ").push_bind(before);
    if searched {
        query.push(" ORDER BY id DESC LIMIT ").push_bind(SEARCHED);
        query.push(") AS i WHERE TRUE");
        narrow(&mut query, filter, hosted);
    }
    query
        .push(" ORDER BY id DESC LIMIT ")
        .push_bind(page.fetch());
    query
}

/// By what no index finds.
fn narrow(query: &mut Query<'_>, filter: &InvocationFilter, hosted: Option<&[String]>) {
    if let Some(ms) = filter.slower_than_ms {
        query.push(" AND duration_ms > ").push_bind(number(ms));
    }
    if let Some(versions) = hosted {
        // Null is in no list: without a version nothing is found.
        query.push(" AND action_id || '/' || action_version IN (NULL");
        for version in versions {
            query.push(", ").push_bind(version.clone());
        }
        query.push(")");
    }
    if let Some(text) = &filter.text {
        query.push(" AND (id = ").push_bind(text.clone());
        for column in ["action", "parameters", "error", "failure_message"] {
            query.push(" OR LOWER(").push(column).push(") LIKE ");
            query.push_bind(page::pattern(text)).push(page::ESCAPE);
        }
        query.push(")");
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
