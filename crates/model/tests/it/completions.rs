//! Chat completions as servers of many makes stream them: whole calls and slivers, with and without
//! indexes, ids and end marks, and bytes that no server should send.

use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::limits::{CALLS_PER_ANSWER, MODEL_AFTER_END};
use deskhand_domain::prompt::{Answer, Usage};
use deskhand_model::{Deltas, ModelError};
use deskhand_testkit::ModelServer;
use deskhand_testkit::model_server::Script;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::support::{ask_of, is_retry, model_at, prompt};

/// A stream of these chunks, with the end mark.
fn stream(chunks: &[Value]) -> String {
    format!("{}data: [DONE]\n\n", without_end(chunks))
}

fn without_end(chunks: &[Value]) -> String {
    chunks
        .iter()
        .map(|chunk| format!("data: {chunk}\n\n"))
        .collect()
}

fn delta(delta: Value) -> Value {
    json!({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
}

fn calls(pieces: Value) -> Value {
    delta(json!({"tool_calls": pieces}))
}

fn stop(reason: &str) -> Value {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
}

async fn read(body: String) -> Result<Answer, ModelError> {
    let server = ModelServer::start().await;
    server.script(Script::Raw(body));
    ask_of("openai", &server).await
}

/// The calls of a stream that ends as it should: names and arguments.
async fn calls_of(chunks: &[Value]) -> Vec<(String, String)> {
    let mut all = chunks.to_vec();
    all.push(stop("tool_calls"));
    let answer = read(stream(&all)).await.unwrap();
    answer
        .calls
        .into_iter()
        .map(|call| (call.name, call.arguments))
        .collect()
}

fn expected(calls: &[(&str, &str)]) -> Vec<(String, String)> {
    calls
        .iter()
        .map(|(name, arguments)| ((*name).to_owned(), (*arguments).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_huge_index_is_a_call_like_any_other() {
    for index in [json!(4_000_000_000_u32), json!(u64::MAX)] {
        let found = calls_of(&[
            calls(json!([{"index": index, "id": "a", "function": {"name": "f", "arguments": "{\"x\":"}}])),
            calls(json!([{"index": index, "function": {"arguments": "1}"}}])),
        ])
        .await;
        assert_eq!(found, expected(&[("f", r#"{"x":1}"#)]), "{index}");
    }
}

#[tokio::test]
async fn a_gap_between_indexes_makes_no_call() {
    let found = calls_of(&[
        calls(json!([{"index": 3, "id": "a", "function": {"name": "f", "arguments": "{}"}}])),
        calls(json!([{"index": 7, "id": "b", "function": {"name": "g", "arguments": "{}"}}])),
    ])
    .await;
    assert_eq!(found, expected(&[("f", "{}"), ("g", "{}")]));
}

#[tokio::test]
async fn calls_without_indexes_are_told_apart_by_their_ids() {
    let found = calls_of(&[
        calls(json!([{"id": "a", "function": {"name": "f", "arguments": "{\"x\""}}])),
        calls(json!([{"id": "b", "function": {"name": "f", "arguments": "{\"y\""}}])),
        calls(json!([{"id": "a", "function": {"arguments": ":1}"}}])),
        calls(json!([{"id": "b", "function": {"name": "", "arguments": ":2}"}}])),
    ])
    .await;
    assert_eq!(found, expected(&[("f", r#"{"x":1}"#), ("f", r#"{"y":2}"#)]));
}

#[tokio::test]
async fn pieces_without_index_and_id_go_on_with_the_last_call() {
    let found = calls_of(&[
        calls(json!([{"id": "a", "function": {"name": "f", "arguments": ""}}])),
        calls(json!([{"function": {"arguments": "{\"x\":"}}])),
        calls(json!([{"id": null, "function": {"name": null, "arguments": "1}"}}])),
        calls(json!([{"id": "b", "function": {"name": "g", "arguments": "{}"}}])),
    ])
    .await;
    assert_eq!(found, expected(&[("f", r#"{"x":1}"#), ("g", "{}")]));
}

#[tokio::test]
async fn arguments_come_whole_wherever_they_are_cut() {
    let arguments = r#"{"name":"Zoë 🙂","note":"a \"quoted\" }{ \u00e9"}"#;
    for cut in arguments.char_indices().map(|(at, _)| at) {
        let (first, second) = arguments.split_at(cut);
        let found = calls_of(&[
            calls(json!([{"index": 0, "id": "a", "function": {"name": "f", "arguments": first}}])),
            calls(json!([{"index": 0, "function": {"arguments": second}}])),
        ])
        .await;
        assert_eq!(found, expected(&[("f", arguments)]), "cut at {cut}");
    }
}

#[tokio::test]
async fn calls_may_be_written_side_by_side() {
    let piece =
        |index: u32, text: &str| calls(json!([{"index": index, "function": {"arguments": text}}]));
    let found = calls_of(&[
        calls(json!([
            {"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}},
            {"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": ""}}
        ])),
        piece(1, "{\"y\":"),
        piece(0, "{\"x\":"),
        piece(1, "2}"),
        piece(0, "1}"),
    ])
    .await;
    assert_eq!(found, expected(&[("f", r#"{"x":1}"#), ("g", r#"{"y":2}"#)]));
}

#[tokio::test]
async fn whole_calls_come_in_one_chunk() {
    let whole = |id: &str, name: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": "{\"x\":1}"}});
    let with = |mut call: Value, index: u32| {
        call["index"] = json!(index);
        call
    };
    let two = expected(&[("f", r#"{"x":1}"#), ("g", r#"{"x":1}"#)]);
    // Ollama and Mistral: all in one chunk, together with the end.
    let body = json!({"choices": [{"index": 0, "finish_reason": "tool_calls", "delta": {
        "role": "assistant", "content": "",
        "tool_calls": [with(whole("call_1", "f"), 0), with(whole("call_2", "g"), 1)]}}]});
    let answer = read(stream(&[body])).await.unwrap();
    assert_eq!(answer.calls.len(), 2);
    // A chunk each.
    let found = calls_of(&[
        calls(json!([with(whole("a", "f"), 0)])),
        calls(json!([with(whole("b", "g"), 1)])),
    ])
    .await;
    assert_eq!(found, two);
    // Gemini's compatible endpoint has numbered every call 0, once with ids and once without.
    for (first, second) in [("a", "b"), ("", "")] {
        let found = calls_of(&[
            calls(json!([with(whole(first, "f"), 0)])),
            calls(json!([with(whole(second, "g"), 0)])),
        ])
        .await;
        assert_eq!(found, two);
    }
    // Without any index, and arguments as an object.
    let found = calls_of(&[calls(json!([
        {"id": "a", "function": {"name": "f", "arguments": {"x": 1}}},
        {"id": "", "function": {"name": "g", "arguments": {"x": 1}}}
    ]))])
    .await;
    assert_eq!(found, two);
}

#[tokio::test]
async fn what_is_repeated_on_every_chunk_is_one_call() {
    // vLLM has sent the id, and a new one, with every piece; others the name, or an empty one.
    let pieces = ["{\"x\"", ":", "1}", ""];
    for (ids, names) in [
        (["a", "a", "a", "a"], ["f", "", "", ""]),
        (["a", "", "", ""], ["f", "", "", ""]),
        (["a", "b", "c", "d"], ["f", "", "", ""]),
        (["a", "a", "a", "a"], ["f", "f", "f", "f"]),
    ] {
        for index in [json!(0), Value::Null] {
            let chunks: Vec<Value> = (0..pieces.len())
                .map(|at| {
                    calls(json!([{"index": index, "id": ids[at],
                    "function": {"name": names[at], "arguments": pieces[at]}}]))
                })
                .collect();
            let found = calls_of(&chunks).await;
            assert_eq!(
                found,
                expected(&[("f", r#"{"x":1}"#)]),
                "{ids:?} {names:?} {index}"
            );
        }
    }
}

#[tokio::test]
async fn an_answer_with_a_reason_to_end_needs_no_end_mark() {
    let words = delta(json!({"content": "Hello."}));
    let answer = read(without_end(&[words.clone(), stop("stop")]))
        .await
        .unwrap();
    assert_eq!(answer.text, "Hello.");
    let usage = json!({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}});
    let answer = read(without_end(&[words.clone(), stop("stop"), usage]))
        .await
        .unwrap();
    assert_eq!(
        answer.usage,
        Some(Usage {
            input_tokens: 7,
            output_tokens: 2
        })
    );
    // The last event without a blank line behind it.
    let body = without_end(&[words.clone(), stop("stop")]);
    let answer = read(body.trim_end().to_owned()).await.unwrap();
    assert_eq!(answer.text, "Hello.");
    // Neither reason nor mark: it was cut off.
    assert!(is_retry(&read(without_end(&[words])).await));
}

/// Says when the first word has come.
struct Heard(Arc<Notify>);

impl Deltas for Heard {
    fn text(&mut self, _piece: &str) {
        self.0.notify_one();
    }
    fn reset(&mut self) {}
}

#[tokio::test]
async fn a_server_that_keeps_a_finished_stream_open_is_not_waited_for() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/v1/", listener.local_addr().unwrap());
    let model = model_at(&url, "openai::scripted", None);
    let heard = Arc::new(Notify::new());
    let mut listening = Heard(Arc::clone(&heard));
    let asking = tokio::spawn(async move { model.answer(&prompt(), &mut listening).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut last = delta(json!({"content": "Hello."}));
    last["choices"][0]["finish_reason"] = json!("stop");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let all = format!("{head}{}", without_end(&[last]));
    stream.write_all(all.as_bytes()).await.unwrap();
    heard.notified().await;
    // From here on nothing happens but that time goes by.
    tokio::time::pause();
    let start = Instant::now();
    let answer = asking.await.unwrap().unwrap();
    assert_eq!(answer.text, "Hello.");
    assert!(start.elapsed() <= MODEL_AFTER_END + Duration::from_millis(100));
    drop(stream);
}

#[tokio::test]
async fn no_error_is_none() {
    let mut words = delta(json!({"content": "Hello.", "tool_calls": null}));
    words["error"] = Value::Null;
    words["usage"] = Value::Null;
    let answer = read(stream(&[words, stop("stop")])).await.unwrap();
    assert_eq!(answer.text, "Hello.");
}

#[tokio::test]
async fn an_error_in_the_stream_is_another_try_in_the_providers_words() {
    for error in [
        json!({"error": {"message": "Overloaded", "code": 503}}),
        json!({"error": "Overloaded"}),
        json!({"error": {"message": "Overloaded"}, "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]}),
    ] {
        let outcome = read(stream(&[delta(json!({"content": "Hel"})), error])).await;
        assert_eq!(
            outcome,
            Err(ModelError::retry("error in the stream: Overloaded"))
        );
    }
    let outcome = read("event: error\ndata: {\"message\": \"Overloaded\"}\n\n".to_owned()).await;
    assert_eq!(
        outcome,
        Err(ModelError::retry("error in the stream: Overloaded"))
    );
}

#[tokio::test]
async fn more_calls_than_are_read_mix_into_none_of_them() {
    let mut chunks = Vec::new();
    for index in 0..CALLS_PER_ANSWER + 4 {
        chunks.push(calls(json!([{"index": index, "id": format!("c{index}"), "function": {"name": "f", "arguments": "{\"x\":"}}])));
        chunks.push(calls(json!([{"function": {"arguments": "1"}}])));
        chunks.push(calls(
            json!([{"index": index, "function": {"arguments": "}"}}]),
        ));
    }
    let found = calls_of(&chunks).await;
    assert_eq!(
        found,
        vec![("f".to_owned(), r#"{"x":1}"#.to_owned()); CALLS_PER_ANSWER]
    );
}

#[tokio::test]
async fn nonsense_is_another_try_or_nothing_at_all() {
    for chunk in [
        json!([]),
        json!("words"),
        json!(7),
        calls(json!([{"index": 0, "function": {"arguments": "{}"}}])),
    ] {
        assert!(
            is_retry(&read(stream(&[chunk.clone(), stop("stop")])).await),
            "{chunk}"
        );
    }
    for chunk in [
        json!({}),
        json!({"choices": {}}),
        json!({"choices": [7]}),
        json!({"choices": [{"delta": []}]}),
        calls(json!([7, null, {}, {"function": 7}, {"index": -1, "function": {}}])),
        calls(json!("none")),
        json!({"choices": [], "usage": {"prompt_tokens": -1, "completion_tokens": "many"}}),
        json!({"choices": [], "usage": [u64::MAX]}),
    ] {
        let words = delta(json!({"content": "Hello."}));
        let answer = read(stream(&[words, chunk.clone(), stop("stop")])).await;
        assert_eq!(
            answer.map(|answer| (answer.text, answer.calls.len())),
            Ok(("Hello.".to_owned(), 0)),
            "{chunk}"
        );
    }
    assert!(is_retry(&read("data: {\"choices\"\n\n".to_owned()).await));
    let deep = format!("data: {}\n\n", "[".repeat(100_000));
    assert!(is_retry(&read(deep).await));
}

#[tokio::test]
async fn typed_pieces_of_content_are_read_and_thoughts_are_not() {
    let answer = read(stream(&[
        delta(json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]})),
        delta(json!({"reasoning_content": "Hm.", "content": null})),
        delta(json!({"content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo."}]})),
        stop("stop"),
    ]))
    .await
    .unwrap();
    assert_eq!(answer.text, "Hello.");
}
