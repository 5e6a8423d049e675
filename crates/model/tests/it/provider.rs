//! OpenAI's chat completions, and what does not depend on the format.

use std::borrow::Cow;

use deskhand_domain::prompt::{Entry, ToolCall, ToolResult};
use deskhand_model::{ModelError, NoDeltas};
use deskhand_testkit::ModelServer;
use serde_json::json;

use crate::support::{ask_of, customer, is_retry, long_prompt, model, model_at, prompt, tool};

async fn ask(server: &ModelServer) -> Result<deskhand_domain::prompt::Answer, ModelError> {
    ask_of("openai", server).await
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

/// Providers with something of their own, and names that end in what looks like an effort.
#[tokio::test]
async fn each_provider_gets_the_names_and_bounds_it_wants() {
    let server = ModelServer::start().await;
    for (name, model, most) in [
        (
            "fireworks::qwen3-30b",
            "accounts/fireworks/models/qwen3-30b",
            json!(4_096),
        ),
        (
            "fireworks::accounts/own/models/x",
            "accounts/own/models/x",
            json!(4_096),
        ),
        ("aliyun::qwen-max", "qwen-max", json!(null)),
        ("groq::llama-high", "llama-high", json!(null)),
        ("mistral::mistral-large", "mistral-large", json!(null)),
        ("zai::glm-4.6", "glm-4.6", json!(null)),
    ] {
        server.reply("Hello.");
        let answer = model_at(&server.url(), name, None)
            .answer(&prompt(), &mut NoDeltas)
            .await
            .unwrap();
        assert_eq!(answer.text, "Hello.", "{name}");
        let body = server.last_request().body;
        assert_eq!(body["model"], model, "{name}");
        assert_eq!(body["max_tokens"], most, "{name}");
    }
    server.assert_protocol();
}

/// As a turn that was cut off leaves them. Templates of some models want the two sides to take turns.
#[tokio::test]
async fn what_one_side_says_in_a_row_is_one_message() {
    let server = ModelServer::start().await;
    server.reply("Here I am.");
    let agent = |text: &'static str, calls: &[ToolCall]| Entry::Agent {
        text: text.into(),
        calls: Cow::Owned(calls.to_vec()),
    };
    let call = ToolCall {
        id: "call00000".to_owned(),
        name: "check_order_status".to_owned(),
        arguments: "{}".to_owned(),
    };
    let result = ToolResult {
        call_id: call.id.clone(),
        name: call.name.clone(),
        invocation_id: None,
        content: json!({"status": "shipped"}),
    };
    let mut prompt = prompt();
    prompt.entries = vec![
        customer("Hello?"),
        customer("Anybody there?"),
        agent("One moment.", &[]),
        agent("", &[call]),
        Entry::Results {
            results: vec![result].into(),
        },
        agent("It has shipped.", &[]),
        agent("Anything else?", &[]),
        customer("No"),
    ];
    let model = model(&server);
    model.answer(&prompt, &mut NoDeltas).await.unwrap();
    server.assert_protocol();
    let request = server.last_request();
    let said: Vec<_> = request.messages()[1..]
        .iter()
        .map(|message| {
            let text = |name: &str| message[name].as_str().unwrap();
            (text("role"), text("content"))
        })
        .collect();
    assert_eq!(
        said,
        [
            ("user", "Hello?\n\nAnybody there?"),
            ("assistant", "One moment."),
            ("tool", r#"{"status":"shipped"}"#),
            ("assistant", "It has shipped.\n\nAnything else?"),
            ("user", "No"),
        ]
    );
    assert_eq!(request.messages()[2]["tool_calls"][0]["id"], "call00000");
}
