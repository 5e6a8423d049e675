//! Models behind a provider's API, through `genai`.
//!
//! Always its streaming call: its one-shot call refuses a whole answer when the arguments of a tool
//! call are broken JSON, its stream hands them over as text. Its errors hold the request: they are
//! never logged or formatted, [`failure`] picks what is safe out of them.

mod failure;
mod messages;

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use deskhand_domain::limits::{ARGUMENTS_BYTES, CALLS_PER_ANSWER, REPLY_CHARS, TURN_DURATION};
use deskhand_domain::prompt::{Answer, Entry, Prompt, ToolCall, Usage};
use futures_util::StreamExt;
use genai::adapter::AdapterKind;
use genai::chat::{ChatOptions, ChatStreamEvent, ReasoningEffort, StreamEnd};
use genai::resolver::{AuthData, Endpoint};
use genai::{Client, ModelIden};
use serde_json::Value;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

use self::failure::Failures;
use crate::registry::RegistryError;
use crate::{Deltas, Model, ModelError};

/// Longest silence: before the head of the answer, and between any two pieces of it.
const SILENCE: Duration = Duration::from_secs(30);
/// Longest wait for a TCP connection and its TLS handshake.
const CONNECT: Duration = Duration::from_secs(10);
/// Sent where a server of the operator's own wants no key but `genai` wants one.
const NO_KEY: &str = "none";

/// Providers whose adapters read addresses out of the environment; only the binary may do that.
const READS_ENVIRONMENT: [AdapterKind; 3] = [
    AdapterKind::Vertex,
    AdapterKind::BedrockApi,
    AdapterKind::Omlx,
];

/// The adapter of a provider, if there is one to offer.
pub(crate) fn kind(provider: &str) -> Option<AdapterKind> {
    AdapterKind::from_lower_str(provider)
        .filter(|kind| !matches!(kind, AdapterKind::Custom(_)) && !READS_ENVIRONMENT.contains(kind))
}

/// The names of all providers on offer.
pub(crate) fn known() -> Vec<&'static str> {
    AdapterKind::all()
        .iter()
        .map(AdapterKind::as_lower_str)
        .filter(|name| kind(name).is_some())
        .collect()
}

/// The client for all providers: no proxies from the environment, no redirects, no hidden re-sends.
pub(crate) fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    // The address is the operator's, so this is not the guarded way out to tenants' addresses.
    #[allow(clippy::disallowed_methods)]
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT)
        .build()
}

/// The base that the provider's paths are joined to: it always ends in a slash.
pub(crate) fn base_url(kind: AdapterKind, given: &str) -> Result<String, RegistryError> {
    let bad = || RegistryError::BadUrl(given.chars().take(200).collect());
    let url = reqwest::Url::parse(given.trim()).map_err(|_| bad())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !plain {
        return Err(bad());
    }
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/chat/completions").unwrap_or(path);
    let path = if path.is_empty() && kind == AdapterKind::OpenAI {
        "/v1"
    } else {
        path
    };
    let mut url = url.clone();
    url.set_path(&format!("{path}/"));
    Ok(url.into())
}

/// One model of one provider.
pub(crate) struct Provider {
    client: Client,
    model: ModelIden,
    options: ChatOptions,
    key: String,
}

/// Neither the key nor the client's insides.
impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("model", &self.model.model_name.to_string())
            .finish_non_exhaustive()
    }
}

