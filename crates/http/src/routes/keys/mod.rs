//! `/v1/keys`: who may use the API.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;

use deskhand_domain::workspace::ApiKey;
use deskhand_service::KeyRequest;

use crate::list::Listing;
use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.post(
        "/v1/keys",
        create::handle,
        operation("create_key", "Make an API key")
            .says("A key that is bound to an agent sees and uses only what is that agent's.")
            .takes::<KeyRequest>()
            .answers::<create::Created>(201, "The key with its text, this once."),
    )
    .get(
        "/v1/keys",
        list::handle,
        operation("list_keys", "List API keys")
            .answers::<Listing<ApiKey>>(200, "Keys, newest first, without their text."),
    )
    .delete(
        "/v1/keys/{id}",
        delete::handle,
        operation("delete_key", "Take an API key out of use")
            .says("Refused for the last admin key that works.")
            .answers_nothing("It no longer works.")
            .fails_with(&["last_admin_key"]),
    )
}
