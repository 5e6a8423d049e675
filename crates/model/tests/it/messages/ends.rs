//! Ends and errors, the count of tokens, and how long is waited for each.

use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::limits::MODEL_FIRST_TOKEN;
use deskhand_domain::prompt::{Answer, Usage};
use deskhand_model::{Deltas, ModelError, NoDeltas};
use deskhand_testkit::ModelServer;
use deskhand_testkit::model_server::Script;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::{begin, piece, ping, read, reason, start, stop, words};
use crate::support::{ask_of, events, is_retry, model_at, model_of, prompt};

/// A gateway that does not stream, whatever it was asked.
#[tokio::test]
async fn an_answer_in_one_piece_is_another_try() {
    let whole = json!({"type": "message", "role": "assistant", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": "Hello."}]});
    let cut = Err(ModelError::retry("the answer was cut off"));
    assert_eq!(read(whole.to_string()).await, cut);
}

#[tokio::test]
async fn an_answer_without_its_end_is_another_try() {
    let cut = Err(ModelError::retry("the answer was cut off"));
    let whole = [start(), words("Hello."), reason("end_turn"), stop()];
    for kept in 0..whole.len() {
        assert_eq!(read(events(&whole[..kept])).await, cut, "{kept}");
    }
    assert_eq!(read(events(&whole)).await.unwrap().text, "Hello.");
    // Nothing is missing but the reason, or the blank line behind the last event.
    let bare = events(&[words("Hello."), stop()]);
    assert_eq!(read(bare.clone()).await.unwrap().text, "Hello.");
    let answer = read(bare.trim_end().to_owned()).await;
    assert_eq!(answer.unwrap().text, "Hello.");
}

#[tokio::test]
async fn events_need_no_name() {
    let all = [start(), words("Hello."), reason("end_turn"), stop()];
    let body: String = all.iter().map(|data| format!("data: {data}\n\n")).collect();
    assert_eq!(read(body).await.unwrap().text, "Hello.");
}

#[tokio::test]
async fn each_error_in_the_stream_has_its_consequence() {
    let told = |kind: &str| json!({"type": "error", "error": {"type": kind, "message": "So it is"}, "request_id": "req_1"});
    for kind in [
        "overloaded_error",
        "api_error",
        "rate_limit_error",
        "timeout_error",
        "hologram_error",
    ] {
        let outcome = read(events(&[start(), words("Hel"), told(kind), stop()])).await;
        let expected = ModelError::retry("error in the stream: So it is");
        assert_eq!(outcome, Err(expected), "{kind}");
    }
    for kind in [
        "billing_error",
        "invalid_request_error",
        "not_found_error",
        "request_too_large",
    ] {
        let outcome = read(events(&[start(), words("Hel"), told(kind)])).await;
        let expected = ModelError::give_up("error in the stream: So it is");
        assert_eq!(outcome, Err(expected), "{kind}");
    }
    for kind in ["authentication_error", "permission_error"] {
        let outcome = read(events(&[told(kind)])).await;
        let expected = "error in the stream (check DESKHAND_MODEL_API_KEY)";
        assert_eq!(outcome, Err(ModelError::give_up(expected)), "{kind}");
    }
}

#[tokio::test]
async fn an_error_may_be_told_in_other_ways_too() {
    for body in [
        "event: error\ndata: {\"message\": \"Overloaded\"}\n\n",
        "data: {\"error\": {\"message\": \"Overloaded\", \"code\": 503}}\n\n",
        "data: {\"error\": \"Overloaded\"}\n\n",
    ] {
        let outcome = read(events(&[words("Hel")]) + body).await;
        let expected = ModelError::retry("error in the stream: Overloaded");
        assert_eq!(outcome, Err(expected), "{body}");
    }
    let outcome = read("event: error\ndata: <html>\n\n".to_owned()).await;
    assert_eq!(outcome, Err(ModelError::retry("error in the stream")));
    let quote = json!({"type": "error", "error": {"type": "invalid_request_error",
        "message": "messages.0: It's ORD-12345"}});
    let outcome = read(events(&[quote])).await.unwrap_err();
    assert!(!outcome.detail().contains("ORD-12345"), "{outcome:?}");
}

#[tokio::test]
async fn the_input_is_counted_with_what_a_cache_holds() {
    let usage_of = async |first: Value, last: Value| {
        let all = [
            json!({"type": "message_start", "message": {"usage": first}}),
            words("Hello."),
            json!({"type": "message_delta", "delta": {}, "usage": {"output_tokens": 3}}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": last}),
            stop(),
        ];
        let usage = read(events(&all)).await.unwrap().usage.unwrap();
        (usage.input_tokens, usage.output_tokens)
    };
    let first = json!({"input_tokens": 5, "cache_creation_input_tokens": 20,
        "cache_read_input_tokens": 100, "output_tokens": 1});
    assert_eq!(
        usage_of(first.clone(), json!({"output_tokens": 9})).await,
        (125, 9)
    );
    // Told again, with 0 for what is not known any more, or told late.
    let zeros = json!({"input_tokens": 0, "cache_read_input_tokens": null, "output_tokens": 9});
    assert_eq!(usage_of(first.clone(), zeros.clone()).await, (125, 9));
    assert_eq!(usage_of(zeros, first).await, (125, 9));
}

#[tokio::test]
async fn no_count_of_tokens_is_beyond_belief() {
    for tokens in [
        json!(u64::MAX),
        json!(i64::MAX),
        json!(-5),
        json!(1e300),
        json!("many"),
    ] {
        let usage = json!({"input_tokens": tokens, "cache_creation_input_tokens": tokens,
            "cache_read_input_tokens": tokens, "output_tokens": tokens});
        let first = json!({"type": "message_start", "message": {"usage": usage}});
        let last = json!({"type": "message_delta", "usage": usage});
        let answer = read(events(&[first, words("Hello."), last, stop()])).await;
        let usage = answer.unwrap().usage.unwrap_or_default();
        assert!(usage.input_tokens <= 1 << 31, "{tokens}: {usage:?}");
        assert!(usage.output_tokens <= 1 << 31, "{tokens}: {usage:?}");
    }
    let answer = read(events(&[words("Hello."), stop()])).await.unwrap();
    assert_eq!(answer.usage, None::<Usage>);
}

/// The answer out of these events, each of which comes a while after the one before, and how long it took.
async fn read_slowly(all: &[Value], every: Duration) -> (Result<Answer, ModelError>, Duration) {
    let server = ModelServer::start().await;
    let pieces = all
        .iter()
        .map(|event| events(std::slice::from_ref(event)))
        .collect();
    server.script(Script::Pieces { pieces, every });
    let model = model_of("anthropic", &server);
    let asking = tokio::spawn(async move { model.answer(&prompt(), &mut NoDeltas).await });
    server.arrived(1).await;
    // From here on only time goes by.
    tokio::time::pause();
    let begun = Instant::now();
    let outcome = asking.await.unwrap();
    let took = begun.elapsed();
    tokio::time::resume();
    (outcome, took)
}

#[tokio::test]
async fn a_ping_keeps_an_answer_alive_that_has_begun_and_no_other() {
    let every = Duration::from_secs(20);
    let slow = [
        words("Hello"),
        ping(),
        ping(),
        words("."),
        reason("end_turn"),
        stop(),
    ];
    // Thirty seconds for the first word are over with the second piece.
    let (outcome, _) = read_slowly(&slow, Duration::from_secs(19)).await;
    assert_eq!(outcome.unwrap().text, "Hello.");
    let begun = json!({"type": "content_block_start", "index": 0,
        "content_block": {"type": "text", "text": ""}});
    let (outcome, took) = read_slowly(&[start(), begun, words("Hello."), stop()], every).await;
    assert!(is_retry(&outcome), "{outcome:?}");
    assert!(
        took <= MODEL_FIRST_TOKEN + Duration::from_secs(2),
        "{took:?}"
    );
}

#[tokio::test]
async fn a_thought_or_a_call_is_a_first_word() {
    let every = Duration::from_secs(20);
    let thought =
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking"}});
    for first in [thought, begin(&json!(0), "f")] {
        let (outcome, _) = read_slowly(&[first, words("Hello."), stop()], every).await;
        assert_eq!(outcome.unwrap().text, "Hello.");
    }
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
    let model = model_at(&url, "anthropic::scripted", None);
    let heard = Arc::new(Notify::new());
    let mut listening = Heard(Arc::clone(&heard));
    let asking = tokio::spawn(async move { model.answer(&prompt(), &mut listening).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let all =
        head.to_owned() + &events(&[words("Hello."), reason("end_turn"), stop(), words("no")]);
    stream.write_all(all.as_bytes()).await.unwrap();
    heard.notified().await;
    // From here on nothing happens but that time goes by.
    tokio::time::pause();
    let begun = Instant::now();
    assert_eq!(asking.await.unwrap().unwrap().text, "Hello.");
    assert!(begun.elapsed() <= Duration::from_millis(100));
    drop(stream);
}

#[tokio::test]
async fn a_stream_without_an_end_is_given_up() {
    let long = "x".repeat(100_000);
    let thinking = json!({"type": "content_block_delta", "index": 0,
        "delta": {"type": "thinking_delta", "thinking": long}});
    let mut padded = ping();
    padded["padding"] = json!(long);
    for endless in [words(&long), thinking, padded, reason(&long)] {
        let server = ModelServer::start().await;
        server.script(Script::Flood(events(&[endless])));
        let outcome = ask_of("anthropic", &server).await;
        let expected = ModelError::retry("the stream is longer than any answer");
        assert_eq!(outcome, Err(expected));
    }
    let server = ModelServer::start().await;
    let index = json!(0);
    server.script(Script::Pieces {
        pieces: vec![
            events(&[begin(&index, "f")]),
            events(&[piece(&index, &"x".repeat(60_000))]),
            events(&[piece(&index, &"x".repeat(6_000)), stop()]),
        ],
        every: Duration::ZERO,
    });
    let outcome = ask_of("anthropic", &server).await.unwrap_err();
    assert!(outcome.detail().contains("arguments"), "{outcome:?}");
}
