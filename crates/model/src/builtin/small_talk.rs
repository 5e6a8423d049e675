//! Turns of phrase that ask for nothing, or change what was asked.

use super::evidence::says_any;
use super::words::words;

/// Takes back what was said before: the last value counts.
pub(super) fn corrects(text: &str) -> bool {
    says_any(text, &["sorry", "mean", "meant", "correction", "oops"])
}

/// "Never mind", "forget it": whatever was open is not wanted any more.
pub(super) fn drops_it(text: &str) -> bool {
    let lower = text.to_lowercase().replace('’', "'");
    [
        "never mind",
        "nevermind",
        "forget it",
        "forget about it",
        "no thanks",
        "no, thanks",
        "no thank you",
        "leave it",
        "not any more",
        "not anymore",
    ]
    .iter()
    .any(|phrase| lower.contains(phrase))
        || matches!(words(text).as_slice(), [word] if matches!(word.as_str(), "no" | "nope" | "stop"))
}

/// Whoever is not a machine.
const PEOPLE: &[&str] = &[
    "human",
    "humans",
    "person",
    "people",
    "someone",
    "somebody",
    "anyone",
    "anybody",
    "agent",
    "representative",
    "rep",
    "operator",
    "advisor",
    "adviser",
    "manager",
    "supervisor",
    "colleague",
    "staff",
    "team",
];
/// What one does with them.
const TALKING: &[&str] = &[
    "talk", "talking", "speak", "speaking", "chat", "connect", "transfer", "escalate", "through",
];

/// "Can I talk to a human?", "a real person please", "put me through to somebody".
pub(super) fn asks_for_a_person(text: &str) -> bool {
    let words = words(text);
    let says = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if !says(PEOPLE) || says(&["don't", "not", "never", "without"]) {
        return false;
    }
    let wants = says(&[
        "human",
        "representative",
        "operator",
        "real",
        "live",
        "actual",
    ]) && says(&[
        "want", "need", "get", "give", "please", "like", "have", "is", "are",
    ]);
    says(TALKING) || wants || words.len() <= 3 && says(&["human", "agent", "person", "operator"])
}

const GREETINGS: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "hiya",
    "good",
    "morning",
    "afternoon",
    "evening",
    "day",
    "there",
    "greetings",
    "howdy",
    "dear",
    "team",
    "everyone",
];
const THANKS: &[&str] = &[
    "thanks",
    "thank",
    "you",
    "thx",
    "cheers",
    "great",
    "perfect",
    "awesome",
    "so",
    "much",
    "very",
    "a",
    "lot",
    "many",
    "that's",
    "that",
    "is",
    "was",
    "all",
    "for",
    "your",
    "the",
    "help",
    "ok",
    "okay",
    "cool",
    "nice",
    "wonderful",
    "lovely",
    "excellent",
    "super",
    "bye",
    "goodbye",
    "no",
    "it",
    "appreciate",
    "appreciated",
    "really",
    "good",
    "helpful",
    "have",
    "day",
    "i'm",
    "im",
    "fine",
    "then",
    "now",
    "got",
    "understood",
    "alright",
    "right",
    "and",
    "yes",
];

/// Nothing but a greeting.
pub(super) fn is_greeting(text: &str) -> bool {
    let words = words(text);
    !words.is_empty() && words.iter().all(|word| GREETINGS.contains(&word.as_str()))
}

/// Nothing but thanks, a farewell or an "ok".
pub(super) fn is_thanks(text: &str) -> bool {
    let words = words(text);
    !words.is_empty()
        && words.iter().all(|word| THANKS.contains(&word.as_str()))
        && words.iter().any(|word| {
            [
                "thanks",
                "thank",
                "thx",
                "cheers",
                "great",
                "perfect",
                "awesome",
                "ok",
                "okay",
                "cool",
                "nice",
                "wonderful",
                "lovely",
                "excellent",
                "super",
                "bye",
                "goodbye",
                "appreciate",
                "appreciated",
                "understood",
                "alright",
                "got",
            ]
            .contains(&word.as_str())
        })
}

/// Asks for nothing.
pub(super) fn is_small_talk(text: &str) -> bool {
    is_greeting(text) || is_thanks(text)
}

/// Wants something, rather than answering.
pub(super) fn looks_like_request(text: &str) -> bool {
    text.contains('?')
        || says_any(
            text,
            &[
                "please", "want", "can", "could", "need", "would", "instead", "actually", "where",
            ],
        )
}
