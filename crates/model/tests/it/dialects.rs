//! Chat completions of servers that say more, or less, than they mean.

use std::time::Duration;

use deskhand_domain::limits::MODEL_AFTER_END;
use deskhand_domain::prompt::Answer;
use deskhand_model::{ModelError, NoDeltas};
use deskhand_testkit::ModelServer;
use deskhand_testkit::model_server::Script;
use serde_json::{Value, json};

use crate::support::{ask_of, is_retry, model, prompt};

const DONE: &str = "data: [DONE]\n\n";

fn chunk(delta: &Value, reason: &str) -> String {
    let choice = json!({"index": 0, "delta": delta, "finish_reason": reason});
    format!("data: {}\n\n", json!({"choices": [choice]}))
}

fn words(text: &str, reason: &str) -> String {
    chunk(&json!({"content": text}), reason)
}

async fn read(body: String) -> Result<Answer, ModelError> {
    let server = ModelServer::start().await;
    server.script(Script::Raw(body));
    ask_of("openai", &server).await
}

/// The answer out of these pieces, each of which comes a while after the one before.
async fn read_slowly(pieces: Vec<String>, every: Duration) -> Result<Answer, ModelError> {
    let server = ModelServer::start().await;
    server.script(Script::Pieces { pieces, every });
    let model = model(&server);
    let asking = tokio::spawn(async move { model.answer(&prompt(), &mut NoDeltas).await });
    server.arrived(1).await;
    // From here on only time goes by.
    tokio::time::pause();
    let outcome = asking.await.unwrap();
    tokio::time::resume();
    outcome
}

#[tokio::test]
async fn an_empty_reason_is_no_end() {
    let mut pieces: Vec<String> = (0..6).map(|n| words(&format!("{n} "), "")).collect();
    pieces.push(words("", "stop"));
    let answer = read_slowly(pieces.clone(), MODEL_AFTER_END).await.unwrap();
    assert_eq!(answer.text, "0 1 2 3 4 5 ");
    // Nor does it make half an answer whole.
    pieces.pop();
    let half = read(pieces.concat()).await;
    assert!(is_retry(&half), "{half:?}");
}

#[tokio::test]
async fn a_server_that_goes_on_behind_its_reason_is_heard_out() {
    let piece = |index: usize, arguments: &str| {
        let function =
            json!({"name": if arguments == "{" { "f" } else { "" }, "arguments": arguments});
        let call = json!({"index": index, "id": format!("id{index}"), "function": function});
        chunk(&json!({"tool_calls": [call]}), "tool_calls")
    };
    let pieces = vec![piece(0, "{"), piece(0, "}"), piece(1, "{"), piece(1, "}")];
    let every = MODEL_AFTER_END - Duration::from_millis(500);
    let answer = read_slowly(pieces, every).await.unwrap();
    let arguments: Vec<_> = answer.calls.iter().map(|call| &*call.arguments).collect();
    assert_eq!(arguments, ["{}", "{}"]);
}

#[tokio::test]
async fn an_empty_error_is_none() {
    for error in [json!(""), json!({}), json!(false), json!(null)] {
        let choice = json!({"delta": {"content": "Hello."}, "finish_reason": "stop"});
        let chunk = json!({"error": error, "choices": [choice]});
        let answer = read(format!("data: {chunk}\n\n{DONE}")).await.unwrap();
        assert_eq!(answer.text, "Hello.", "{error}");
    }
}

/// They are added up, in a turn, for an agent's day and for the statistics.
#[tokio::test]
async fn no_count_of_tokens_is_beyond_belief() {
    for tokens in [
        json!(u64::MAX),
        json!(i64::MAX),
        json!(-5),
        json!(1e300),
        json!("many"),
    ] {
        let usage = json!({"prompt_tokens": tokens, "completion_tokens": tokens});
        let usage = json!({"choices": [], "usage": usage});
        let body = words("Hello.", "stop") + &format!("data: {usage}\n\n{DONE}");
        let usage = read(body).await.unwrap().usage.unwrap_or_default();
        assert!(usage.input_tokens <= 1 << 31, "{tokens}: {usage:?}");
        assert!(usage.output_tokens <= 1 << 31, "{tokens}: {usage:?}");
    }
}

#[tokio::test]
async fn a_stream_without_an_end_is_given_up() {
    let long = "x".repeat(100_000);
    for endless in [
        words(&long, ""),
        words(&long, "stop"),
        chunk(&json!({"reasoning": long}), ""),
        format!(": {long}\n\n"),
    ] {
        let server = ModelServer::start().await;
        server.script(Script::Flood(endless));
        let outcome = ask_of("openai", &server).await;
        assert!(is_retry(&outcome), "{outcome:?}");
    }
}

/// It cuts answers at 2,000 tokens unless it is told otherwise; others need no bound.
#[tokio::test]
async fn fireworks_is_told_how_long_an_answer_may_be() {
    for (provider, most) in [("fireworks", json!(4_096)), ("openai", json!(null))] {
        let server = ModelServer::start().await;
        server.reply("Hello.");
        ask_of(provider, &server).await.unwrap();
        assert_eq!(server.last_request().body["max_tokens"], most, "{provider}");
    }
}
