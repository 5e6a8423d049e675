//! Blocks one after another and side by side, and what no server should send.

use deskhand_domain::limits::CALLS_PER_ANSWER;
use deskhand_domain::prompt::ToolCall;
use deskhand_model::ModelError;
use serde_json::{Value, json};

use super::{begin, begin_with, piece, ping, read, read_within, stop, words};
use crate::support::{events, is_retry};

/// Names and arguments.
async fn calls_of(within: &[Value]) -> Vec<(String, String)> {
    let answer = read_within(within).await.unwrap();
    let parts = |call: ToolCall| (call.name, call.arguments);
    answer.calls.into_iter().map(parts).collect()
}

fn expected(calls: &[(&str, &str)]) -> Vec<(String, String)> {
    calls
        .iter()
        .map(|(name, arguments)| ((*name).to_owned(), (*arguments).to_owned()))
        .collect()
}

#[tokio::test]
async fn calls_may_be_written_side_by_side() {
    let (one, two) = (json!(1), json!(2));
    let found = calls_of(&[
        words("Let me look."),
        begin(&one, "f"),
        begin(&two, "g"),
        piece(&two, "{\"y\":"),
        piece(&one, "{\"x\":"),
        ping(),
        json!({"type": "content_block_stop", "index": 0}),
        piece(&two, "2}"),
        piece(&one, "1}"),
    ])
    .await;
    assert_eq!(found, expected(&[("f", r#"{"x":1}"#), ("g", r#"{"y":2}"#)]));
}

#[tokio::test]
async fn any_number_will_do_and_so_does_none() {
    for index in [
        json!(0),
        json!(4_000_000_000_u32),
        json!(u64::MAX),
        json!(1e300),
        json!(-1),
        json!("one"),
        Value::Null,
    ] {
        // Each block has the same one.
        let found = calls_of(&[
            begin(&index, "f"),
            piece(&index, "{\"x\":"),
            piece(&index, "1}"),
            begin(&index, "g"),
            piece(&index, "{}"),
        ])
        .await;
        assert_eq!(found, expected(&[("f", r#"{"x":1}"#), ("g", "{}")]));
    }
    // Numbered in its pieces only, or in its beginning only.
    for (first, second) in [(Value::Null, json!(3)), (json!(3), Value::Null)] {
        let found = calls_of(&[begin(&first, "f"), piece(&second, "[1]")]).await;
        assert_eq!(found, expected(&[("f", "[1]")]));
    }
}

#[tokio::test]
async fn pieces_of_a_block_that_is_no_call_go_into_none() {
    let (known, other) = (json!(1), json!(2));
    let search = json!({"type": "content_block_start", "index": 2, "content_block":
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}});
    let found = calls_of(&[
        piece(&known, "{\"too\": \"early\"}"),
        begin(&known, "f"),
        piece(&json!(9), "nowhere"),
        search,
        piece(&other, "{\"query\":"),
        piece(&known, "{\"x\":1}"),
        piece(&Value::Null, "\"weather\"}"),
    ])
    .await;
    assert_eq!(found, expected(&[("f", r#"{"x":1}"#)]));
}

#[tokio::test]
async fn a_call_without_pieces_has_what_it_began_with() {
    let one = json!(1);
    let whole = json!({"x": 1});
    for (within, arguments) in [
        (vec![begin(&one, "f")], "{}"),
        (vec![begin(&one, "f"), piece(&one, "")], "{}"),
        (
            vec![begin_with(&one, "f", whole.clone()), piece(&one, "")],
            r#"{"x":1}"#,
        ),
        (
            vec![begin_with(&one, "f", whole), piece(&one, "{\"y\":2}")],
            r#"{"y":2}"#,
        ),
        (vec![begin_with(&one, "f", json!("odd"))], "{}"),
        (vec![begin_with(&one, "f", Value::Null)], "{}"),
    ] {
        assert_eq!(calls_of(&within).await, expected(&[("f", arguments)]));
    }
}

#[tokio::test]
async fn arguments_come_whole_wherever_they_are_cut() {
    let arguments = r#"{"name":"Zoë 🙂","note":"a \"quoted\" }{ \u00e9"}"#;
    for cut in arguments.char_indices().map(|(at, _)| at) {
        let (first, second) = arguments.split_at(cut);
        let index = json!(0);
        let found = calls_of(&[
            begin(&index, "f"),
            piece(&index, first),
            piece(&index, second),
        ])
        .await;
        assert_eq!(found, expected(&[("f", arguments)]), "cut at {cut}");
    }
}

#[tokio::test]
async fn more_calls_than_are_read_mix_into_none_of_them() {
    for same in [true, false] {
        let mut within = Vec::new();
        for number in 0..CALLS_PER_ANSWER + 4 {
            let index = json!(if same { 0 } else { number });
            within.push(begin(&index, "f"));
            within.push(piece(&index, "{\"x\":"));
            within.push(piece(&Value::Null, "1"));
            within.push(piece(&index, "}"));
        }
        let all = vec![("f".to_owned(), r#"{"x":1}"#.to_owned()); CALLS_PER_ANSWER];
        assert_eq!(calls_of(&within).await, all);
    }
}

#[tokio::test]
async fn a_call_without_a_name_is_none_or_another_try() {
    let index = json!(0);
    let answer = read_within(&[words("Hello."), begin(&index, "")]).await;
    assert_eq!(answer.unwrap().calls, []);
    let outcome = read_within(&[begin(&index, ""), piece(&index, "{}")]).await;
    assert_eq!(
        outcome,
        Err(ModelError::retry("a call came without a name"))
    );
}

#[tokio::test]
async fn thoughts_and_what_nobody_knows_are_passed_over() {
    let start_of =
        |block: Value| json!({"type": "content_block_start", "index": 0, "content_block": block});
    let delta = |delta: Value| json!({"type": "content_block_delta", "index": 0, "delta": delta});
    let answer = read_within(&[
        ping(),
        start_of(json!({"type": "thinking", "thinking": "", "signature": ""})),
        delta(json!({"type": "thinking_delta", "thinking": "Hm."})),
        delta(json!({"type": "signature_delta", "signature": "c2ln"})),
        json!({"type": "content_block_stop", "index": 0}),
        start_of(json!({"type": "redacted_thinking", "data": "ZGF0YQ=="})),
        start_of(json!({"type": "text", "text": "Hel"})),
        delta(json!({"type": "text_delta", "text": "lo"})),
        delta(json!({"type": "citations_delta", "citation": {"cited_text": "no"}})),
        delta(json!({"type": "hologram_delta", "text": "no"})),
        start_of(json!({"type": "hologram", "text": "no"})),
        json!({"type": "vibration", "delta": {"type": "text_delta", "text": "no"}}),
        json!({"type": "content_block_stop", "index": 77}),
        words("."),
    ])
    .await
    .unwrap();
    assert_eq!((answer.text.as_str(), answer.calls.len()), ("Hello.", 0));
}

#[tokio::test]
async fn nonsense_is_another_try_or_nothing_at_all() {
    for odd in [json!([]), json!(["message_stop"]), json!("words"), json!(7)] {
        let outcome = read_within(&[words("Hello."), odd.clone()]).await;
        assert!(is_retry(&outcome), "{odd}: {outcome:?}");
    }
    for odd in [
        json!({}),
        json!({"type": 7}),
        json!({"type": null, "error": null}),
        json!({"type": "message_start"}),
        json!({"type": "message_start", "message": [1]}),
        json!({"type": "content_block_start"}),
        json!({"type": "content_block_start", "content_block": [{"type": "tool_use"}]}),
        json!({"type": "content_block_delta", "index": 0, "delta": "words"}),
        json!({"type": "content_block_delta", "index": {}, "delta": {"type": ["text_delta"], "text": "no"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": 7}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta"}}),
        json!({"type": "message_delta", "delta": {"stop_reason": true}, "usage": [u64::MAX]}),
        json!({"type": "message_delta"}),
    ] {
        let answer = read_within(&[words("Hello."), odd.clone()]).await;
        let found = answer.map(|answer| (answer.text, answer.calls.len()));
        assert_eq!(found, Ok(("Hello.".to_owned(), 0)), "{odd}");
    }
    for body in [
        "data: {\"type\"\n\n".to_owned(),
        format!("data: {}\n\n", "[".repeat(100_000)),
        format!("data: {{\"type\": {}\n\n", "[".repeat(100_000)),
        "data: {\"type\": \"ping\", \"type\": \"ping\"}\n\n".to_owned(),
    ] {
        let outcome = read(body + &events(&[words("Hello."), stop()])).await;
        assert!(is_retry(&outcome), "{outcome:?}");
    }
}