impl Provider {
    pub(crate) fn new(
        provider: &str,
        model: &str,
        url: Option<&str>,
        key: Option<&str>,
        http: reqwest::Client,
    ) -> Result<Self, RegistryError> {
        let kind =
            kind(provider).ok_or_else(|| RegistryError::UnknownProvider(provider.to_owned()))?;
        let endpoint = url.map(|url| base_url(kind, url)).transpose()?;
        let key = match key.map(str::trim).filter(|key| !key.is_empty()) {
            Some(key) => key.to_owned(),
            None if endpoint.is_some() || kind.default_key_env_name().is_none() => {
                NO_KEY.to_owned()
            }
            None => return Err(RegistryError::NoKey(provider.to_owned())),
        };
        // Without a resolver of our own `genai` would look into the environment.
        let auth = AuthData::from_single(key.clone());
        let mut client = Client::builder()
            .with_reqwest(http)
            .with_auth_resolver_fn(move |_: ModelIden| Ok(Some(auth.clone())));
        if let Some(endpoint) = endpoint {
            client = client.append_provider_config(kind, Endpoint::from_owned(endpoint));
        }
        let client = client
            .build()
            .map_err(|_| RegistryError::Client("genai refused its settings".to_owned()))?;
        Ok(Self {
            client,
            // With its namespace, or a name that itself holds "::" would lose its first part.
            model: ModelIden::new(kind, format!("{provider}::{model}")),
            options: options(kind),
            key,
        })
    }

    async fn read(&self, prompt: &Prompt, deltas: &mut dyn Deltas) -> Result<Answer, ModelError> {
        let failures = Failures {
            prompt,
            key: &self.key,
        };
        // `genai` logs a provider's answers, which may quote the conversation: it gets no ear.
        let mut stream = self
            .client
            .exec_chat_stream(
                self.model.clone(),
                messages::request(prompt),
                Some(&self.options),
            )
            .with_subscriber(Dispatch::none())
            .await
            .map_err(|error| failures.judge(&error))?
            .stream;
        let mut text = Text::default();
        loop {
            let event = match stream.next().with_subscriber(Dispatch::none()).await {
                Some(Ok(event)) => event,
                Some(Err(error)) => return Err(failures.judge(&error)),
                None => return Err(ModelError::retry("the answer was cut off")),
            };
            match event {
                ChatStreamEvent::Start => continue,
                ChatStreamEvent::Chunk(chunk) => {
                    if let Some(piece) = text.push(&chunk.content) {
                        deltas.text(piece);
                    }
                }
                ChatStreamEvent::ToolCallChunk(chunk) => {
                    let size = chunk.tool_call.fn_arguments.as_str().map_or(0, str::len);
                    if size > ARGUMENTS_BYTES {
                        return Err(ModelError::retry(format!(
                            "the arguments of a call are longer than {ARGUMENTS_BYTES} bytes"
                        )));
                    }
                }
                ChatStreamEvent::End(end) => return finished(text.0, end, prompt),
                ChatStreamEvent::ReasoningChunk(_)
                | ChatStreamEvent::ThoughtSignatureChunk(_)
                | ChatStreamEvent::Heartbeat => {}
            }
            deltas.alive();
        }
    }
}

#[async_trait]
impl Model for Provider {
    async fn answer(&self, prompt: &Prompt, deltas: &mut dyn Deltas) -> Result<Answer, ModelError> {
        // Silence is bounded inside; this bounds an answer that trickles on for ever.
        tokio::time::timeout(TURN_DURATION, self.read(prompt, deltas))
            .await
            .unwrap_or_else(|_| Err(ModelError::retry("the answer did not end in time")))
    }
}

fn options(kind: AdapterKind) -> ChatOptions {
    let options = ChatOptions::default()
        .with_capture_usage(true)
        .with_capture_tool_calls(true)
        .with_stream_header_timeout(SILENCE)
        .with_stream_read_timeout(SILENCE);
    if kind == AdapterKind::OpenAI {
        // An effort of any kind keeps genai from reading one out of the model's name, which would
        // turn "qwen-max" into "qwen"; a budget is the kind that it does not send.
        options.with_reasoning_effort(ReasoningEffort::Budget(0))
    } else {
        options
    }
}

/// The text so far, at most [`REPLY_CHARS`] long.
#[derive(Default)]
struct Text(String);

impl Text {
    /// What of the piece still fits.
    fn push<'a>(&mut self, piece: &'a str) -> Option<&'a str> {
        let left = REPLY_CHARS.saturating_sub(self.0.chars().count());
        let end = piece
            .char_indices()
            .nth(left)
            .map_or(piece.len(), |(end, _)| end);
        let fits = &piece[..end];
        self.0.push_str(fits);
        (!fits.is_empty()).then_some(fits)
    }
}

