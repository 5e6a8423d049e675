//! `/v1/actions`: what agents can do.

pub(crate) mod check;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod preview;
pub(crate) mod restore;
pub(crate) mod rotate;
pub(crate) mod show;
pub(crate) mod test;
pub(crate) mod update;
pub(crate) mod versions;

use deskhand_domain::action::{Action, ActionDefinition};
use deskhand_domain::findings::Finding;
use deskhand_service::{ActionView, HeaderInput, Preview, PreviewRequest, Restore, Saved, TestRun};
use serde::Serialize;
use serde_json::{Value, json};

use crate::list::Listing;
use crate::openapi::{Api, Schemas, changed, made, operation};
use crate::routes::invocations::WithAttempts;

pub(crate) fn routes(api: Api) -> Api {
    api.post(
        "/v1/actions",
        create::handle,
        operation("create_action", "Make an action")
            .says(
                "The first five fields are required. `warnings` names what to look at and refuses \
                 nothing.",
            )
            .takes_schema(new_action, true)
            .answers::<create::Created>(201, "The action with its signing secret, this once.")
            .fails_with(&["name_taken"]),
    )
    .get(
        "/v1/actions",
        list::handle,
        operation("list_actions", "List actions").answers::<Listing<ActionView>>(
            200,
            "Actions in their current versions, newest first.",
        ),
    )
    .post(
        "/v1/actions/check",
        check::handle,
        operation("check_action", "Review an action without saving it")
            .says(
                "The body is a definition as for making one, complete or not: what does not fit \
                 comes back as a finding, not as an error. Every finding has a stable code, the \
                 field it is about, and a suggestion. Other than a wrong field, findings never \
                 refuse a save.",
            )
            .takes_schema(|_| json!({"type": "object"}), false)
            .answers::<check::Checked>(200, "What was found; errors first."),
    )
    .post(
        "/v1/actions/preview",
        preview::handle,
        operation(
            "preview_action",
            "Look at the request of an action without sending it",
        )
        .says(
            "The definition may be incomplete, but for a URL that can be called. Without \
                 `parameters` they are made up after the schema. Ids, time and signature stand as \
                 placeholders, secrets as `[redacted]`.",
        )
        .takes::<PreviewRequest>()
        .answers::<Preview>(200, "What would be sent."),
    )
    .get(
        "/v1/actions/{id}",
        show::handle,
        operation("get_action", "Read an action")
            .answers::<ActionView>(200, "Its current version."),
    )
    .patch(
        "/v1/actions/{id}",
        update::handle,
        operation("update_action", "Change an action")
            .says(
                "Makes a new version, unless nothing changes. A field that is left out stays as it \
                 is; null takes it back to its default. A header without `value` and `secret` \
                 keeps its stored secret.",
            )
            .takes_schema(
                |schemas| changed(schemas, "NewAction", "ActionChanges", keep_secrets),
                false,
            )
            .answers::<SavedAction>(200, "The action as it is now.")
            .fails_with(&["name_taken", "conflict"]),
    )
    .delete(
        "/v1/actions/{id}",
        delete::handle,
        operation("delete_action", "Remove an action")
            .says("Refused while an invocation of it is open.")
            .answers_nothing("It is removed.")
            .fails_with(&["conflict"]),
    )
    .get(
        "/v1/actions/{id}/versions",
        versions::handle,
        operation("list_action_versions", "List the versions of an action")
            .answers::<Listing<Action>>(200, "Its versions, newest first."),
    )
    .post(
        "/v1/actions/{id}/restore",
        restore::handle,
        operation(
            "restore_action",
            "Go back to an earlier version of an action",
        )
        .says(
            "Makes a new version with the definition of that one, unless nothing changes. \
                 Secrets of headers are kept by their names; one whose header is gone has to be \
                 given anew.",
        )
        .takes::<Restore>()
        .answers::<SavedAction>(200, "The action as it is now.")
        .fails_with(&["name_taken", "conflict"]),
    )
    .post(
        "/v1/actions/{id}/secret",
        rotate::handle,
        operation("rotate_action_secret", "Make a new signing secret")
            .says(
                "Until `overlap_seconds` have passed the secret before signs too: \
                 `webhook-signature` carries one signature for each.",
            )
            .may_take::<rotate::Rotate>()
            .answers::<rotate::SigningSecret>(200, "The new secret, this once."),
    )
    .post(
        "/v1/actions/{id}/test",
        test::handle,
        operation("test_action", "Run an action as a test")
            .says(
                "Sends a real call with `deskhand-test: true`. The parameters are checked against \
                 the schema; no customer has to have said them.",
            )
            .may_take::<TestRun>()
            .answers::<WithAttempts>(200, "The invocation with the exact request and response."),
    )
}

/// A definition as a client writes it: secrets of headers stand in it.
fn new_action(schemas: &mut Schemas) -> Value {
    made::<ActionDefinition>(schemas, "NewAction", |schemas, definition| {
        let header = &mut definition["properties"]["headers"]["items"];
        *header = schemas.input::<HeaderInput>();
        header["oneOf"] = json!([given("value"), given("secret")]);
    })
}

/// A header that has a secret already may do without a new one.
fn keep_secrets(definition: &mut Value) {
    let header = &mut definition["properties"]["headers"]["items"];
    if let Some(header) = header.as_object_mut() {
        header.remove("oneOf");
        header.insert(
            "not".to_owned(),
            json!({"allOf": [given("value"), given("secret")]}),
        );
    }
}

/// A field that is there and is not null.
fn given(field: &str) -> Value {
    json!({
        "required": [field],
        "properties": {(field): {"type": "string"}},
        "additionalProperties": true,
    })
}

/// A saved action with what its owner should look at.
#[derive(Serialize, schemars::JsonSchema)]
pub(crate) struct SavedAction {
    #[serde(flatten)]
    action: ActionView,
    /// What to look at. None of it refuses the save.
    warnings: Vec<Finding>,
}

impl From<Saved> for SavedAction {
    fn from(saved: Saved) -> Self {
        Self {
            action: saved.view,
            warnings: saved.warnings,
        }
    }
}
