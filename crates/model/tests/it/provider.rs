use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::limits::{CALLS_PER_ANSWER, REPLY_CHARS};
use deskhand_domain::prompt::{Entry, Prompt, Tool, ToolCall, ToolResult, Usage};
use deskhand_model::{Deltas, Model, ModelError, Models, ModelsConfig, NoDeltas};
use deskhand_testkit::ModelServer;
use deskhand_testkit::model_server::Script;
use serde_json::json;

fn model_at(url: &str, name: &str, key: Option<&str>) -> Arc<dyn Model> {
    Models::new(ModelsConfig {
        default: name.to_owned(),
        url: Some(url.to_owned()),
        api_key: key.map(str::to_owned),
    })
    .unwrap()
    .get_default()
    .unwrap()
}

pub(crate) fn model(server: &ModelServer) -> Arc<dyn Model> {
    model_at(&server.url(), "openai::scripted", None)
}

fn customer(text: &str) -> Entry {
    Entry::Customer {
        text: text.to_owned(),
    }
}

fn tool() -> Tool {
    Tool {
        name: "check_order_status".to_owned(),
        display_name: "Check order status".to_owned(),
        description: "Check the status of a customer's order.".to_owned(),
        parameters: json!({
            "type": "object",
            "properties": {"order_number": {"type": "string"}},
            "required": ["order_number"],
            "additionalProperties": false
        }),
        examples: vec!["Where's my order?".to_owned()],
    }
}

pub(crate) fn prompt() -> Prompt {
    Prompt {
        instructions: "You work for a small shop.".to_owned(),
        entries: vec![customer("Where's my order? It's ORD-12345")],
        tools: vec![tool()],
    }
}

