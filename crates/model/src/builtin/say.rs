//! What is said around the calls: greetings, questions, and that something cannot be done.

use std::sync::Arc;

use deskhand_domain::prompt::Tool;
use deskhand_domain::wording;
use serde_json::Value;

use super::parameter::{Kind, Parameter};
use super::small_talk::{drops_it, is_greeting, is_thanks};
use super::words::words;

/// Most actions that are named in one sentence.
const NAMED: usize = 5;

/// What a customer has one of: "your order". Of other things it is not known.
const OWNED: &[&str] = &[
    "order",
    "package",
    "parcel",
    "delivery",
    "shipment",
    "account",
    "subscription",
    "booking",
    "appointment",
    "reservation",
    "invoice",
    "bill",
    "balance",
    "ticket",
    "email",
    "password",
    "address",
    "phone",
    "plan",
    "profile",
    "payment",
    "refund",
    "return",
    "claim",
    "policy",
    "membership",
    "shipping",
];
/// Verbs whose object is not there before.
const MAKES: &[&str] = &[
    "book", "request", "create", "open", "make", "start", "schedule", "submit", "file", "place",
    "send", "raise", "arrange", "add", "issue",
];

/// How a question begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// The request has just been made.
    Glad,
    /// Part of what was asked for has been given.
    Thanks,
    /// The last message did not help.
    Lost,
    /// Nothing to say before it.
    Bare,
}

/// Asks for all that is missing in one question.
pub(super) fn ask(opening: Opening, missing: &[&Parameter<'_>]) -> String {
    let named: Vec<_> = missing
        .iter()
        .map(|parameter| (parameter.name, parameter.description()))
        .collect();
    let begin = match opening {
        Opening::Glad => "I'd be happy to help with that! ",
        Opening::Thanks => "Thank you! ",
        Opening::Lost => "Sorry, I didn't quite get that. ",
        Opening::Bare => "",
    };
    let mut text = format!("{begin}{}", wording::ask_for(&named));
    let mut dates = false;
    for parameter in missing {
        match &parameter.kind {
            Kind::Date if dates => {}
            Kind::OneOf(options) if options.len() <= 8 => {
                let options: Vec<String> = options
                    .iter()
                    .map(|option| match option {
                        Value::String(text) => text.replace('_', " "),
                        other => other.to_string(),
                    })
                    .collect();
                text.push_str(&format!(" You can choose {}.", either(&options)));
            }
            Kind::Date => {
                dates = true;
                text.push_str(" Please give the date with the year.");
            }
            Kind::Bool => text.push_str(" A yes or no is enough."),
            _ => {}
        }
    }
    text
}

/// The reply to a message that no action covers.
pub(super) fn without_action(text: &str, tools: &[Arc<Tool>]) -> String {
    if text.trim().is_empty() || is_greeting(text) {
        return welcome();
    }
    if is_thanks(text) {
        let bye = words(text)
            .iter()
            .any(|word| word == "bye" || word == "goodbye");
        let thanks =
            text.to_lowercase().contains("thank") || text.to_lowercase().contains("appreciat");
        return match (thanks, bye) {
            (true, true) => "You're welcome! Goodbye, and have a nice day.",
            (false, true) => "Goodbye, and have a nice day!",
            (true, false) => "You're welcome! Is there anything else I can help you with?",
            (false, false) => "Glad to hear it! Is there anything else I can help you with?",
        }
        .to_owned();
    }
    match words(text).iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["yes" | "yeah" | "yep" | "sure"] | ["yes", "please"] => {
            return "Sure, what can I do for you?".to_owned();
        }
        ["no" | "nope"] | ["no", "thanks"] | ["no", "thank", "you"] => {
            return "All right. Have a nice day!".to_owned();
        }
        _ => {}
    }
    if drops_it(text) {
        return "All right, I'll leave that. Is there anything else I can help you with?"
            .to_owned();
    }
    if tools.is_empty() {
        return "I'm sorry, I'm not able to help with that here.".to_owned();
    }
    if asks_what_is_possible(text) {
        return format!("{} Just tell me what you need.", offer("", tools));
    }
    format!(
        "I'm sorry, I can't help with that here{}",
        offer(", but ", tools)
    )
}

/// The reply to a value that comes without a request, with the actions that could use it.
pub(super) fn what_about(value: &str, tools: &[Arc<Tool>]) -> String {
    format!(
        "What would you like me to do with {value}? {}",
        offer("", tools)
    )
}

/// The first words.
pub(super) fn welcome() -> String {
    "Hello! How can I help you today?".to_owned()
}

fn asks_what_is_possible(text: &str) -> bool {
    let lower = text.to_lowercase();
    [
        "what can you",
        "what do you do",
        "help me with",
        "what are you able",
        "your options",
    ]
    .iter()
    .any(|phrase| lower.contains(phrase))
        || matches!(words(text).as_slice(), [one] if one == "help")
}

/// "I can check your order status or cancel your order.", after a joint such as ", but ".
fn offer(joint: &str, tools: &[Arc<Tool>]) -> String {
    let deeds: Vec<String> = tools.iter().take(NAMED).map(|tool| deed(tool)).collect();
    let deeds = either(&deeds);
    match (joint, tools.len() > NAMED) {
        (_, false) => format!("{joint}I can {deeds}."),
        ("", true) => format!("Among other things, I can {deeds}."),
        (_, true) => format!(". Among other things, I can {deeds}."),
    }
}

/// What an action does, as the end of "I can …": "check your order status".
fn deed(tool: &Tool) -> String {
    let name = if tool.display_name.trim().is_empty() {
        tool.name.replace('_', " ")
    } else {
        tool.display_name.trim().to_owned()
    };
    let name = lower_first(&name);
    let mut words = name.split(' ');
    let (Some(verb), Some(noun)) = (words.next(), words.next()) else {
        return name;
    };
    let rest = words.fold(noun.to_owned(), |rest, word| format!("{rest} {word}"));
    if !OWNED.contains(&noun.to_lowercase().as_str()) {
        return name;
    }
    if !MAKES.contains(&verb) {
        format!("{verb} your {rest}")
    } else if rest.ends_with('s') {
        name
    } else if rest.starts_with(['a', 'e', 'i', 'o']) {
        format!("{verb} an {rest}")
    } else {
        format!("{verb} a {rest}")
    }
}

/// "a", "a or b", "a, b or c".
fn either(items: &[String]) -> String {
    join(items, "or")
}

/// "a", "a and b", "a, b and c".
pub(super) fn and(items: &[String]) -> String {
    join(items, "and")
}

fn join(items: &[String], word: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {word} {last}", rest.join(", ")),
    }
}

/// "Check order" → "check order"; abbreviations stay.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

/// "order" → "Order".
pub(super) fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// With a full stop, unless it ends in a mark of its own.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) {
        upper_first(text)
    } else {
        format!("{}.", upper_first(text))
    }
}
