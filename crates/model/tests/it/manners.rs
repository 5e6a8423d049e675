//! Models that refuse a request over what it says besides the conversation: each is asked in another manner,
//! and in that one from then on.

use std::sync::Arc;

use deskhand_model::{Model, ModelError, NoDeltas};
use deskhand_testkit::ModelServer;
use serde_json::{Value, json};

use crate::support::{model_at, prompt};

/// Anthropic's words where thinking cannot be turned off.
const ALWAYS_THINKS: &str = r#""thinking.type.disabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior."#;
/// OpenAI's, of tools.
const NO_TOOLS: &str = "Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.";
/// DeepSeek's, of a call that it has thought about before.
const THOUGHTS: &str =
    "The `reasoning_content` in the thinking mode must be passed back to the API.";

async fn ask(model: &Arc<dyn Model>) -> String {
    let answer = model.answer(&prompt(), &mut NoDeltas).await;
    answer.unwrap().text
}

/// What each request said under that name.
fn said(server: &ModelServer, name: &str) -> Vec<Value> {
    let requests = server.requests();
    requests.iter().map(|one| one.body[name].clone()).collect()
}

#[tokio::test]
async fn a_model_that_cannot_but_think_is_not_told_not_to_again() {
    let server = ModelServer::start().await;
    let model = model_at(&server.url(), "anthropic::claude-opus-5-5", None);
    server
        .status(400, ALWAYS_THINKS)
        .reply("Hi.")
        .reply("Again.");
    assert_eq!(ask(&model).await, "Hi.");
    assert_eq!(ask(&model).await, "Again.");
    assert_eq!(
        said(&server, "thinking"),
        [json!({"type": "disabled"}), json!(null), json!(null)]
    );
    // Its thoughts count too.
    assert_eq!(said(&server, "max_tokens"), [16_384, 16_384, 16_384]);
    server.assert_protocol();
}

#[tokio::test]
async fn a_model_that_names_the_least_it_does_is_told_to_do_that() {
    let server = ModelServer::start().await;
    let model = model_at(&server.url(), "anthropic::claude-sonnet-5-5", None);
    let refusal = r#""thinking.type.disabled" is not supported for this model. Use "thinking.type.between_tools"."#;
    server.status(400, refusal).reply("Hi.").reply("Again.");
    assert_eq!(ask(&model).await, "Hi.");
    assert_eq!(ask(&model).await, "Again.");
    let least = json!({"type": "between_tools"});
    assert_eq!(
        said(&server, "thinking"),
        [json!({"type": "disabled"}), least.clone(), least]
    );
}

#[tokio::test]
async fn a_model_that_takes_tools_only_without_effort_is_told_to_make_none() {
    let server = ModelServer::start().await;
    let model = model_at(&server.url(), "openai::gpt-5.6", None);
    server.status(400, NO_TOOLS).reply("Hi.").reply("Again.");
    assert_eq!(ask(&model).await, "Hi.");
    assert_eq!(ask(&model).await, "Again.");
    assert_eq!(
        said(&server, "reasoning_effort"),
        [json!(null), json!("none"), json!("none")]
    );
}

#[tokio::test]
async fn a_model_that_wants_its_thoughts_back_is_told_not_to_think() {
    let server = ModelServer::start().await;
    let model = model_at(&server.url(), "openai::some-thinker", None);
    server.status(400, THOUGHTS).reply("Hi.").reply("Again.");
    assert_eq!(ask(&model).await, "Hi.");
    assert_eq!(ask(&model).await, "Again.");
    let disabled = json!({"type": "disabled"});
    assert_eq!(
        said(&server, "thinking"),
        [json!(null), disabled.clone(), disabled]
    );
}

/// As their documentation has it.
#[tokio::test]
async fn of_some_providers_it_is_known_beforehand() {
    for (provider, thinking, counts) in [
        ("deepseek", json!({"type": "disabled"}), true),
        ("kimi", json!({"type": "disabled"}), true),
        ("mistral", json!(null), false),
        ("openai", json!(null), true),
    ] {
        let server = ModelServer::start().await;
        server.reply("Hi.");
        ask(&model_at(&server.url(), &format!("{provider}::m"), None)).await;
        let body = server.last_request().body;
        assert_eq!(body["thinking"], thinking, "{provider}");
        assert_eq!(body["stream_options"].is_object(), counts, "{provider}");
    }
}

#[tokio::test]
async fn a_server_that_knows_of_no_count_is_not_asked_for_one_again() {
    let server = ModelServer::start().await;
    let model = model_at(&server.url(), "openai::house-model", None);
    let refusal = "body.stream_options.include_usage: Extra inputs are not permitted";
    server.status(422, refusal).reply("Hi.").reply("Again.");
    assert_eq!(ask(&model).await, "Hi.");
    assert_eq!(ask(&model).await, "Again.");
    let asked = json!({"include_usage": true});
    assert_eq!(
        said(&server, "stream_options"),
        [asked, json!(null), json!(null)]
    );
}

#[tokio::test]
async fn one_that_takes_it_in_no_manner_is_given_up_in_its_own_words() {
    for (name, refusal, requests) in [
        ("anthropic::claude-opus-5-5", ALWAYS_THINKS, 2),
        ("openai::gpt-5.6", NO_TOOLS, 2),
        ("openai::gpt-5.6", "max context length exceeded", 1),
    ] {
        let server = ModelServer::start().await;
        let model = model_at(&server.url(), name, None);
        for _ in 0..requests {
            server.status(400, refusal);
        }
        let outcome = model.answer(&prompt(), &mut NoDeltas).await;
        let Err(ModelError::GiveUp { detail }) = outcome else {
            panic!("{name}: {outcome:?}");
        };
        let beginning: String = refusal.chars().take(40).collect();
        assert!(detail.contains(&beginning), "{detail}");
        assert_eq!(server.requests().len(), requests, "{name}");
        // Nothing was learned.
        server.reply("Hi.");
        ask(&model).await;
        let (first, last) = (
            server.requests()[0].body.clone(),
            server.last_request().body,
        );
        assert_eq!(first, last, "{name}");
    }
}
