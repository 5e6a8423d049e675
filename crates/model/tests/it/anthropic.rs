//! Anthropic's messages, where they differ.

use deskhand_domain::prompt::Entry;
use deskhand_model::{Models, ModelsConfig, NoDeltas};
use deskhand_testkit::ModelServer;
use serde_json::json;

use crate::support::{ask_of, customer, long_prompt, model_at, model_of, prompt, tool};

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
            text: "Welcome!".into(),
            calls: Vec::new().into(),
        },
    );
    let results = prompt
        .entries
        .iter()
        .position(|entry| matches!(entry, Entry::Results { .. }))
        .unwrap();
    prompt.entries.insert(results + 1, customer("And?"));
    prompt.entries.push(Entry::Agent {
        text: " ".into(),
        calls: Vec::new().into(),
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
    // The last two think unasked.
    for (name, thinking) in [
        ("claude-3-haiku-20240307", json!(null)),
        ("claude-sonnet-4-5", json!(null)),
        ("house-model-high", json!(null)),
        ("claude-sonnet-5", json!({"type": "disabled"})),
        ("anthropic/claude-fable-5.1", json!({"type": "disabled"})),
    ] {
        server.reply("Hi.");
        model_at(&server.url(), &format!("anthropic::{name}"), None)
            .answer(&prompt(), &mut NoDeltas)
            .await
            .unwrap();
        let body = server.last_request().body;
        assert_eq!(body["model"], name);
        assert_eq!(body["thinking"], thinking, "{body}");
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

/// What a conversation may begin with, as it was before the customer said anything.
#[tokio::test]
async fn calls_from_before_the_first_word_are_left_out_with_their_results() {
    let server = ModelServer::start().await;
    server.reply("Hello.");
    let mut prompt = long_prompt();
    prompt.entries.remove(0);
    model_of("anthropic", &server)
        .answer(&prompt, &mut NoDeltas)
        .await
        .unwrap();
    server.assert_protocol();
    let body = server.last_request().body;
    assert_eq!(
        body["messages"],
        json!([{"role": "user", "content": "Try again"}])
    );
}

#[tokio::test]
async fn results_stand_before_the_words_of_their_message() {
    let server = ModelServer::start().await;
    server.reply("Hello.");
    let mut prompt = long_prompt();
    // The customer spoke while the calls ran.
    prompt.entries.insert(2, customer("Hurry!"));
    model_of("anthropic", &server)
        .answer(&prompt, &mut NoDeltas)
        .await
        .unwrap();
    server.assert_protocol();
    let said = &server.last_request().body["messages"][2]["content"];
    assert_eq!(said[2], json!({"type": "text", "text": "Hurry!"}));
    assert_eq!(
        said[0],
        json!({"type": "tool_result", "tool_use_id": "a",
            "content": "{\"status\":\"failed\",\"message\":\"No.\"}"})
    );
}

/// Theirs is the same format at another address. They think whatever they are told.
#[tokio::test]
async fn models_of_minimax_are_asked_in_the_same_way() {
    for name in ["minimax::MiniMax-M2", "opencode_go::minimax-m2.5"] {
        let server = ModelServer::start().await;
        server.reply("Hello.");
        let answer = model_at(&server.url(), name, Some("sk-of-the-operator"))
            .answer(&long_prompt(), &mut NoDeltas)
            .await
            .unwrap();
        assert_eq!(answer.text, "Hello.", "{name}");
        server.assert_protocol();
        let request = server.last_request();
        assert_eq!(request.path, "/v1/messages", "{name}");
        assert_eq!(request.headers["x-api-key"], "sk-of-the-operator");
        assert!(request.headers.get("authorization").is_none(), "{name}");
        let model = name.split_once("::").unwrap().1;
        assert_eq!(request.body["model"], model);
        assert_eq!(request.body["max_tokens"], 16_384);
        assert_eq!(request.body["thinking"], json!(null));
    }
}

#[tokio::test]
async fn a_key_that_no_header_takes_is_refused_at_once() {
    let refused = Models::new(ModelsConfig {
        default: "anthropic::x".to_owned(),
        url: None,
        api_key: Some("sk\nant".to_owned()),
    });
    assert!(refused.is_err());
}
