//! Pages that stand in for the built ones: each says what it is, and some have compressed forms that
//! say so.

use deskhand_http::Pages;

/// What a [`crate::TestApp`] serves beside the API.
pub fn pages() -> Pages {
    Pages::of([
        (
            "dashboard/index.html",
            "<!doctype html><title>Dashboard</title>",
        ),
        ("dashboard/index.html.br", "dashboard in brotli"),
        ("dashboard/index.html.gz", "dashboard in gzip"),
        ("dashboard/favicon.svg", "<svg/>"),
        ("dashboard/assets/main-1a2b.js", "dashboard()"),
        ("dashboard/assets/main-1a2b.js.gz", "dashboard() in gzip"),
        ("dashboard/assets/notes.docx", "of no known kind"),
        ("widget/widget.js", "widget()"),
        ("widget/widget.js.br", "widget() in brotli"),
        ("widget/frame.html", "<!doctype html><title>Chat</title>"),
        ("widget/assets/frame-3c4d.css", "body{}"),
    ])
}
