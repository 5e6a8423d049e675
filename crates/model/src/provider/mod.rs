//! Models behind a provider's API: chat completions by [`completions`], Anthropic's messages by
//! [`anthropic`], other formats through `genai`.
//!
//! Always its streaming call: its one-shot call refuses a whole answer when the arguments of a tool
//! call are broken JSON, its stream hands them over as text. Its errors hold the request: they are
//! never logged or formatted, [`failure`] picks what is safe out of them.

mod answer;
mod anthropic;
mod completions;
mod failure;
mod manner;
mod messages;
mod sse;
mod stream;

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_trait::async_trait;
use deskhand_domain::limits::{
    ARGUMENTS_BYTES, IDLE_PER_PROVIDER, MODEL_ANSWER, MODEL_FIRST_TOKEN, MODEL_SILENCE,
};
use deskhand_domain::prompt::{Answer, Prompt};
use futures_util::{FutureExt, StreamExt};
use genai::adapter::AdapterKind;
use genai::chat::{ChatOptions, ChatStreamEvent};
use genai::resolver::{AuthData, Endpoint};
use genai::{Client, ModelIden};
use reqwest::Url;
use tokio::sync::OnceCell;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;

use self::answer::{Parts, Text, too_long};
use self::anthropic::Messages;
use self::completions::Completions;
use self::failure::{Failures, late};
use crate::registry::RegistryError;
use crate::window::window_tokens;
use crate::{Deltas, Model, ModelError};

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
pub fn known() -> Vec<&'static str> {
    AdapterKind::all()
        .iter()
        .map(AdapterKind::as_lower_str)
        .filter(|name| kind(name).is_some())
        .collect()
}

/// The client for all providers: no proxies from the environment, no redirects, no hidden re-sends, a
/// bounded number of idle connections.
pub(crate) fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    // The address is the operator's, so this is not the guarded way out to tenants' addresses.
    #[allow(clippy::disallowed_methods)]
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(IDLE_PER_PROVIDER)
        .build()
}

