//! `/v1/workspace`: the workspace of whoever asks.

pub(crate) mod identity_secret;
pub(crate) mod show;
pub(crate) mod update;

use deskhand_service::{WorkspaceRequest, WorkspaceView};

use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/workspace",
        show::handle,
        operation("get_workspace", "Read the workspace")
            .answers::<WorkspaceView>(200, "The workspace of the key or the session."),
    )
    .patch(
        "/v1/workspace",
        update::handle,
        operation("update_workspace", "Change the workspace")
            .says("A field that is left out stays as it is.")
            .may_take::<WorkspaceRequest>()
            .answers::<WorkspaceView>(200, "The workspace as it is now."),
    )
    .post(
        "/v1/workspace/identity_secret",
        identity_secret::handle,
        operation("rotate_identity_secret", "Make a new identity secret")
            .says(
                "Your server signs contact tokens with it, to prove who your customer is: JWTs with \
                 `alg` HS256, whose key is the secret's text as it stands, prefix and all. The first one \
                 is made this way too. With `overlap_seconds` the one before goes on proving for that \
                 long; without, it and every visitor session that it proved end at once.",
            )
            .may_take::<identity_secret::Rotate>()
            .answers::<identity_secret::IdentitySecret>(200, "The secret, this once."),
    )
}
