//! `/v1/widget`: what the owner's pages ask, from their own origins.

pub(crate) mod sessions;

use deskhand_service::{Visit, VisitRequest};

use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.post(
        "/v1/widget/sessions",
        sessions::create,
        operation("open_visit", "Open a visitor session")
            .says(
                "For the widget's loader on the owner's page. It needs no key; the `Origin` header must \
                 be one of the workspace's `widget_origins`, and the agent's widget must be switched on. \
                 The token it answers with is a bearer for chat and for the visitor's own \
                 conversations, and for nothing else. It works for 30 days, begun anew with each \
                 session that is opened with it as `visitor`; with a `contact_token`, for 24 hours.",
            )
            .public()
            .takes::<VisitRequest>()
            .header::<String>("Origin", "The origin of the page. Browsers set it.")
            .answers::<Visit>(201, "The session.")
            .fails_with(&["origin_not_allowed", "contact_token_invalid", "not_found"]),
    )
    .options(
        "/v1/widget/sessions",
        sessions::preflight,
        operation("may_open_visit", "Ask whether a page may open one (CORS)")
            .says("The answer allows it if the origin is among any workspace's `widget_origins`.")
            .public()
            .header::<String>("Origin", "The origin of the page. Browsers set it.")
            .answers_nothing("Its headers say."),
    )
}
