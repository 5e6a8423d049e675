//! Anthropic's messages, and what servers that are like it make of them.
//!
//! Read here and not by `genai`, whose reader keeps a line however long it is, adds counts up until they
//! overflow, and takes blocks that are written side by side for one. It is still asked where a provider is.

mod calls;
mod event;
mod request;
#[cfg(test)]
mod tests;

use deskhand_domain::prompt::{self, Answer, Prompt};
use genai::adapter::AdapterKind;
use genai::chat::StopReason;
use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use serde_json::Value;

use self::calls::Calls;
use self::event::{Block, Delta, Event, Usage};
use super::answer::{MOST_TOKENS, Parts, Text};
use super::failure::Failures;
use super::manner::{Manner, Manners, Remedies, Thinking};
use super::stream::{Reader, Stage};
use super::{completions, sse};
use crate::{Deltas, ModelError};

/// The version of the format.
const VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

/// A model that may not be told so says what it may be told; one that thinks wants its thoughts back.
const REMEDIES: Remedies = &[
    ("between_tools", Thinking::BetweenTools),
    ("thinking", Thinking::Disabled),
];

/// Whether that provider speaks Anthropic's messages for this model.
pub(super) fn speaks(kind: AdapterKind, model: &str) -> bool {
    match kind {
        AdapterKind::Anthropic | AdapterKind::MiniMax => true,
        // It speaks both.
        AdapterKind::OpenCodeGo => !completions::speaks(kind, model),
        _ => false,
    }
}

/// One model behind Anthropic's messages.
pub(super) struct Messages {
    http: reqwest::Client,
    kind: AdapterKind,
    model: String,
    key: HeaderValue,
    manners: Manners,
}

impl Messages {
    /// None if the key cannot stand in a header.
    pub(super) fn new(
        kind: AdapterKind,
        model: &str,
        key: &str,
        http: reqwest::Client,
    ) -> Option<Self> {
        let mut key = HeaderValue::from_str(key).ok()?;
        key.set_sensitive(true);
        let first = Manner {
            thinking: match request::thinks_unasked(model) {
                true => Thinking::Disabled,
                false => Thinking::Unsaid,
            },
            counts: true,
        };
        Some(Self {
            http,
            kind,
            model: model.to_owned(),
            key,
            manners: Manners::new(first, REMEDIES),
        })
    }

    /// One try at one answer.
    pub(super) async fn read(
        &self,
        url: &Url,
        prompt: &Prompt<'_>,
        failures: &Failures<'_>,
        deltas: &mut dyn Deltas,
    ) -> Result<Answer, ModelError> {
        let request = |manner: Manner| {
            let body = request::body(prompt, self.kind, &self.model, manner.thinking)?;
            Ok(self
                .http
                .post(url.clone())
                .header("x-api-key", self.key.clone())
                .header("anthropic-version", VERSION)
                .header(CONTENT_TYPE, "application/json")
                .header(ACCEPT, "text/event-stream")
                .body(body))
        };
        let reader = || Reading::new(failures);
        let read = self.manners.ask(request, reader, failures, deltas).await?;
        read.finish(prompt)
    }
}

/// An answer while it is read.
struct Reading<'a> {
    failures: &'a Failures<'a>,
    text: Text,
    calls: Calls,
    tokens: Tokens,
    stop: Option<StopReason>,
    /// A word, a call or a thought has come.
    has_begun: bool,
    /// `message_stop` has come.
    is_done: bool,
}

