//! `/v1/agents/{id}/chat`: a customer's message in, the reply out.

pub(crate) mod create;

use deskhand_service::{Chat, ChatAnswer};

use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.post(
        "/v1/agents/{id}/chat",
        create::handle,
        operation("chat", "Handle a customer's message, up to the reply")
            .says(
                "Only `message` is required. Without `conversation_id` a new conversation begins. A \
                 conversation belongs to its contact: another `contact.id` is 409. A turn that \
                 fails is no HTTP error: the answer has `status` `failed` and a reply for the \
                 customer. Messages of one conversation are answered one after the other. A client \
                 that hangs up does not stop the turn.\n\nWith `stream` the answer is an event \
                 stream: `turn.started`, then `message.delta`, `message.reset`, `action.started` \
                 and `action.finished` as they happen, and last `message.completed` or \
                 `turn.failed` with the whole answer. With `trace` there come `trace.model` after each \
                 answer of a model, `trace.call` after each decision on a call and `trace.attempt` \
                 after each request.\n\nIn the `mode` `test` calls are made with `deskhand-test: \
                 true`; in `mock` none is made, and the action's `mock_response` answers.",
            )
            .takes::<Chat>()
            .answers::<ChatAnswer>(200, "The reply and what was run for it.")
            .answers_events("With `stream`: the events of the turn.")
            .fails_with(&[
                "conflict",
                "contact_mismatch",
                "conversation_busy",
                "contact_token_invalid",
                "mode_mismatch",
                "too_many_requests",
            ]),
    )
}
