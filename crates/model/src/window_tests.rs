use deskhand_domain::prompt::{ToolCall, ToolResult};
use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn known_models_have_their_windows() {
    for (provider, model, tokens) in [
        ("anthropic", "claude-sonnet-4-5", 200_000),
        ("openai", "gpt-4", 8_192),
        ("openai", "gpt-4-turbo-2024-04-09", 128_000),
        ("openai", "gpt-4o-mini", 128_000),
        ("openai", "ft:gpt-4o-mini:acme::1", 128_000),
        ("openai", "o3-mini", 200_000),
        ("gemini", "gemini-2.5-flash", LARGEST_WINDOW_TOKENS),
        ("openai", "meta-llama/Llama-3.1-8B-Instruct", 32_768),
        ("openai", "Qwen/Qwen3-8B", 32_768),
        ("openai", "our-own", UNKNOWN_WINDOW_TOKENS),
        ("ollama", "qwen3", 4_096),
    ] {
        assert_eq!(
            window_tokens(provider, model),
            tokens,
            "{provider}::{model}"
        );
    }
}

fn customer(text: &str) -> Entry<'static> {
    Entry::Customer {
        text: text.to_owned().into(),
    }
}

fn agent(text: &str) -> Entry<'static> {
    Entry::Agent {
        text: text.to_owned().into(),
        calls: Cow::default(),
    }
}

fn looked_up(id: &str, result: Value) -> [Entry<'static>; 2] {
    [
        Entry::Agent {
            text: Cow::default(),
            calls: Cow::Owned(vec![ToolCall {
                id: id.to_owned(),
                name: "look".to_owned(),
                arguments: "{}".to_owned(),
            }]),
        },
        Entry::Results {
            results: Cow::Owned(vec![ToolResult {
                call_id: id.to_owned(),
                name: "look".to_owned(),
                invocation_id: None,
                content: json!({"status": "succeeded", "result": result, "note": "data"}),
            }]),
        },
    ]
}

fn prompt(entries: Vec<Entry<'_>>) -> Prompt<'_> {
    Prompt {
        instructions: "Be kind.".to_owned(),
        entries,
        tools: Vec::new(),
    }
}

#[test]
fn the_oldest_turns_go_first() {
    let mut entries = Vec::new();
    for n in 0..10 {
        entries.push(customer(&format!("{n}{}", "x".repeat(999))));
        entries.extend(looked_up(&format!("c{n}"), json!({"n": n})));
        entries.push(agent(&"y".repeat(999)));
    }
    let prompt = prompt(entries);
    // 3,300 tokens less 825 for the answer: 7,425 bytes, three turns of a good 2,300.
    let fitted = fit(&prompt, 3_300);
    assert!(fitted.entries == prompt.entries[28..]);
    assert_eq!(fitted.instructions, "Be kind.");
}

#[test]
fn what_fits_is_not_touched() {
    let prompt = prompt(vec![customer("Hi"), agent("Hello!"), customer("Bye")]);
    assert!(matches!(fit(&prompt, 1_000), Cow::Borrowed(_)));
}

#[test]
fn a_turn_that_is_too_large_alone_has_its_results_shortened() {
    let mut entries = vec![
        customer("Earlier"),
        agent("Yes?"),
        customer("List them all"),
    ];
    let rows: Vec<_> = (0..500)
        .map(|n| json!({"row": n, "name": "something"}))
        .collect();
    entries.extend(looked_up("a", json!({"rows": rows})));
    entries.extend(looked_up("b", json!({"status": "shipped"})));
    let prompt = prompt(entries);
    let fitted = fit(&prompt, 2_000);
    assert_eq!(fitted.entries.len(), 5);
    assert_eq!(fitted.entries[0], customer("List them all"));
    let Entry::Results { results } = &fitted.entries[2] else {
        panic!("results stay where they were");
    };
    let content = &results[0].content;
    assert_eq!(content["status"], "succeeded");
    assert_eq!(content["result"]["rows"][0]["row"], 0);
    assert!(content["left_out_bytes"].as_u64().unwrap() > 5_000);
    assert_eq!(fitted.entries[4], prompt.entries[6]);
    let size: usize = fitted.entries.iter().map(entry_bytes).sum();
    assert!(size <= entries_budget(&prompt, 2_000), "{size}");
}

/// A turn: a message, some calls with their results, a reply or none.
fn turn() -> impl Strategy<Value = (usize, Vec<Vec<usize>>, Option<usize>)> {
    (
        1usize..400,
        prop::collection::vec(prop::collection::vec(0usize..1_500, 1..3), 0..3),
        prop::option::of(1usize..400),
    )
}

fn conversation() -> impl Strategy<Value = Vec<Entry<'static>>> {
    prop::collection::vec(turn(), 1..8).prop_map(|turns| {
        let mut entries = Vec::new();
        let mut made = 0;
        let last = turns.len() - 1;
        for (n, (said, steps, reply)) in turns.into_iter().enumerate() {
            entries.push(customer(&"c".repeat(said)));
            for sizes in steps {
                let ids: Vec<String> = sizes
                    .iter()
                    .map(|_| {
                        made += 1;
                        format!("call{made}")
                    })
                    .collect();
                entries.push(Entry::Agent {
                    text: Cow::default(),
                    calls: ids
                        .iter()
                        .map(|id| ToolCall {
                            id: id.clone(),
                            name: "look".to_owned(),
                            arguments: "{}".to_owned(),
                        })
                        .collect::<Vec<_>>()
                        .into(),
                });
                entries.push(Entry::Results {
                    results: ids
                        .iter()
                        .zip(sizes)
                        .map(|(id, size)| ToolResult {
                            call_id: id.clone(),
                            name: "look".to_owned(),
                            invocation_id: None,
                            content: json!({"status": "succeeded", "result": "r".repeat(size)}),
                        })
                        .collect::<Vec<_>>()
                        .into(),
                });
            }
            if let Some(length) = reply.filter(|_| n < last) {
                entries.push(agent(&"a".repeat(length)));
            }
        }
        entries
    })
}