impl Reader for Reading<'_> {
    fn take(&mut self, event: &sse::Event, deltas: &mut dyn Deltas) -> Result<(), ModelError> {
        let data = event.data.trim_ascii();
        let told = Event::read(data);
        if event.is_error || told.as_ref().is_some_and(Event::is_error) {
            let body: Value = serde_json::from_slice(data).unwrap_or(Value::Null);
            return Err(self.failures.in_stream(&body));
        }
        let Some(told) = told else {
            return Err(ModelError::retry(
                "the stream holds something else than an answer",
            ));
        };
        let index = told.index.count();
        let says = match told.kind() {
            "message_start" => {
                self.tokens.count(&told.message.object().usage.object());
                false
            }
            "content_block_start" => self.begin(index, told.content_block.object(), deltas),
            "content_block_delta" => self.go_on(index, &told.delta.object(), deltas)?,
            "message_delta" => {
                self.tokens.count(&told.usage.object());
                let delta = told.delta.object();
                let reason = delta.stop_reason.text();
                if !reason.is_empty() {
                    self.stop = Some(StopReason::from(reason.to_owned()));
                }
                !reason.is_empty()
            }
            "message_stop" => {
                self.is_done = true;
                return Ok(());
            }
            // Signs of life, the ends of blocks, and what may be thought of one day.
            _ => false,
        };
        if says {
            self.has_begun = true;
            deltas.alive();
        }
        Ok(())
    }

    fn stage(&self) -> Stage {
        if self.is_done {
            Stage::Done
        } else if self.has_begun {
            Stage::Begun
        } else {
            Stage::Awaited
        }
    }
}

impl<'a> Reading<'a> {
    fn new(failures: &'a Failures<'a>) -> Self {
        Self {
            failures,
            text: Text::default(),
            calls: Calls::default(),
            tokens: Tokens::default(),
            stop: None,
            has_begun: false,
            is_done: false,
        }
    }

    /// A block begins. Whether that says anything.
    fn begin(&mut self, index: Option<u64>, block: Block<'_>, deltas: &mut dyn Deltas) -> bool {
        let kind = block.r#type.text();
        if kind == "tool_use" {
            self.calls.begin(index, block);
            return true;
        }
        self.calls.pass(index);
        match kind {
            // Mostly empty yet.
            "text" => self.words(block.text.text(), deltas),
            "thinking" | "redacted_thinking" => true,
            _ => false,
        }
    }

    /// A block goes on. Whether that says anything.
    fn go_on(
        &mut self,
        index: Option<u64>,
        delta: &Delta<'_>,
        deltas: &mut dyn Deltas,
    ) -> Result<bool, ModelError> {
        Ok(match delta.r#type.text() {
            "text_delta" => self.words(delta.text.text(), deltas),
            "input_json_delta" => {
                let piece = delta.partial_json.text();
                self.calls.add(index, piece)?;
                !piece.is_empty()
            }
            "thinking_delta" | "signature_delta" => true,
            _ => false,
        })
    }

    fn words(&mut self, words: &str, deltas: &mut dyn Deltas) -> bool {
        if let Some(piece) = self.text.push(words) {
            deltas.text(piece);
        }
        !words.is_empty()
    }

    fn finish(self, prompt: &Prompt<'_>) -> Result<Answer, ModelError> {
        if !self.is_done {
            return Err(ModelError::retry("the answer was cut off"));
        }
        let parts = Parts {
            text: self.text,
            stop: self.stop,
            usage: self.tokens.usage(),
            calls: self.calls.finish()?,
        };
        parts.into_answer(prompt)
    }
}

/// The counts so far. Each is a running one, told again whenever it may have grown, so that the largest
/// is the latest; servers that do not know one yet say 0.
#[derive(Default)]
struct Tokens {
    input: Option<u64>,
    put_into_cache: Option<u64>,
    out_of_cache: Option<u64>,
    output: Option<u64>,
}

impl Tokens {
    fn count(&mut self, usage: &Usage<'_>) {
        for (so_far, told) in [
            (&mut self.input, &usage.input_tokens),
            (&mut self.put_into_cache, &usage.cache_creation_input_tokens),
            (&mut self.out_of_cache, &usage.cache_read_input_tokens),
            (&mut self.output, &usage.output_tokens),
        ] {
            *so_far = (*so_far).max(told.count().map(|count| count.min(MOST_TOKENS)));
        }
    }

    fn usage(&self) -> Option<prompt::Usage> {
        let input = [self.input, self.put_into_cache, self.out_of_cache];
        let is_told = input.iter().chain([&self.output]).any(Option::is_some);
        is_told.then(|| prompt::Usage {
            input_tokens: input.iter().flatten().sum::<u64>().min(MOST_TOKENS),
            output_tokens: self.output.unwrap_or(0),
        })
    }
}
