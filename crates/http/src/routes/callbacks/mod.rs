//! `/v1/callbacks`: the owner's system reports on a long-running operation.

pub(crate) mod report;

use crate::openapi::{Api, operation};

pub(crate) fn routes(api: Api) -> Api {
    api.post(
        "/v1/callbacks/{token}",
        report::handle,
        operation("report_callback", "Report on a long-running operation")
            .says(
                "At the URL that came with the call as `deskhand-callback-url`. It works for 24 \
                 hours and takes no key: the token in it is one. A report with `success` settles \
                 the invocation, once: true makes it `completed`, false `declined`. The same report \
                 may come again; a different one is refused. Before that, `progress` may be \
                 reported any number of times. A report may come at any moment, also before the \
                 call has been answered. The body may have 1 MiB.",
            )
            .public()
            .takes::<report::Report>()
            .answers::<report::Taken>(200, "The report is kept.")
            .fails_with(&["callback_conflict", "callback_expired", "invalid_fields"]),
    )
}
