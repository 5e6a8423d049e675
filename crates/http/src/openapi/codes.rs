//! Every code of a problem, with its status: the one list that the document and the tests go by.
//! A problem with a code that is not on it fails in every build with debug assertions.

use axum::http::StatusCode;

/// The code of a problem, its status, and when it is given.
pub(crate) const CODES: &[(&str, StatusCode, &str)] = &[
    (
        "invalid_json",
        StatusCode::BAD_REQUEST,
        "The body is not a JSON object.",
    ),
    (
        "invalid_body",
        StatusCode::BAD_REQUEST,
        "The body could not be read.",
    ),
    (
        "unauthorized",
        StatusCode::UNAUTHORIZED,
        "No API key and no session, or none that is valid.",
    ),
    (
        "wrong_credentials",
        StatusCode::UNAUTHORIZED,
        "The email address or the password is not right.",
    ),
    (
        "forbidden",
        StatusCode::FORBIDDEN,
        "The key has not the scope for this.",
    ),
    (
        "origin_not_allowed",
        StatusCode::FORBIDDEN,
        "The page's origin is not among the workspace's `widget_origins`.",
    ),
    (
        "cross_site",
        StatusCode::FORBIDDEN,
        "It was sent with a browser's cookie, or to sign in, from another site.",
    ),
    (
        "setup_token_invalid",
        StatusCode::FORBIDDEN,
        "The set-up link has been used, replaced, or has expired.",
    ),
    (
        "link_invalid",
        StatusCode::FORBIDDEN,
        "The sign-in link has been used or has expired.",
    ),
    (
        "invitation_invalid",
        StatusCode::FORBIDDEN,
        "The invitation has been used, taken back, or has expired.",
    ),
    (
        "not_found",
        StatusCode::NOT_FOUND,
        "There is nothing of that id in this workspace, or no such route.",
    ),
    (
        "method_not_allowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "The route does not take that method.",
    ),
    (
        "conflict",
        StatusCode::CONFLICT,
        "Something else stands against it.",
    ),
    (
        "name_taken",
        StatusCode::CONFLICT,
        "The name is already in use.",
    ),
    (
        "contact_mismatch",
        StatusCode::CONFLICT,
        "The conversation belongs to another contact.",
    ),
    (
        "invocation_not_unknown",
        StatusCode::CONFLICT,
        "The invocation is not `unknown`.",
    ),
    (
        "callback_conflict",
        StatusCode::CONFLICT,
        "The invocation has ended, and the report says something else.",
    ),
    (
        "callback_expired",
        StatusCode::GONE,
        "The callback URL's time is over.",
    ),
    (
        "mode_mismatch",
        StatusCode::CONFLICT,
        "The conversation is in another mode.",
    ),
    (
        "last_admin_key",
        StatusCode::CONFLICT,
        "It is the last admin key.",
    ),
    (
        "last_member",
        StatusCode::CONFLICT,
        "It is the only account of the workspace.",
    ),
    (
        "already_set_up",
        StatusCode::CONFLICT,
        "There is an account already.",
    ),
    (
        "email_taken",
        StatusCode::CONFLICT,
        "There is an account with this email address already.",
    ),
    (
        "idempotency_in_progress",
        StatusCode::CONFLICT,
        "The request with this `Idempotency-Key` is still being carried out.",
    ),
    (
        "idempotency_answer_lost",
        StatusCode::CONFLICT,
        "The request with this `Idempotency-Key` was carried out, at least in part, and its answer is lost.",
    ),
    (
        "conversation_busy",
        StatusCode::CONFLICT,
        "An earlier message of the conversation is still being handled; or this one is stored, and the server that has it is stopping: then `turn_id` is given.",
    ),
    (
        "payload_too_large",
        StatusCode::PAYLOAD_TOO_LARGE,
        "The body is over 256 KiB.",
    ),
    (
        "unsupported_media_type",
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "The body is not sent as application/json.",
    ),
    (
        "invalid_fields",
        StatusCode::UNPROCESSABLE_ENTITY,
        "Fields cannot be accepted; `errors` names each.",
    ),
    (
        "contact_token_invalid",
        StatusCode::UNPROCESSABLE_ENTITY,
        "The contact token proves nothing; `detail` says which rule it breaks.",
    ),
    (
        "idempotency_key_reused",
        StatusCode::UNPROCESSABLE_ENTITY,
        "The `Idempotency-Key` was used for another request.",
    ),
    (
        "too_many_requests",
        StatusCode::TOO_MANY_REQUESTS,
        "Too much at once; `Retry-After` says when to try again.",
    ),
    (
        "too_many_attempts",
        StatusCode::TOO_MANY_REQUESTS,
        "Too many wrong passwords; `Retry-After` says when to try again.",
    ),
    (
        "internal",
        StatusCode::INTERNAL_SERVER_ERROR,
        "The server failed; its log says why.",
    ),
    (
        "database_unavailable",
        StatusCode::SERVICE_UNAVAILABLE,
        "The database is locked, full, read-only, damaged or cannot be reached; `Retry-After` says when to try again.",
    ),
    (
        "not_ready",
        StatusCode::SERVICE_UNAVAILABLE,
        "The database does not answer.",
    ),
];

/// Whether a problem of this code has this status.
pub(crate) fn is_known(code: &str, status: StatusCode) -> bool {
    CODES
        .iter()
        .any(|(known, its, _)| *known == code && *its == status)
}

/// The status of a code.
pub(super) fn status_of(code: &str) -> StatusCode {
    CODES
        .iter()
        .find(|(known, ..)| *known == code)
        .unwrap_or_else(|| panic!("{code} is not on the list of codes"))
        .1
}
