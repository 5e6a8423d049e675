//! Anthropic's messages, where they differ.

use deskhand_domain::prompt::Entry;
use deskhand_model::NoDeltas;
use deskhand_testkit::ModelServer;
use deskhand_testkit::model_server::Script;
use serde_json::json;

use crate::support::{ask_of, customer, is_retry, long_prompt, model_at, model_of, prompt, tool};

#[tokio::test]
async fn the_request_holds_the_prompt_and_nothing_more() {
    let server = ModelServer::start().await;
    server.reply("Hello.");
    ask_of("anthropic", &server).await.unwrap();
    let request = server.last_request();
    assert_eq!(request.path, "/v1/messages");
    assert_eq!(
        request.body,
        json!({
            "model": "scripted",
            "stream": true,
            "max_tokens": 4_096,
            "system": "You work for a small shop.",
            "messages": [
                {"role": "user", "content": "Where's my order? It's ORD-12345"}
            ],
            "tools": [{
                "name": "check_order_status",
                "description": "Check the status of a customer's order.\nA customer might say:\n- Where's my order?",
                "input_schema": tool().parameters
            }]
        })
    );
    assert_eq!(request.tool_names(), ["check_order_status"]);
}

#[tokio::test]
async fn key_and_version_are_sent() {
    let server = ModelServer::start().await;
    server.reply("Hi.");
    model_at(
        &server.url(),
        "anthropic::x",
        Some("sk-ant-of-the-operator"),
    )
    .answer(&prompt(), &mut NoDeltas)
    .await
    .unwrap();
    let headers = server.last_request().headers;
    assert_eq!(headers["x-api-key"], "sk-ant-of-the-operator");
    assert_eq!(headers["anthropic-version"], "2023-06-01");
    assert!(headers.get("authorization").is_none());
    server.assert_protocol();
}

#[tokio::test]
async fn the_two_sides_take_turns() {
    let server = ModelServer::start().await;
    server.reply("Here I am.");
    let mut prompt = long_prompt();
    // What turns that were cut off leave behind: no reply, an empty one, results without words.
    prompt.entries.insert(0, customer("Hello?"));
    prompt.entries.insert(
        0,
        Entry::Agent {
            text: "Welcome!".to_owned(),
            calls: Vec::new(),
        },
    );
    let results = prompt
        .entries
        .iter()
        .position(|entry| matches!(entry, Entry::Results { .. }))
        .unwrap();
    prompt.entries.insert(results + 1, customer("And?"));
    prompt.entries.push(Entry::Agent {
        text: " ".to_owned(),
        calls: Vec::new(),
    });
    prompt.entries.push(customer("Are you there?"));
    model_of("anthropic", &server)
        .answer(&prompt, &mut NoDeltas)
        .await
        .unwrap();
    server.assert_protocol();
    let request = server.last_request();
    let roles: Vec<_> = request
        .messages()
        .iter()
        .map(|message| message["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant", "user"]);
    let kinds: Vec<_> = request.messages()[2]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["tool_result", "tool_result", "text"]);
}

#[tokio::test]
async fn a_models_name_arrives_untouched_and_does_not_think() {
    let server = ModelServer::start().await;
    for name in [
        "claude-3-haiku-20240307",
        "claude-sonnet-5",
        "house-model-high",
    ] {
        server.reply("Hi.");
        model_at(&server.url(), &format!("anthropic::{name}"), None)
            .answer(&prompt(), &mut NoDeltas)
            .await
            .unwrap();
        let body = server.last_request().body;
        assert_eq!(body["model"], name);
        assert!(
            body["thinking"].is_null() || body["thinking"] == json!({"type": "disabled"}),
            "{body}"
        );
    }
}

/// All its actions are detached since.
#[tokio::test]
async fn past_calls_are_told_of_where_nothing_is_on_offer_any_more() {
    let server = ModelServer::start().await;
    server.reply("I cannot do that here.");
    let mut prompt = long_prompt();
    prompt.tools.clear();
    model_of("anthropic", &server)
        .answer(&prompt, &mut NoDeltas)
        .await
        .unwrap();
    server.assert_protocol();
    let request = server.last_request();
    assert_eq!(request.tool_names(), ["check_order_", "check_order_status"]);
    assert_eq!(request.body["tool_choice"], json!({"type": "none"}));
    let uses = request.messages()[1]["content"].as_array().unwrap();
    assert_eq!(
        uses.iter()
            .filter(|block| block["type"] == "tool_use")
            .count(),
        2
    );
}

#[tokio::test]
async fn nothing_is_on_offer_and_nothing_was_called() {
    let server = ModelServer::start().await;
    server.reply("Hello.");
    let mut prompt = prompt();
    prompt.tools.clear();
    model_of("anthropic", &server)
        .answer(&prompt, &mut NoDeltas)
        .await
        .unwrap();
    server.assert_protocol();
    let body = server.last_request().body;
    assert!(
        body["tools"].is_null() && body["tool_choice"].is_null(),
        "{body}"
    );
}

/// What a server that is like Anthropic's may send costs a try, and no more.
#[tokio::test]
async fn a_count_of_tokens_that_overflows_ends_nothing() {
    let server = ModelServer::start().await;
    let events = [
        json!({"type": "message_start", "message": {"usage": {"input_tokens": i32::MAX, "output_tokens": i32::MAX}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi."}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": i32::MAX}}),
        json!({"type": "message_stop"}),
    ];
    let body = events.iter().map(|event| {
        let name = event["type"].as_str().unwrap();
        format!("event: {name}\ndata: {event}\n\n")
    });
    server.script(Script::Raw(body.collect()));
    let outcome = ask_of("anthropic", &server).await;
    assert!(outcome.is_ok() || is_retry(&outcome), "{outcome:?}");
}
