//! Which versions of actions call a host.

use deskhand_domain::action::ActionDefinition;
use deskhand_domain::id::WorkspaceId;
use deskhand_domain::trace::host_of;

use crate::row::{Conn, get, json};
use crate::sql::query;
use crate::{Result, page};

/// Most versions that are looked for, the newest; an action's change makes one.
const VERSIONS: i64 = 1_000;

/// The versions of actions, removed ones too, whose URL has this host, each as
/// `action/version`.
pub(super) fn versions(conn: &mut Conn, workspace: WorkspaceId, host: &str) -> Result<Vec<String>> {
    // The text finds the few that may be; what the URL says decides.
    let mut query = query(
        "SELECT action_id || '/' || version AS called, definition FROM action_versions
         WHERE LOWER(definition) LIKE ",
    );
    query.push_bind(page::pattern(&format!("://{host}")));
    query.push(page::ESCAPE).push(" AND workspace_id = ");
    query.push_bind(workspace.to_string());
    query.push(" ORDER BY created_at DESC LIMIT ");
    query.push_bind(VERSIONS);
    let mut found = Vec::new();
    for row in query.fetch_all(conn)? {
        let definition: ActionDefinition = json(&row, "definition")?;
        if host_of(&definition.webhook_url).eq_ignore_ascii_case(host) {
            found.push(get(&row, "called")?);
        }
    }
    Ok(found)
}
