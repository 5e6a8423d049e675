//! Whether a customer's message does nothing but agree to what the agent just said.

use super::token::{Kind, Token, tokens};
use super::{examples, normal, numbers};

/// Most words in a message that only agrees.
const MAX_WORDS: usize = 12;

/// Whether a customer's message is a plain yes: "yes please", "that's right", "ok, go ahead",
/// "yep, cancel it". Anything that questions, limits or adds a value of its own is not.
pub fn agrees(text: &str) -> bool {
    let tokens = tokens(text);
    if tokens
        .iter()
        .any(|t| matches!(t.kind, Kind::Digits(_) | Kind::Thousandths(_)) || t.is('?') || t.is('@'))
    {
        return false;
    }
    let words: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
    if words.is_empty() {
        return tokens
            .iter()
            .any(|t| t.is('👍') || t.is('✅') || t.is('👌'));
    }
    if plain_yes_elsewhere(&words) {
        return true;
    }
    if words.len() > MAX_WORDS || words.iter().any(|w| LIMITS.contains(w)) {
        return false;
    }
    if !opens_with_yes(&words) {
        return false;
    }
    // "yes, two of them" brings its own value; "yes, that one" does not.
    let counts = numbers::find(text);
    counts
        .iter()
        .all(|n| n.words_as_digits.as_deref() == Some("1"))
}

/// A yes in another language, alone or with a courtesy: what limits a yes is not known there, so
/// that any further word makes it none.
fn plain_yes_elsewhere(words: &[&str]) -> bool {
    const YES: &[&str] = &[
        "si",
        "sí",
        "oui",
        "ja",
        "jawohl",
        "genau",
        "sim",
        "да",
        "tak",
        "evet",
        "jo",
        "joo",
        "ano",
        "igen",
        "ναι",
        "так",
        "hai",
        "はい",
        "是",
        "是的",
        "对",
        "네",
        "예",
        "نعم",
        "כן",
        "हाँ",
        "हां",
        "exacto",
        "claro",
        "exact",
        "richtig",
        "stimmt",
        "correcto",
        "certo",
    ];
    const COURTESY: &[&str] = &[
        "bitte",
        "danke",
        "gracias",
        "por",
        "favor",
        "merci",
        "svp",
        "grazie",
        "per",
        "favore",
        "obrigado",
        "obrigada",
        "спасибо",
        "пожалуйста",
        "dziękuję",
        "proszę",
        "graag",
        "tack",
        "please",
        "thanks",
    ];
    words.first().is_some_and(|word| YES.contains(word))
        && words[1..]
            .iter()
            .all(|word| YES.contains(word) || COURTESY.contains(word))
}

fn opens_with_yes(words: &[&str]) -> bool {
    const YES: &[&str] = &[
        "yes",
        "yep",
        "yeah",
        "yup",
        "ya",
        "yea",
        "aye",
        "y",
        "sure",
        "correct",
        "right",
        "exactly",
        "precisely",
        "indeed",
        "absolutely",
        "definitely",
        "certainly",
        "affirmative",
        "confirmed",
        "confirm",
        "agreed",
        "ok",
        "okay",
        "okey",
        "alright",
        "perfect",
    ];
    const PHRASES: &[&[&str]] = &[
        &["thats", "right"],
        &["thats", "correct"],
        &["thats", "it"],
        &["thats", "the", "one"],
        &["that", "is"],
        &["that", "one"],
        &["it", "is"],
        &["go", "ahead"],
        &["go", "for", "it"],
        &["do", "it"],
        &["do", "that"],
        &["please", "do"],
        &["of", "course"],
        &["sounds", "good"],
        &["sounds", "right"],
        &["looks", "good"],
        &["looks", "right"],
        &["looks", "correct"],
        &["i", "confirm"],
        &["i", "agree"],
        &["that", "works"],
        &["works", "for", "me"],
        &["all", "correct"],
        &["its", "correct"],
        &["its", "right"],
        &["very", "well"],
        &["you", "got", "it"],
        &["please", "go", "ahead"],
    ];
    let words = match words {
        [
            "oh" | "ah" | "um" | "hm" | "well" | "great" | "thanks" | "hi" | "hello",
            rest @ ..,
        ] => rest,
        all => all,
    };
    words.first().is_some_and(|w| YES.contains(w))
        || PHRASES.iter().any(|phrase| words.starts_with(phrase))
}

