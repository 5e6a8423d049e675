//! Visitors' tokens: what they say is sealed, and kept nowhere but with the visitor.

use deskhand_domain::id::WorkspaceId;
use deskhand_domain::secret::Secret;

use crate::Result;
use crate::vault::{DataKey, Place, Vault};

/// Not a row: a place that nothing else is sealed for.
fn place(workspace: WorkspaceId) -> Place<'static> {
    Place {
        workspace,
        table: "visitors",
        column: "token",
        row: "",
    }
}

pub(crate) fn seal(
    vault: &Vault,
    key: &DataKey,
    workspace: WorkspaceId,
    says: &Secret,
) -> Result<String> {
    vault.seal(key, place(workspace), says)
}

pub(crate) fn open(
    vault: &Vault,
    key: &DataKey,
    workspace: WorkspaceId,
    token: &str,
) -> Option<Secret> {
    // Whatever does not open was made up, changed or moved by who shows it: nothing is damaged here.
    vault.open(key, place(workspace), token).ok()
}