/// The same but for what the results say.
fn shape<'a>(entry: &Entry<'a>) -> Entry<'a> {
    let mut entry = entry.clone();
    if let Entry::Results { results } = &mut entry {
        for result in results.to_mut() {
            result.content = Value::Null;
        }
    }
    entry
}

/// Any JSON, with strings that have to be escaped.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[\\x00-\\x7f]{0,40}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inside| {
        prop_oneof![
            prop::collection::vec(inside.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[\\x00-\\x7f]{0,9}", inside), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_is_as_long_as_it_is_written(value in json_value()) {
        prop_assert_eq!(json_bytes(&value), value.to_string().len());
    }

    #[test]
    fn whole_turns_go_and_everything_else_stays(
        entries in conversation(),
        window in 100usize..6_000,
    ) {
        let prompt = prompt(entries);
        let budget = entries_budget(&prompt, window);
        let fitted = fit(&prompt, window);
        let kept = &fitted.entries;
        let from = prompt.entries.len() - kept.len();
        let size = |entries: &[Entry<'_>]| entries.iter().map(entry_bytes).sum::<usize>();

        // A whole number of turns from the end, the newest among them.
        let begins_a_turn = matches!(kept[0], Entry::Customer { .. });
        prop_assert!(begins_a_turn);
        let newest = newest_turn(&prompt.entries);
        prop_assert!(from <= newest);
        for (kept, was) in kept.iter().zip(&prompt.entries[from..]) {
            prop_assert_eq!(shape(kept), shape(was));
        }
        // Every call has its result right behind it.
        for (n, entry) in kept.iter().enumerate() {
            if let Entry::Agent { calls, .. } = entry && !calls.is_empty() {
                let Some(Entry::Results { results }) = kept.get(n + 1) else {
                    return Err(TestCaseError::fail("a call without results"));
                };
                for (call, result) in calls.iter().zip(results.iter()) {
                    prop_assert_eq!(&call.id, &result.call_id);
                }
            }
        }
        if size(&prompt.entries[newest..]) <= budget {
            // It fits as it is, and one more turn would not.
            prop_assert!(size(kept) <= budget);
            prop_assert_eq!(&kept[..], &prompt.entries[from..]);
            if from > 0 {
                let before = newest_turn(&prompt.entries[..from]);
                prop_assert!(size(&prompt.entries[before..]) > budget);
            }
        } else {
            prop_assert_eq!(from, newest);
            prop_assert!(size(kept) <= size(&prompt.entries[newest..]) + 64);
        }
    }
}
