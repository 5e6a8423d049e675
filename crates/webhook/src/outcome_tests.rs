use serde_json::json;

use super::*;
use crate::policy::Rule;

fn answer(status: u16, body: &str) -> Happened {
    Happened::Answered(Answer {
        status,
        content_encoding: None,
        body: body.as_bytes().to_vec(),
    })
}

/// `status code retry`, the whole verdict in a word each.
fn read(happened: &Happened, nature: Nature) -> String {
    let verdict = judge(happened, nature);
    let code = verdict
        .outcome
        .failure
        .as_ref()
        .map_or("-", |failure| failure.code.as_str());
    let retry = if verdict.may_retry { "retry" } else { "final" };
    format!("{} {code} {retry}", verdict.outcome.status)
}

/// Every way an attempt can end, for a write, an idempotent write and a read.
#[test]
fn the_whole_outcome_table() {
    let table: &[(Happened, [&str; 3])] = &[
        (
            Happened::Refused(Rule::AddressNotPublic.into()),
            ["failed blocked_destination final"; 3],
        ),
        (
            Happened::NoName(ResolveError::NoSuchName),
            ["failed dns_error retry"; 3],
        ),
        (
            Happened::NoConnection("x"),
            ["failed connect_error retry"; 3],
        ),
        (Happened::NoTls("x"), ["failed tls_error retry"; 3]),
        (
            Happened::NotLet("x".into()),
            ["failed interrupted final"; 3],
        ),
        (Happened::TimedOutUnsent, ["failed timeout final"; 3]),
        (
            Happened::TimedOut,
            [
                "unknown timeout final",
                "unknown timeout final",
                "failed timeout final",
            ],
        ),
        (
            Happened::Lost,
            [
                "unknown connection_lost final",
                "unknown connection_lost retry",
                "failed connection_lost retry",
            ],
        ),
        (
            Happened::Unreadable,
            [
                "unknown invalid_response final",
                "unknown invalid_response final",
                "failed invalid_response final",
            ],
        ),
        (
            Happened::TooLarge(None),
            [
                "unknown response_too_large final",
                "unknown response_too_large final",
                "failed response_too_large final",
            ],
        ),
        (
            Happened::TooLarge(Some(200)),
            [
                "unknown response_too_large final",
                "unknown response_too_large final",
                "failed response_too_large final",
            ],
        ),
        (
            Happened::TooLarge(Some(500)),
            ["failed http_error final"; 3],
        ),
        (
            Happened::TooLarge(Some(503)),
            [
                "failed http_error final",
                "failed http_error retry",
                "failed http_error retry",
            ],
        ),
        (
            answer(101, ""),
            [
                "unknown invalid_response final",
                "unknown invalid_response final",
                "failed invalid_response final",
            ],
        ),
        (
            answer(200, r#"{"success":true,"result":{"a":1}}"#),
            ["succeeded - final"; 3],
        ),
        (
            answer(200, r#"{"success":false,"error":"no"}"#),
            ["declined - final"; 3],
        ),
        (answer(200, r#"{"a":1}"#), ["succeeded - final"; 3]),
        (answer(202, ""), ["succeeded - final"; 3]),
        (answer(204, ""), ["succeeded - final"; 3]),
        (
            answer(200, ""),
            [
                "unknown invalid_response final",
                "unknown invalid_response final",
                "failed invalid_response final",
            ],
        ),
        (
            answer(200, "<html>"),
            [
                "unknown invalid_response final",
                "unknown invalid_response final",
                "failed invalid_response final",
            ],
        ),
        (answer(301, ""), ["failed redirect_refused final"; 3]),
        (answer(307, ""), ["failed redirect_refused final"; 3]),
        (answer(400, ""), ["failed http_error final"; 3]),
        (answer(401, ""), ["failed http_error final"; 3]),
        (
            answer(429, ""),
            [
                "failed http_error final",
                "failed http_error retry",
                "failed http_error retry",
            ],
        ),
        (answer(500, ""), ["failed http_error final"; 3]),
        (
            answer(502, ""),
            [
                "failed http_error final",
                "failed http_error retry",
                "failed http_error retry",
            ],
        ),
        (
            answer(503, ""),
            [
                "failed http_error final",
                "failed http_error retry",
                "failed http_error retry",
            ],
        ),
        (
            answer(504, ""),
            [
                "failed http_error final",
                "failed http_error retry",
                "failed http_error retry",
            ],
        ),
    ];
    for (happened, expected) in table {
        let found = [Nature::Write, Nature::IdempotentWrite, Nature::Read]
            .map(|nature| read(happened, nature));
        assert_eq!(found, *expected, "{happened:?}");
    }
}

fn body(text: &str) -> Outcome {
    interpret(200, None, text.as_bytes(), Nature::Write)
}

#[test]
fn the_result_is_what_stands_under_result() {
    assert_eq!(
        body(r#"{"success":true,"result":[1,2]}"#).result,
        Some(json!([1, 2]))
    );
    assert_eq!(body(r#"{"success":true,"result":null}"#).result, None);
    assert_eq!(body(r#"{"success":true}"#).result, None);
    assert_eq!(
        body("\u{feff}{\"success\":true,\"result\":1}").result,
        Some(json!(1))
    );
}

#[test]
fn without_success_the_whole_object_is_the_result_and_a_warning_says_so() {
    let outcome = body(r#"{"status":"shipped"}"#);
    assert_eq!(outcome.result, Some(json!({"status": "shipped"})));
    assert_eq!(outcome.warnings, [NO_SUCCESS_FIELD]);
    assert_eq!(body("{}").result, Some(json!({})));
}

#[test]
fn the_endpoints_own_words_are_kept_up_to_500_characters() {
    assert_eq!(
        body(r#"{"success":false,"error":" Not found "}"#)
            .error
            .unwrap(),
        "Not found"
    );
    assert_eq!(
        body(r#"{"success":false,"error":{"a":1}}"#).error.unwrap(),
        r#"{"a":1}"#
    );
    for missing in [
        r#"{"success":false}"#,
        r#"{"success":false,"error":null}"#,
        r#"{"success":false,"error":"  "}"#,
    ] {
        assert_eq!(body(missing).error.unwrap(), NO_REASON_GIVEN);
    }
    let long = json!({"success": false, "error": "é".repeat(600)}).to_string();
    assert_eq!(body(&long).error.unwrap(), "é".repeat(500));
}

#[test]
fn what_is_not_a_json_object_as_agreed_is_an_invalid_response() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_object = format!("{{\"success\":true,\"result\":{deep}}}");
    for text in [
        "",
        " ",
        "null",
        "[]",
        "true",
        "\"success\"",
        "{\"success\":1}",
        "{\"success\":\"true\"}",
        "{\"success\":null}",
        "{\"success\":true",
        "{\"success\":true} trailing",
        "{\"a\":1e999}",
        &deep,
        &deep_object,
    ] {
        let failure = body(text).failure.unwrap();
        assert_eq!(failure.code, FailureCode::InvalidResponse, "{text:.40}");
        assert_eq!(failure.http_status, Some(200));
    }
    let invalid_utf8 = interpret(
        200,
        None,
        b"{\"success\":true,\"result\":\"\xff\"}",
        Nature::Read,
    );
    assert_eq!(
        invalid_utf8.failure.unwrap().code,
        FailureCode::InvalidResponse
    );
}

#[test]
fn the_last_of_duplicate_keys_counts() {
    assert_eq!(
        body(r#"{"success":true,"success":false,"error":"a","error":"b"}"#)
            .error
            .unwrap(),
        "b"
    );
}

#[test]
fn a_compressed_response_is_not_unpacked() {
    let good = br#"{"success":true}"#;
    for encoding in ["gzip", "br", "deflate, gzip", "x"] {
        let failure = interpret(200, Some(encoding), good, Nature::Write)
            .failure
            .unwrap();
        assert_eq!(failure.code, FailureCode::InvalidResponse);
    }
    assert_eq!(
        interpret(200, Some("identity"), good, Nature::Write).failure,
        None
    );
}

#[test]
fn a_later_failure_does_not_make_an_uncertain_write_certain() {
    let lost = judge(&Happened::Lost, Nature::IdempotentWrite)
        .outcome
        .failure
        .unwrap();
    let refused = judge(&Happened::NoConnection("x"), Nature::IdempotentWrite).outcome;
    let whole = after_uncertain(refused.clone(), &lost, Nature::IdempotentWrite);
    assert_eq!(whole.status, InvocationStatus::Unknown);
    assert_eq!(whole.failure.unwrap().code, FailureCode::ConnectionLost);
    assert_eq!(
        after_uncertain(refused, &lost, Nature::Read).status,
        InvocationStatus::Failed
    );
    let done = body(r#"{"success":true}"#);
    assert_eq!(
        after_uncertain(done.clone(), &lost, Nature::IdempotentWrite),
        done
    );
}

#[test]
fn of_long_running_work_a_beginning_is_no_end() {
    let table = [
        (202, "", "accepted"),
        (202, "Queued", "accepted"),
        (202, r#"{"success":true,"result":{"id":1}}"#, "accepted"),
        (202, r#"{"success":false,"error":"No"}"#, "declined"),
        (200, r#"{"success":true,"status":"pending"}"#, "accepted"),
        (200, r#"{"status":"pending"}"#, "accepted"),
        (
            200,
            r#"{"success":true,"result":{"status":"pending"}}"#,
            "succeeded",
        ),
        (200, "pending", "unknown"),
        (204, "", "succeeded"),
        (500, r#"{"status":"pending"}"#, "failed"),
    ];
    for (status, body, expected) in table {
        let outcome = interpret(status, None, body.as_bytes(), Nature::Write);
        let outcome = accepted(status, body.as_bytes(), outcome);
        assert_eq!(outcome.status.as_str(), expected, "{status} {body}");
        let failed = matches!(expected, "failed" | "unknown");
        assert_eq!(outcome.failure.is_some(), failed, "{status} {body}");
    }
}