/// Words that make a yes something else.
const LIMITS: &[&str] = &[
    "but",
    "not",
    "no",
    "nope",
    "nah",
    "dont",
    "doesnt",
    "isnt",
    "wasnt",
    "cant",
    "wont",
    "never",
    "none",
    "neither",
    "other",
    "another",
    "different",
    "instead",
    "except",
    "wrong",
    "change",
    "changed",
    "actually",
    "however",
    "only",
    "rather",
    "wait",
    "though",
    "although",
    "else",
    "unless",
    "if",
    "until",
    "almost",
    "nearly",
    "what",
    "which",
    "who",
    "where",
    "when",
    "why",
    "how",
    "incorrect",
    "maybe",
    "perhaps",
    "possibly",
    "first",
    "second",
    "third",
    "last",
    "latter",
    "former",
    "stop",
    "without",
    "hold",
    "should",
    "could",
    "would",
    "let",
    "lets",
    "here",
    "give",
    "find",
    "check",
    "later",
    "moment",
];

/// Whether what the agent said can be agreed to at all: a statement or a yes-or-no question, not a
/// request for something ("What is your order number?") nor a choice between several values.
pub(super) fn may_be_agreed_to(agent: &str) -> bool {
    let last_question = agent
        .rfind('?')
        .map(|end| {
            let head = &agent[..end];
            let start = head
                .char_indices()
                .rfind(|&(i, c)| match c {
                    '\n' => true,
                    '.' | '!' | '?' | ':' => head[i + 1..].starts_with(char::is_whitespace),
                    _ => false,
                })
                .map_or(0, |(i, _)| i + 1);
            &agent[start..end]
        })
        .unwrap_or("");
    let tokens = tokens(last_question);
    let words: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
    const ASKING: &[&str] = &[
        "what", "which", "who", "whom", "whose", "where", "when", "why", "how", "whats", "wheres",
    ];
    let asks_for_something = words.iter().take(3).any(|w| ASKING.contains(w))
        || words.windows(2).any(|pair| {
            matches!(
                pair,
                [
                    "you" | "please",
                    "give" | "tell" | "share" | "provide" | "send" | "enter" | "type" | "let"
                ]
            ) || matches!(pair, ["have" | "know", "your" | "the" | "an"])
        });
    let choice = words.contains(&"or")
        && agent
            .split_whitespace()
            .filter(|w| normal::carries_digit_or_at(w))
            .count()
            > 1;
    !asks_for_something && !choice
}

/// The ranges, in characters, where an agent's message only gives examples.
pub(super) fn example_spans(agent: &str) -> Vec<(usize, usize)> {
    examples::spans_in(agent)
        .into_iter()
        .map(|(byte, text)| {
            let start = agent[..byte].chars().count();
            (start, start + text.chars().count())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_yes() {
        for text in [
            "yes",
            "Yes please",
            "correct",
            "that's right",
            "ok go ahead",
            "sure",
            "yep, do it",
            "Yes, that one",
            "Yes, please cancel it",
            "that’s the one, thanks",
            "👍",
            "Of course!",
            "Right, thank you",
            "YES!!!",
            "sí",
            "Sí, por favor",
            "Ja, genau",
            "oui merci",
            "да",
            "はい",
            "是的",
            "네",
            "نعم",
            "हाँ",
        ] {
            assert!(agrees(text), "{text}");
        }
    }

    #[test]
    fn not_a_plain_yes() {
        for text in [
            "no",
            "yes, but the other one",
            "not that",
            "yes it's ORD-777",
            "yes?",
            "sure, what is it?",
            "",
            "yes, two of them",
            "the second one",
            "I said yes yesterday about something that I no longer remember",
            "ok, it is ada@example.com",
            "maybe",
            "yes and no",
            "yes, the latter",
            "ok wait",
            "never",
            "yes if it is cheap",
            "sí, pero la otra",
            "ja aber nicht heute",
            "oui?",
            "non",
            "нет",
        ] {
            assert!(!agrees(text), "{text}");
        }
    }

    #[test]
    fn what_can_be_agreed_to() {
        for text in [
            "Is it ORD-1?",
            "Shall I cancel ORD-1?",
            "I have ada@example.com here. Is that right?",
            "So: ORD-1.",
        ] {
            assert!(may_be_agreed_to(text), "{text}");
        }
        for text in [
            "What is your order number? ",
            "Could you give me your order number, like ORD-1?",
            "Is it ORD-1 or ORD-2?",
            "Orders look like ORD-1. Do you have your order number?",
        ] {
            assert!(!may_be_agreed_to(text), "{text}");
        }
    }
}
