//! Answers that a provider stopped before their end, as each format says so.

use deskhand_model::ModelError;
use deskhand_testkit::ModelServer;
use deskhand_testkit::model_server::Script;
use serde_json::{Value, json};

use crate::support::{ask_of, events, is_retry};

/// Half a sentence, and a call of which no argument has come.
fn openai(reason: &str) -> String {
    let call = json!({"index": 0, "id": "call_1", "type": "function",
        "function": {"name": "check_order_status", "arguments": ""}});
    let chunk = |delta: Value, reason: Value| {
        let chunk = json!({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
        format!("data: {chunk}\n\n")
    };
    [
        chunk(
            json!({"role": "assistant", "content": "Your order has"}),
            Value::Null,
        ),
        chunk(json!({"tool_calls": [call]}), Value::Null),
        chunk(json!({}), json!(reason)),
        "data: [DONE]\n\n".to_owned(),
    ]
    .concat()
}

fn anthropic(reason: &str) -> String {
    let all = [
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
            "model": "scripted", "content": [], "usage": {"input_tokens": 1, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "text_delta", "text": "Your order has"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block":
            {"type": "tool_use", "id": "toolu_1", "name": "check_order_status", "input": {}}}),
        json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null},
            "usage": {"output_tokens": 2}}),
        json!({"type": "message_stop"}),
    ];
    events(&all)
}

#[tokio::test]
async fn one_that_grew_too_long_is_another_try_and_nothing_of_it_is_kept() {
    for (provider, body) in [
        ("openai", openai("length")),
        ("anthropic", anthropic("max_tokens")),
        ("anthropic", anthropic("model_context_window_exceeded")),
    ] {
        let server = ModelServer::start().await;
        server.script(Script::Raw(body));
        let outcome = ask_of(provider, &server).await;
        assert!(is_retry(&outcome), "{provider}: {outcome:?}");
    }
}

#[tokio::test]
async fn one_that_the_provider_would_not_give_is_given_up() {
    for (provider, body) in [
        ("openai", openai("content_filter")),
        ("openai", openai("sensitive")),
        ("anthropic", anthropic("refusal")),
    ] {
        let server = ModelServer::start().await;
        server.script(Script::Raw(body));
        let outcome = ask_of(provider, &server).await;
        let gave_up = matches!(outcome, Err(ModelError::GiveUp { .. }));
        assert!(gave_up, "{provider}: {outcome:?}");
    }
}

/// It waits for a tool of the provider's own to go on, of which there is none.
#[tokio::test]
async fn one_that_pauses_is_another_try() {
    let server = ModelServer::start().await;
    server.script(Script::Raw(anthropic("pause_turn")));
    let outcome = ask_of("anthropic", &server).await;
    assert!(is_retry(&outcome), "{outcome:?}");
}

/// As servers of chat completions say that they broke down, or stopped early.
#[tokio::test]
async fn one_that_broke_off_is_another_try() {
    let groq = json!({"id": "1", "choices": [], "x_groq": {"error": "stopped early"}});
    for body in [
        openai("error"),
        openai("abort"),
        openai("insufficient_system_resource"),
        openai("network_error"),
        format!("data: {groq}\n\n{}", openai("stop")),
    ] {
        let server = ModelServer::start().await;
        server.script(Script::Raw(body.clone()));
        let outcome = ask_of("openai", &server).await;
        assert!(is_retry(&outcome), "{body}: {outcome:?}");
    }
}

/// Words are an answer all the same; a call may be one whose arguments were still to come.
#[tokio::test]
async fn a_reason_that_nothing_is_known_of_does_not_make_a_call_whole() {
    let server = ModelServer::start().await;
    let words = json!({"delta": {"content": "It has shipped."}, "finish_reason": "enlightenment"});
    let words = json!({"choices": [words]});
    server.script(Script::Raw(format!("data: {words}\n\ndata: [DONE]\n\n")));
    let answer = ask_of("openai", &server).await.unwrap();
    assert_eq!(answer.text, "It has shipped.");

    server.script(Script::Raw(openai("enlightenment")));
    let outcome = ask_of("openai", &server).await;
    assert!(is_retry(&outcome), "{outcome:?}");
}

#[tokio::test]
async fn any_other_reason_makes_it_whole() {
    for (provider, body) in [
        ("openai", openai("stop")),
        ("openai", openai("tool_calls")),
        ("anthropic", anthropic("end_turn")),
        ("anthropic", anthropic("stop_sequence")),
        ("anthropic", anthropic("tool_use")),
    ] {
        let server = ModelServer::start().await;
        server.script(Script::Raw(body));
        let answer = ask_of(provider, &server).await.unwrap();
        assert_eq!(answer.text, "Your order has", "{provider}");
        assert_eq!(answer.calls[0].arguments, "{}", "{provider}");
    }
}
