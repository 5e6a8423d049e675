//! Asking for a person.

use deskhand_domain::handoff;
use serde_json::Value;

use super::super::small_talk::asks_for_a_person;
use super::*;

#[test]
fn a_person_is_asked_for_in_many_ways() {
    for text in [
        "Can I talk to a human?",
        "I want to speak to a real person.",
        "Could you put me through to somebody?",
        "human please",
        "Agent!",
        "I need a human",
        "let me speak with your manager",
        "Please connect me with a representative",
        "Is there a real person I could have a word with?",
    ] {
        assert!(asks_for_a_person(text), "{text}");
    }
    for text in [
        "Where is my order ORD-12345?",
        "I don't want to talk to a human, just tell me",
        "Somebody stole my parcel",
        "Which person signed for it?",
        "Cancel the order for two people",
        "Thanks, your team is great",
        "Hello",
    ] {
        assert!(!asks_for_a_person(text), "{text}");
    }
}

fn prompt(text: &str, offered: bool) -> Prompt<'static> {
    Prompt {
        instructions: String::new(),
        entries: vec![Entry::Customer {
            text: text.to_owned().into(),
        }],
        tools: offered
            .then(|| Arc::new(handoff::tool()))
            .into_iter()
            .collect(),
    }
}

#[test]
fn it_hands_over_only_where_that_is_offered_and_asked_for() {
    let answer = respond(&prompt("Can I talk to a human?", true));
    assert_eq!(answer.calls.len(), 1);
    assert_eq!(answer.calls[0].name, handoff::TOOL);
    let arguments: Value = serde_json::from_str(&answer.calls[0].arguments).unwrap();
    assert_eq!(
        arguments["reason"],
        "The customer wrote: Can I talk to a human?"
    );
    assert!(
        respond(&prompt("Can I talk to a human?", false))
            .calls
            .is_empty()
    );
    for text in ["Hello", "What can you do?", "Tell me a joke", "Hand over"] {
        let (with, without) = (respond(&prompt(text, true)), respond(&prompt(text, false)));
        assert_eq!(with, without, "{text}");
        assert!(with.calls.is_empty(), "{text}");
    }
}
