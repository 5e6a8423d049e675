use axum::http::{HeaderMap, HeaderValue};

use super::*;

fn answer(status: u16, kind: &'static str, text: &str) -> Answer {
    let mut headers = HeaderMap::new();
    if !kind.is_empty() {
        headers.insert("content-type", HeaderValue::from_static(kind));
    }
    Answer {
        status,
        headers,
        body: serde_json::from_str(text).unwrap_or(Value::Null),
        text: text.to_owned(),
    }
}

fn health(text: &str) -> Answer {
    answer(200, "application/json", text)
}

#[test]
fn what_is_described_passes() {
    let fine = health(r#"{"status":"ok"}"#);
    contract().check("GET", "/healthz?x=1", &[], &fine);
}

#[test]
#[should_panic(expected = "Additional properties are not allowed ('more' was unexpected)")]
fn a_field_too_many_does_not() {
    let more = health(r#"{"status":"ok","more":1}"#);
    contract().check("GET", "/healthz", &[], &more);
}

#[test]
#[should_panic(expected = "\"status\" is a required property")]
fn a_field_too_few_does_not() {
    contract().check("GET", "/healthz", &[], &health("{}"));
}

#[test]
#[should_panic(expected = "a status that is not described")]
fn another_status_does_not() {
    let teapot = answer(418, "application/json", "{}");
    contract().check("GET", "/healthz", &[], &teapot);
}

#[test]
#[should_panic(expected = "a media type that is not described, text/plain")]
fn another_media_type_does_not() {
    contract().check("GET", "/healthz", &[], &answer(200, "text/plain", "ok"));
}

#[test]
#[should_panic(expected = "a body that is not described")]
fn a_body_where_there_is_none_does_not() {
    let agent = "/v1/agents/agt_01kaqy8d40e8nsb4m7vtzx0002";
    contract().check("DELETE", agent, &[], &answer(204, "application/json", "{}"));
}

#[test]
#[should_panic(expected = "is not one of")]
fn another_code_does_not() {
    let text = r#"{"type":"urn:deskhand:error:conflict","title":"Not Found","status":404,"code":"conflict","detail":"No."}"#;
    let problem = answer(404, "application/problem+json", text);
    contract().check("GET", "/v1/agents/x", &[], &problem);
}

#[test]
#[should_panic(expected = "was accepted")]
fn an_accepted_request_that_is_not_described_does_not() {
    let agent = contract().document["paths"]["/v1/agents"]["post"]["responses"]["201"]["content"]
        ["application/json"]["example"]
        .to_string();
    let body = br#"{"name":"Ada","colour":"red"}"#;
    contract().check(
        "POST",
        "/v1/agents",
        body,
        &answer(201, "application/json", &agent),
    );
}

#[test]
#[should_panic(expected = "turn.begun")]
fn an_event_of_another_name_does_not() {
    let path = "/v1/agents/agt_01kaqy8d40e8nsb4m7vtzx0002/chat";
    let text = "event: turn.begun\nid: turn_x.0\ndata: {}\n\n";
    let body = br#"{"message":"Hello","stream":true}"#;
    contract().check("POST", path, body, &answer(200, "text/event-stream", text));
}

#[test]
#[should_panic(expected = "\"text\" is a required property")]
fn an_event_with_other_data_does_not() {
    let path = "/v1/agents/agt_01kaqy8d40e8nsb4m7vtzx0002/chat";
    let text = ": still here\n\nevent: message.delta\nid: turn_x.0\ndata: {}\n\n";
    let body = br#"{"message":"Hello","stream":true}"#;
    contract().check("POST", path, body, &answer(200, "text/event-stream", text));
}

#[test]
fn a_path_in_full_goes_before_one_with_a_parameter() {
    let check = contract().operation("POST", "/v1/actions/check");
    assert_eq!(check.map(|operation| operation.id), Ok("check_action"));
    let other = contract().operation("GET", "/v1/actions/check");
    assert_eq!(other.map(|operation| operation.id), Err(true));
    let none = contract().operation("GET", "/v1/nothing");
    assert_eq!(none.map(|operation| operation.id), Err(false));
}
