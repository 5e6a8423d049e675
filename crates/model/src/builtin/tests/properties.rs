use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use deskhand_domain::clock::Entropy;
use deskhand_domain::contact::Contact;
use deskhand_domain::conversation::Speaker;
use deskhand_domain::grounding::normal::fold;
use deskhand_domain::grounding::{Evidence, Refused, Rules, Utterance, ground};
use deskhand_domain::id::MessageId;
use deskhand_domain::prompt::{Entry, Prompt, Tool, ToolResult};
use deskhand_domain::report::Report;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::respond;
use super::shops::{account, salon, shop};

/// Scraps that messages are made of: requests, values, spellings of values, and noise.
const SCRAPS: &[&str] = &[
    "where is my order",
    "cancel",
    "refund",
    "my money back",
    "book an appointment",
    "a haircut",
    "change my email",
    "ORD-12345",
    "ord 222",
    "12345",
    "#77",
    "BK7-QX21",
    "ada@example.com",
    "$49.90",
    "20 dollars",
    "3 guests",
    "because it broke",
    "the reason is size",
    "yes",
    "no",
    "never mind",
    "thanks",
    "hello",
    "2027-05-03",
    "and",
    "or",
    "not",
    "?",
    "it's",
    "order number is",
    "e.g.,",
    "open a ticket",
    "the app is slow and I am sad",
    "high",
    "\u{1F642}",
    "Ünïcödé",
    "\n",
];

fn message() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(prop::sample::select(SCRAPS), 0..6).prop_map(|all| all.join(" ")),
        1 => "\\PC{0,80}",
    ]
}

fn tools() -> impl Strategy<Value = Vec<Arc<Tool>>> {
    prop_oneof![
        Just(shop()),
        Just(salon()),
        Just(account()),
        Just(Vec::new()),
        Just([shop(), salon(), account()].concat()),
    ]
    .prop_map(|tools| tools.into_iter().map(Arc::new).collect())
}

fn result() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        Just(json!("2027-01-01T10:00:00Z")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(
                (
                    prop::sample::select(
                        &[
                            "status",
                            "eta",
                            "total",
                            "message",
                            "ok",
                            "items",
                            "tracking_number",
                            "x"
                        ][..]
                    ),
                    inner
                ),
                0..6
            )
            .prop_map(|pairs| pairs
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
        ]
    })
}

fn report() -> impl Strategy<Value = Report> {
    prop_oneof![
        result().prop_map(|result| Report::succeeded(Some(&result), None)),
        "\\PC{0,40}".prop_map(|error| Report::declined(&error)),
        Just(Report::declined("Order not found")),
        Just(Report::Failed {
            message: String::new()
        }),
        Just(Report::NeedsInput {
            problems: Vec::new(),
            message: String::new()
        }),
    ]
}

/// The owner's own words: what a schema lists.
fn listed(tool: &Tool) -> HashSet<String> {
    tool.parameters["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, property)| property["enum"].as_array())
        .flatten()
        .map(ToString::to_string)
        .collect()
}

#[derive(Debug)]
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// What the dispatch would refuse to send.
pub(super) fn refused(
    entries: &[Entry],
    tool: &Tool,
    arguments: &Map<String, Value>,
) -> Vec<Refused> {
    let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let id = MessageId::new(now, &Zeros);
    let utterances: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let (speaker, text) = match entry {
                Entry::Customer { text } => (Speaker::Customer, text),
                Entry::Agent { text, .. } => (Speaker::Agent, text),
                Entry::Results { .. } => return None,
            };
            Some(Utterance {
                id,
                speaker,
                text,
                at: now,
            })
        })
        .collect();
    let contact = Contact::default();
    let evidence = Evidence::new(utterances, &contact, Vec::new());
    ground(&Rules::compile(&tool.parameters), arguments, &evidence).refused
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_value_was_said_and_something_is_always_answered(
        tools in tools(),
        lines in prop::collection::vec((message(), report()), 1..6),
    ) {
        let mut prompt = Prompt { tools, ..Prompt::default() };
        let mut said = String::new();
        for (line, report) in lines {
            said.push_str(&line);
            said.push('\n');
            prompt.entries.push(Entry::Customer { text: line.into() });
            let mut answer = respond(&prompt);
            prop_assert_eq!(&answer, &respond(&prompt));
            if !answer.calls.is_empty() {
                let mut results = Vec::new();
                for call in &answer.calls {
                    let tool = prompt.tools.iter().find(|tool| tool.name == call.name).unwrap();
                    let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
                    let refused = refused(&prompt.entries, tool, arguments.as_object().unwrap());
                    prop_assert!(refused.is_empty(), "{refused:?} in {said:?}");
                    for (name, value) in arguments.as_object().unwrap() {
                        let grounded = match value {
                            // Numbers count by value, which the grounding rules have looked at.
                            Value::Bool(_) | Value::Number(_) => true,
                            Value::String(text) => fold(&said).contains(&fold(text)),
                            _ => false,
                        };
                        prop_assert!(
                            grounded || listed(tool).contains(&value.to_string()),
                            "{name} = {value} was never said in {said:?}"
                        );
                    }
                    results.push(ToolResult {
                        call_id: call.id.clone(),
                        invocation_id: None,
                        name: call.name.clone(),
                        content: report.to_value(),
                    });
                }
                prompt.entries.push(Entry::Agent { text: answer.text.into(), calls: answer.calls.into() });
                prompt.entries.push(Entry::Results { results: results.into() });
                answer = respond(&prompt);
                prop_assert!(answer.calls.is_empty());
            }
            prop_assert!(!answer.text.trim().is_empty());
            prompt.entries.push(Entry::Agent { text: answer.text.into(), calls: Cow::default() });
        }
    }

    #[test]
    fn no_words_at_all_break_it(tools in tools(), text in any::<String>()) {
        let prompt = Prompt {
            tools,
            entries: vec![Entry::Customer { text: text.into() }],
            ..Prompt::default()
        };
        let answer = respond(&prompt);
        prop_assert!(!answer.text.is_empty() || !answer.calls.is_empty());
    }
}
