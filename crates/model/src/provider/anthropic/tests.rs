use deskhand_domain::limits::{ARGUMENTS_BYTES, CALLS_PER_ANSWER};
use deskhand_domain::prompt::ToolCall;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::event::Kept;
use super::*;
use crate::provider::Provider;
use crate::provider::stream::Feed;

#[derive(Default)]
struct Shown(String);

impl Deltas for Shown {
    fn text(&mut self, piece: &str) {
        self.0.push_str(piece);
    }
    fn reset(&mut self) {
        self.0.clear();
    }
}

/// What becomes of a stream that is cut at these places, and what was shown of it.
fn read(stream: &[u8], cuts: &[Index]) -> (Result<Answer, ModelError>, String) {
    let prompt = Prompt::default();
    let failures = Failures {
        prompt: &prompt,
        key: "sk-secret",
    };
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    let mut shown = Shown::default();
    let mut feed = Feed::new(Reading::new(&failures));
    let fed = cuts
        .windows(2)
        .try_for_each(|piece| feed.take(&stream[piece[0]..piece[1]], &mut shown));
    let outcome = fed
        .and_then(|()| feed.end(&mut shown))
        .and_then(|reading| reading.finish(&prompt));
    (outcome, shown.0)
}

/// A block of a message: its beginning, what is added to it, and what it comes to.
#[derive(Debug, Clone)]
enum Part {
    Words(Vec<String>),
    Call(String, Vec<String>),
    Thought(Vec<String>),
    Unknown,
}

fn part() -> impl Strategy<Value = Part> {
    let pieces = || prop::collection::vec("[a-zé🙂\"\\\\{} \n\r:]{0,6}", 0..5);
    prop_oneof![
        pieces().prop_map(Part::Words),
        ("[a-z_]{1,9}", pieces()).prop_map(|(name, pieces)| Part::Call(name, pieces)),
        pieces().prop_map(Part::Thought),
        Just(Part::Unknown),
    ]
}

impl Part {
    fn events(&self, index: usize) -> Vec<Value> {
        let (block, kind, field, pieces) = match self {
            Self::Words(pieces) => (
                json!({"type": "text", "text": ""}),
                "text_delta",
                "text",
                pieces.as_slice(),
            ),
            Self::Call(name, pieces) => (
                json!({"type": "tool_use", "id": format!("toolu_{index}"), "name": name, "input": {}}),
                "input_json_delta",
                "partial_json",
                pieces.as_slice(),
            ),
            Self::Thought(pieces) => (
                json!({"type": "thinking", "thinking": ""}),
                "thinking_delta",
                "thinking",
                pieces.as_slice(),
            ),
            Self::Unknown => (json!({"type": "hologram"}), "", "", &[][..]),
        };
        let mut events =
            vec![json!({"type": "content_block_start", "index": index, "content_block": block})];
        events.extend(pieces.iter().map(|piece| {
            json!({"type": "content_block_delta", "index": index,
                "delta": {"type": kind, field: piece}})
        }));
        events.push(json!({"type": "content_block_stop", "index": index}));
        events
    }
}

/// The blocks' events side by side: the next one is of the block that the order says.
fn mixed(parts: &[Part], order: &[Index]) -> Vec<Value> {
    let mut left: Vec<_> = parts
        .iter()
        .enumerate()
        .map(|(index, part)| part.events(index).into_iter())
        .collect();
    let mut all = vec![json!({"type": "message_start", "message": {"usage": {"input_tokens": 3}}})];
    for turn in order {
        if !left.is_empty() {
            all.extend(left[turn.index(parts.len())].next());
        }
    }
    all.extend(left.into_iter().flatten());
    all.push(json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}));
    all.push(json!({"type": "message_stop"}));
    all
}

fn written(events: &[Value], line_end: &str) -> Vec<u8> {
    let event = |data: &Value| {
        let name = data["type"].as_str().unwrap_or_default();
        format!("event: {name}{line_end}data: {data}{line_end}{line_end}")
    };
    events.iter().map(event).collect::<String>().into_bytes()
}

/// What is to come out, by the events themselves.
fn expected(parts: &[Part], events: &[Value]) -> (String, Vec<(String, String)>) {
    let texts = events
        .iter()
        .filter_map(|event| event.pointer("/delta/text")?.as_str());
    let mut calls: Vec<(usize, String, String)> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        if let Part::Call(name, pieces) = part {
            let all = pieces.concat();
            let arguments = if matches!(all.trim(), "" | "null") {
                "{}".to_owned()
            } else {
                all
            };
            let begins =
                |event: &Value| event["type"] == "content_block_start" && event["index"] == index;
            let at = events.iter().position(begins).unwrap();
            calls.push((at, name.clone(), arguments));
        }
    }
    calls.sort();
    let calls = calls
        .into_iter()
        .map(|(_, name, arguments)| (name, arguments))
        .collect();
    (texts.collect(), calls)
}