fn finished(text: String, end: StreamEnd, prompt: &Prompt) -> Result<Answer, ModelError> {
    let usage = end.captured_usage.as_ref().map(|usage| Usage {
        input_tokens: tokens(usage.prompt_tokens),
        output_tokens: tokens(usage.completion_tokens),
    });
    let calls: Vec<ToolCall> = end
        .captured_into_tool_calls()
        .unwrap_or_default()
        .into_iter()
        .take(CALLS_PER_ANSWER)
        .map(|call| ToolCall {
            id: call.call_id,
            name: call.fn_name,
            arguments: match call.fn_arguments {
                // A call without parameters is often written as nothing at all.
                Value::String(raw) if raw.trim().is_empty() => "{}".to_owned(),
                Value::String(raw) => raw,
                Value::Null => "{}".to_owned(),
                parsed => parsed.to_string(),
            },
        })
        .collect();
    if calls.is_empty() && text.trim().is_empty() {
        return Err(ModelError::retry("the answer was empty"));
    }
    if calls
        .iter()
        .any(|call| call.arguments.len() > ARGUMENTS_BYTES)
    {
        return Err(ModelError::retry(format!(
            "the arguments of a call are longer than {ARGUMENTS_BYTES} bytes"
        )));
    }
    Ok(Answer {
        text,
        calls: with_unique_ids(calls, prompt),
        usage,
    })
}

fn tokens(count: Option<i32>) -> u64 {
    count
        .and_then(|count| u64::try_from(count).ok())
        .unwrap_or(0)
}

/// Gives every call whose id is empty or already taken in the conversation one of our own.
fn with_unique_ids(mut calls: Vec<ToolCall>, prompt: &Prompt) -> Vec<ToolCall> {
    let mut taken: HashSet<String> = prompt
        .entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Agent { calls, .. } => Some(calls),
            _ => None,
        })
        .flatten()
        .map(|call| call.id.clone())
        .collect();
    let mut number = taken.len();
    for call in &mut calls {
        while call.id.trim().is_empty() || !taken.insert(call.id.clone()) {
            // Nine letters and digits: the only form that every provider takes back.
            call.id = format!("call{number:05}");
            number += 1;
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_completed() {
        for (given, base) in [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1/"),
            ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/v1/"),
            ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/"),
            ("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1/"),
            (
                "https://ai.example/proxy/v1/chat/completions",
                "https://ai.example/proxy/v1/",
            ),
        ] {
            assert_eq!(base_url(AdapterKind::OpenAI, given).unwrap(), base);
        }
        assert_eq!(
            base_url(AdapterKind::Ollama, "http://gpu:11434").unwrap(),
            "http://gpu:11434/"
        );
        for wrong in [
            "127.0.0.1:8000",
            "ftp://x/",
            "http://u:p@x/",
            "http://x/?k=1",
            "",
        ] {
            assert!(base_url(AdapterKind::OpenAI, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ids_are_unique_in_the_conversation() {
        let call = |id: &str| ToolCall {
            id: id.to_owned(),
            name: "check".to_owned(),
            arguments: "{}".to_owned(),
        };
        let prompt = Prompt {
            entries: vec![Entry::Agent {
                text: String::new(),
                calls: vec![call("a")],
            }],
            ..Prompt::default()
        };
        let ids: Vec<_> = with_unique_ids(vec![call("a"), call(""), call("b"), call("b")], &prompt)
            .into_iter()
            .map(|call| call.id)
            .collect();
        assert_eq!(ids, ["call00001", "call00002", "b", "call00003"]);
    }

    #[test]
    fn text_is_bounded_in_characters() {
        let mut text = Text::default();
        assert_eq!(
            text.push(&"é".repeat(REPLY_CHARS - 1)).unwrap().len(),
            2 * (REPLY_CHARS - 1)
        );
        assert_eq!(text.push("éé"), Some("é"));
        assert_eq!(text.push("more"), None);
        assert_eq!(text.0.chars().count(), REPLY_CHARS);
    }
}
