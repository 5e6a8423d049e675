//! `/v1/workspace`: the tenant itself.

pub(crate) mod identity_secret;

use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.post(
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