/// A conversation with two calls behind it, one of them ill-formed.
fn long_prompt() -> Prompt {
    let mut prompt = prompt();
    let call = |id: &str, name: &str, arguments: &str| ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    };
    let result = |id: &str, name: &str| ToolResult {
        call_id: id.to_owned(),
        name: name.to_owned(),
        content: json!({"status": "failed", "message": "No."}),
    };
    prompt.entries.extend([
        Entry::Agent {
            text: "Let me look.".to_owned(),
            calls: vec![
                call("a", "check_order_status", r#"{"order_number":"ORD-12345"}"#),
                call("b", "check order!", r#"{"order_number":"#),
            ],
        },
        Entry::Results {
            results: vec![
                result("a", "check_order_status"),
                result("b", "check order!"),
            ],
        },
        Entry::Agent {
            text: "I couldn't find it.".to_owned(),
            calls: Vec::new(),
        },
        customer("Try again"),
    ]);
    prompt
}

async fn ask(server: &ModelServer) -> Result<deskhand_domain::prompt::Answer, ModelError> {
    model(server).answer(&prompt(), &mut NoDeltas).await
}

fn is_retry(outcome: &Result<deskhand_domain::prompt::Answer, ModelError>) -> bool {
    matches!(outcome, Err(ModelError::Retry { .. }))
}

#[tokio::test]
async fn a_reply_comes_whole_and_in_pieces() {
    #[derive(Default)]
    struct Pieces(Vec<String>);
    impl Deltas for Pieces {
        fn text(&mut self, piece: &str) {
            self.0.push(piece.to_owned());
        }
        fn reset(&mut self) {
            self.0.clear();
        }
    }
    let server = ModelServer::start().await;
    server.reply("Grüße! Your order has shipped.");
    let mut pieces = Pieces::default();
    let answer = model(&server).answer(&prompt(), &mut pieces).await.unwrap();
    assert_eq!(answer.text, "Grüße! Your order has shipped.");
    assert!(pieces.0.len() > 1);
    assert_eq!(pieces.0.concat(), answer.text);
    assert_eq!(
        answer.usage,
        Some(Usage {
            input_tokens: 100,
            output_tokens: 20
        })
    );
    server.assert_protocol();
}

#[tokio::test]
async fn the_request_holds_the_prompt_and_nothing_more() {
    let server = ModelServer::start().await;
    server.reply("Hello.");
    ask(&server).await.unwrap();
    let request = server.last_request();
    assert_eq!(
        request.body,
        json!({
            "model": "scripted",
            "stream": true,
            "stream_options": {"include_usage": true},
            "messages": [
                {"role": "system", "content": "You work for a small shop."},
                {"role": "user", "content": "Where's my order? It's ORD-12345"}
            ],
            "tools": [{"type": "function", "function": {
                "name": "check_order_status",
                "description": "Check the status of a customer's order.\nA customer might say:\n- Where's my order?",
                "parameters": tool().parameters,
                "strict": false
            }}]
        })
    );
    assert_eq!(request.tool_names(), ["check_order_status"]);
}

#[tokio::test]
async fn every_call_is_sent_back_with_its_result_right_behind_it() {
    let server = ModelServer::start().await;
    server.reply("Still nothing.");
    model(&server)
        .answer(&long_prompt(), &mut NoDeltas)
        .await
        .unwrap();
    server.assert_protocol();
    let roles: Vec<_> = server
        .last_request()
        .messages()
        .iter()
        .map(|message| message["role"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        roles,
        [
            "system",
            "user",
            "assistant",
            "tool",
            "tool",
            "assistant",
            "user"
        ]
    );
}

#[tokio::test]
async fn several_calls_come_in_one_answer() {
    let server = ModelServer::start().await;
    server.calls([
        ("check_order_status", json!({"order_number": "ORD-1"})),
        ("check_order_status", json!({"order_number": "ORD-2"})),
    ]);
    let answer = ask(&server).await.unwrap();
    let calls: Vec<_> = answer
        .calls
        .iter()
        .map(|call| (call.name.as_str(), call.arguments.as_str()))
        .collect();
    assert_eq!(
        calls,
        [
            ("check_order_status", r#"{"order_number":"ORD-1"}"#),
            ("check_order_status", r#"{"order_number":"ORD-2"}"#),
        ]
    );
}

#[tokio::test]
async fn broken_arguments_and_unknown_names_arrive_as_written() {
    let server = ModelServer::start().await;
    server.call_raw("no_such_tool", r#"{"order_number": "ORD-"#);
    let answer = ask(&server).await.unwrap();
    assert_eq!(answer.calls[0].name, "no_such_tool");
    assert_eq!(answer.calls[0].arguments, r#"{"order_number": "ORD-"#);
}

#[tokio::test]
async fn no_arguments_are_an_empty_object() {
    let server = ModelServer::start().await;
    server.call_raw("list_orders", "");
    assert_eq!(ask(&server).await.unwrap().calls[0].arguments, "{}");
}

#[tokio::test]
async fn ids_that_are_empty_or_used_twice_are_replaced() {
    let server = ModelServer::start().await;
    server.calls_with_ids([("x", "f", "{}"), ("x", "g", "{}"), ("", "h", "{}")]);
    let calls = ask(&server).await.unwrap().calls;
    let mut ids: Vec<_> = calls.iter().map(|call| call.id.as_str()).collect();
    assert_eq!(ids[0], "x");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| !id.is_empty()));
}

#[tokio::test]
async fn no_more_calls_are_read_than_a_turn_could_use() {
    let server = ModelServer::start().await;
    server.calls((0..40).map(|n| ("f", json!({"n": n}))));
    assert_eq!(ask(&server).await.unwrap().calls.len(), CALLS_PER_ANSWER);
}

#[tokio::test]
async fn an_absurdly_long_reply_is_cut() {
    let server = ModelServer::start().await;
    server.reply(&"long ".repeat(100_000));
    assert_eq!(
        ask(&server).await.unwrap().text.chars().count(),
        REPLY_CHARS
    );
}

#[tokio::test]
async fn absurdly_long_arguments_are_another_try() {
    let server = ModelServer::start().await;
    server.call("f", json!({"x": "y".repeat(200_000)}));
    assert!(is_retry(&ask(&server).await));
}

#[tokio::test]
async fn an_answer_that_is_not_whole_is_another_try() {
    let server = ModelServer::start().await;
    server
        .reply("")
        .reply(" \n")
        .script(Script::Cut("Your ord".to_owned()))
        .script(Script::NoEnd("Your order".to_owned()))
        .script(Script::ErrorMidStream("Your order".to_owned()))
        .script(Script::Raw("data: <html>\n\n".to_owned()))
        .script(Script::Raw(String::new()))
        .status(500, "oops")
        .status(503, "busy");
    while server.left() > 0 {
        let outcome = ask(&server).await;
        assert!(is_retry(&outcome), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_full_house_says_when_to_come_back() {
    let server = ModelServer::start().await;
    server.too_many("7");
    assert_eq!(
        ask(&server).await,
        Err(ModelError::Retry {
            after: Some(Duration::from_secs(7)),
            detail: "429 Too Many Requests: Rate limit reached".to_owned()
        })
    );
}

#[tokio::test]
async fn what_will_never_work_is_given_up() {
    let server = ModelServer::start().await;
    server
        .status(401, "Incorrect API key provided: sk-12345")
        .status(400, "Invalid value: 'Where's my order? It's ORD-12345'")
        .status(404, "The model does not exist")
        .status(307, "elsewhere");
    let mut details = Vec::new();
    while server.left() > 0 {
        match ask(&server).await {
            Err(ModelError::GiveUp { detail }) => details.push(detail),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        details,
        [
            "401 Unauthorized (check DESKHAND_MODEL_API_KEY)",
            "400 Bad Request: (its message quotes the conversation and is left out)",
            "404 Not Found: The model does not exist",
            "307 Temporary Redirect: elsewhere",
        ]
    );
}

#[tokio::test]
async fn silence_is_another_try() {
    let server = ModelServer::start().await;
    server
        .script(Script::Hang)
        .script(Script::HangMidStream("Your ord".to_owned()));
    for count in 1..=2 {
        let model = model(&server);
        let asking = tokio::spawn(async move { model.answer(&prompt(), &mut NoDeltas).await });
        server.arrived(count).await;
        // From here on only timers move.
        tokio::time::pause();
        let outcome = asking.await.unwrap();
        assert!(is_retry(&outcome), "{outcome:?}");
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_another_try() {
    let server = ModelServer::start().await;
    let url = server.url();
    drop(server);
    let outcome = model_at(&url, "openai::x", None)
        .answer(&prompt(), &mut NoDeltas)
        .await;
    assert!(is_retry(&outcome), "{outcome:?}");
}

#[tokio::test]
async fn the_key_is_the_configured_one() {
    let server = ModelServer::start().await;
    server.reply("Hi.").reply("Hi.");
    model_at(&server.url(), "openai::x", Some("sk-of-the-operator"))
        .answer(&prompt(), &mut NoDeltas)
        .await
        .unwrap();
    assert_eq!(
        server.last_request().headers["authorization"],
        "Bearer sk-of-the-operator"
    );
    ask(&server).await.unwrap();
    assert_eq!(
        server.last_request().headers["authorization"],
        "Bearer none"
    );
}

#[tokio::test]
async fn a_models_name_arrives_untouched() {
    let server = ModelServer::start().await;
    for name in ["qwen-max", "my-model-high", "hf.co/a::b:Q4"] {
        server.reply("Hi.");
        model_at(&server.url(), &format!("openai::{name}"), None)
            .answer(&prompt(), &mut NoDeltas)
            .await
            .unwrap();
        let body = server.last_request().body;
        assert_eq!(body["model"], name);
        assert!(body.get("reasoning_effort").is_none());
    }
}

#[tokio::test]
async fn any_way_to_write_the_address_will_do() {
    let server = ModelServer::start().await;
    let full = server.url();
    for end in ["", "/", "/v1", "/v1/"] {
        server.reply("Hi.");
        let url = full.replace("/v1/", end);
        model_at(&url, "openai::x", None)
            .answer(&prompt(), &mut NoDeltas)
            .await
            .unwrap();
    }
    server.assert_protocol();
}