/// The base that the provider's paths are joined to: it always ends in a slash.
pub(crate) fn base_url(kind: AdapterKind, given: &str) -> Result<String, RegistryError> {
    let bad = || RegistryError::BadUrl(given.chars().take(200).collect());
    let url = Url::parse(given.trim()).map_err(|_| bad())?;
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
    let path = ["/chat/completions", "/messages"]
        .iter()
        .find_map(|end| path.strip_suffix(end))
        .unwrap_or(path);
    let versioned = matches!(kind, AdapterKind::OpenAI | AdapterKind::Anthropic);
    let path = if path.is_empty() && versioned {
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
    format: Format,
    /// Where it is asked in a format that is read here, once that has been found out.
    url: OnceCell<Url>,
    key: String,
    window_tokens: usize,
}

/// What a provider speaks.
enum Format {
    Completions(Completions),
    Messages(Messages),
    /// Left to `genai`.
    Other,
}

impl Format {
    /// None if the key cannot stand in a header.
    fn of(kind: AdapterKind, model: &str, key: &str, http: &reqwest::Client) -> Option<Self> {
        Some(if completions::speaks(kind, model) {
            Self::Completions(Completions::new(kind, model, key, http.clone())?)
        } else if anthropic::speaks(kind, model) {
            Self::Messages(Messages::new(kind, model, key, http.clone())?)
        } else {
            Self::Other
        })
    }
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
        let format = Format::of(kind, model, &key, &http).ok_or_else(|| {
            RegistryError::Client("the API key cannot stand in a header".to_owned())
        })?;
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
            options: options(),
            format,
            url: OnceCell::new(),
            key,
            window_tokens: window_tokens(provider, model),
        })
    }

    async fn read(
        &self,
        prompt: &Prompt<'_>,
        deltas: &mut dyn Deltas,
    ) -> Result<Answer, ModelError> {
        let failures = Failures {
            prompt,
            key: &self.key,
        };
        // Those below log what goes over the wire at their lowest level: they get no ear.
        match &self.format {
            Format::Completions(completions) => {
                let url = self.url("chat/completions", &failures).await?;
                completions
                    .read(url, prompt, &failures, deltas)
                    .with_subscriber(Dispatch::none())
                    .await
            }
            Format::Messages(messages) => {
                let url = self.url("messages", &failures).await?;
                messages
                    .read(url, prompt, &failures, deltas)
                    .with_subscriber(Dispatch::none())
                    .await
            }
            // Its adapters add up what they are told; whatever a server sends, it ends no process and
            // leaves no turn without an answer.
            Format::Other => AssertUnwindSafe(self.read_with_genai(prompt, &failures, deltas))
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(ModelError::retry("the answer could not be read"))),
        }
    }

    /// Where the provider is asked: `path` behind its base.
    async fn url(&self, path: &str, failures: &Failures<'_>) -> Result<&Url, ModelError> {
        self.url
            .get_or_try_init(|| async {
                let target = self
                    .client
                    .resolve_service_target(self.model.clone())
                    .await
                    .map_err(|error| failures.judge(&error))?;
                Url::parse(&format!("{}{path}", target.endpoint.base_url()))
                    .map_err(|_| ModelError::give_up("the provider's address is not a URL"))
            })
            .await
    }

    async fn read_with_genai(
        &self,
        prompt: &Prompt<'_>,
        failures: &Failures<'_>,
        deltas: &mut dyn Deltas,
    ) -> Result<Answer, ModelError> {
        let begin_by = Instant::now() + MODEL_FIRST_TOKEN;
        let request = messages::request(prompt);
        // `genai` logs a provider's answers, which may quote the conversation: it gets no ear.
        let asking = self
            .client
            .exec_chat_stream(self.model.clone(), request, Some(&self.options))
            .with_subscriber(Dispatch::none());
        let mut stream = timeout_at(begin_by, asking)
            .await
            .map_err(|_| late())?
            .map_err(|error| failures.judge(&error))?
            .stream;
        let mut text = Text::default();
        let mut has_begun = false;
        loop {
            let next = stream.next().with_subscriber(Dispatch::none());
            let next = if has_begun {
                next.await
            } else {
                timeout_at(begin_by, next).await.map_err(|_| late())?
            };
            let event = match next {
                Some(Ok(event)) => event,
                Some(Err(error)) => return Err(failures.judge(&error)),
                None => return Err(ModelError::retry("the answer was cut off")),
            };
            match event {
                // What comes before the first word, or says nothing.
                ChatStreamEvent::Start | ChatStreamEvent::Heartbeat => continue,
                ChatStreamEvent::Chunk(chunk) if chunk.content.is_empty() => continue,
                ChatStreamEvent::Chunk(chunk) => {
                    if let Some(piece) = text.push(&chunk.content) {
                        deltas.text(piece);
                    }
                }
                ChatStreamEvent::ToolCallChunk(chunk) => {
                    let size = chunk.tool_call.fn_arguments.as_str().map_or(0, str::len);
                    if size > ARGUMENTS_BYTES {
                        return Err(too_long());
                    }
                }
                ChatStreamEvent::End(end) => {
                    return Parts::gathered(text, end).into_answer(prompt);
                }
                ChatStreamEvent::ReasoningChunk(_) | ChatStreamEvent::ThoughtSignatureChunk(_) => {}
            }
            has_begun = true;
            deltas.alive();
        }
    }
}

#[async_trait]
impl Model for Provider {
    async fn answer(
        &self,
        prompt: &Prompt<'_>,
        deltas: &mut dyn Deltas,
    ) -> Result<Answer, ModelError> {
        // Silence is bounded inside; this bounds an answer that trickles on for ever.
        timeout(MODEL_ANSWER, self.read(prompt, deltas))
            .await
            .unwrap_or_else(|_| Err(ModelError::retry("the answer did not end in time")))
    }

    fn window_tokens(&self) -> usize {
        self.window_tokens
    }
}

fn options() -> ChatOptions {
    ChatOptions::default()
        .with_capture_usage(true)
        .with_capture_tool_calls(true)
        .with_stream_header_timeout(MODEL_FIRST_TOKEN)
        .with_stream_read_timeout(MODEL_SILENCE)
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
        for given in [
            "http://proxy",
            "http://proxy/v1",
            "http://proxy/v1/messages",
        ] {
            assert_eq!(
                base_url(AdapterKind::Anthropic, given).unwrap(),
                "http://proxy/v1/"
            );
        }
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
}
