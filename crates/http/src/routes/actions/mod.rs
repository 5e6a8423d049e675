//! `/v1/actions`: what agents can do.

pub(crate) mod check;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod rotate;
pub(crate) mod show;
pub(crate) mod test;
pub(crate) mod update;
pub(crate) mod versions;

use deskhand_domain::action::Action;
use deskhand_domain::findings::Finding;
use deskhand_service::Saved;
use serde::Serialize;

/// A saved action with what its owner should look at.
#[derive(Serialize)]
pub(crate) struct SavedAction {
    #[serde(flatten)]
    action: Action,
    warnings: Vec<Finding>,
}

impl From<Saved> for SavedAction {
    fn from(saved: Saved) -> Self {
        Self {
            action: saved.action,
            warnings: saved.warnings,
        }
    }
}
