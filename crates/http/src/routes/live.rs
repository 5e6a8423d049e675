//! `GET /v1/live`: what changes in the workspace, as it changes.

use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use deskhand_service::Service;
use futures_util::{StreamExt, stream};

use crate::auth::Reader;
use crate::auth_again::until_refused;
use crate::openapi::{Api, operation};
use crate::sse;

pub(crate) fn routes(api: Api) -> Api {
    api.get(
        "/v1/live",
        handle,
        operation("watch", "Watch a workspace, live")
            .says(
                "Says what has changed, not to what: read it again. Nothing is told twice, and \
                 nothing of what was missed is made up for: read everything again after coming \
                 back. A comment comes every 15 seconds to show that the stream is alive; a watcher \
                 that falls far behind is cut off. A key that is bound to an agent hears of that \
                 agent's.",
            )
            .answers_changes("What changes, without end."),
    )
}

pub(crate) async fn handle(
    reader: Reader,
    State(service): State<Service>,
    parts: Parts,
) -> Response {
    let watching = service.watch(reader.workspace, reader.bound_to);
    let changes = stream::unfold(watching, |mut watching| async {
        let change = watching.next().await?;
        Some((change, watching))
    });
    let refused = Box::pin(until_refused::<Reader>(parts, service));
    sse::changes(changes.take_until(refused))
}
