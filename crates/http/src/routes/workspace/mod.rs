//! `/v1/workspace`: the workspace of whoever asks.

pub(crate) mod show;
pub(crate) mod update;

use deskhand_domain::workspace::Workspace;
use deskhand_service::WorkspaceRequest;

use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/workspace",
        show::handle,
        operation("get_workspace", "Read the workspace")
            .answers::<Workspace>(200, "The workspace of the key or the session."),
    )
    .patch(
        "/v1/workspace",
        update::handle,
        operation("update_workspace", "Change the workspace")
            .says("A field that is left out stays as it is.")
            .may_take::<WorkspaceRequest>()
            .answers::<Workspace>(200, "The workspace as it is now."),
    )
}