/// Events as no server should send them.
fn odd_event() -> impl Strategy<Value = Value> {
    let index = prop_oneof![
        Just(json!(0)),
        Just(json!(1)),
        Just(json!(u64::MAX)),
        Just(json!(-1)),
        Just(json!("1")),
        Just(Value::Null),
    ];
    let kind = prop::sample::select(vec![
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "ping",
        "hologram",
        "",
    ]);
    let inside = prop::sample::select(vec![
        json!({"type": "text", "text": "a"}),
        json!({"type": "tool_use", "id": "x", "name": "f", "input": {"k": [1]}}),
        json!({"type": "tool_use", "id": 7, "name": null}),
        json!({"type": "thinking"}),
        json!({"type": "text_delta", "text": "é"}),
        json!({"type": "input_json_delta", "partial_json": "{\"a\":"}),
        json!({"type": "input_json_delta", "partial_json": "x".repeat(9_000)}),
        json!({"type": "input_json_delta", "partial_json": {}}),
        json!({"stop_reason": "tool_use"}),
        json!([[], {"a": [null]}]),
        json!(1e99),
    ]);
    (kind, index, inside).prop_map(|(kind, index, inside)| {
        json!({"type": kind, "index": index, "content_block": inside, "delta": inside,
            "message": inside, "usage": {"input_tokens": index, "output_tokens": index}})
    })
}

proptest! {
    #[test]
    fn an_answer_is_the_same_wherever_the_bytes_are_cut(
        parts in prop::collection::vec(part(), 0..6),
        order in prop::collection::vec(any::<Index>(), 0..20),
        cuts in prop::collection::vec(any::<Index>(), 0..12),
        line_end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let events = mixed(&parts, &order);
        let stream = written(&events, line_end);
        let (text, calls) = expected(&parts, &events);
        let whole = read(&stream, &[]);
        prop_assert_eq!(&read(&stream, &cuts), &whole);
        prop_assert_eq!(&whole.1, &text);
        if calls.is_empty() && text.trim().is_empty() {
            prop_assert_eq!(whole.0, Err(ModelError::retry("the answer was empty")));
            return Ok(());
        }
        let answer = whole.0.unwrap();
        prop_assert_eq!(answer.text, text);
        let told = |call: ToolCall| (call.name, call.arguments);
        prop_assert_eq!(answer.calls.into_iter().map(told).collect::<Vec<_>>(), calls);
        let usage = answer.usage.unwrap();
        prop_assert_eq!((usage.input_tokens, usage.output_tokens), (3, 5));
    }

    #[test]
    fn odd_events_are_bounded_and_read_alike_wherever_they_are_cut(
        mut events in prop::collection::vec(odd_event(), 0..60),
        cuts in prop::collection::vec(any::<Index>(), 0..12),
    ) {
        events.push(json!({"type": "message_stop"}));
        let stream = written(&events, "\n");
        let whole = read(&stream, &[]);
        prop_assert_eq!(&read(&stream, &cuts), &whole);
        if let (Ok(answer), shown) = whole {
            prop_assert_eq!(answer.text, shown);
            prop_assert!(answer.calls.len() <= CALLS_PER_ANSWER);
            prop_assert!(answer.calls.iter().all(|call| call.arguments.len() <= ARGUMENTS_BYTES));
            prop_assert!(answer.usage.is_none_or(|usage| usage.input_tokens <= MOST_TOKENS));
        }
    }

    #[test]
    fn no_bytes_are_an_answer_by_themselves(
        noise in prop::collection::vec(any::<u8>(), 0..200),
        cuts in prop::collection::vec(any::<Index>(), 0..6),
    ) {
        let stream = [b"data: {".as_slice(), &noise, b"\n\n"].concat();
        let whole = read(&stream, &[]);
        let is_retry = matches!(whole.0, Err(ModelError::Retry { .. }));
        prop_assert!(is_retry);
        prop_assert_eq!(read(&stream, &cuts), whole);
    }
}

#[test]
fn no_more_calls_are_kept_than_are_read() {
    let mut calls = Calls::default();
    for index in 0..10_000 {
        let name = Kept::Text("f".into());
        let block = Block {
            name,
            ..Block::default()
        };
        calls.begin(Some(index), block);
    }
    assert_eq!(calls.finish().unwrap().len(), CALLS_PER_ANSWER);
}

#[test]
fn each_provider_has_its_format() {
    for (kind, model, is_spoken) in [
        (AdapterKind::Anthropic, "claude-sonnet-5", true),
        (AdapterKind::MiniMax, "MiniMax-M2", true),
        (AdapterKind::OpenCodeGo, "MiniMax-m2.5", true),
        (AdapterKind::OpenCodeGo, "glm-5", false),
        (AdapterKind::OpenAI, "minimax-m2", false),
        (AdapterKind::Gemini, "gemini-2.5-pro", false),
    ] {
        assert_eq!(speaks(kind, model), is_spoken, "{kind:?} {model}");
    }
}

#[tokio::test]
async fn each_provider_is_asked_at_its_own_address() {
    let prompt = Prompt::default();
    let failures = Failures {
        prompt: &prompt,
        key: "key",
    };
    for (provider, model, address) in [
        (
            "anthropic",
            "claude-haiku-4-5",
            "https://api.anthropic.com/v1/messages",
        ),
        (
            "minimax",
            "MiniMax-M2",
            "https://api.minimax.io/anthropic/v1/messages",
        ),
        (
            "opencode_go",
            "minimax-m2.5",
            "https://opencode.ai/zen/go/v1/messages",
        ),
    ] {
        let http = reqwest::Client::new();
        let provider = Provider::new(provider, model, None, Some("key"), http).unwrap();
        let url = provider.url("messages", &failures).await.unwrap();
        assert_eq!(url.as_str(), address);
    }
}
