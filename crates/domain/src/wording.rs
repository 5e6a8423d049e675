//! What the customer hears when the server itself has to speak. Short, warm, true, with a way on;
//! never a host, a status code or an internal message.

mod follow_up;

use serde_json::Value;

pub use self::follow_up::follow_up;
use crate::invocation::{FailureCode, InvocationStatus};

/// The customer's reply when the model provider is gone and the agent has no words of its own.
pub const FALLBACK_MESSAGE: &str =
    "I'm sorry, I can't help with that right now. Please try again in a few minutes.";

/// The sentence for an uncertain outcome. No model writes this one.
pub const UNKNOWN: &str =
    "I couldn't complete that in time, and I can't confirm whether it went through.";

/// Said when a person is asked to take over.
pub const HANDED_OVER: &str = "I've asked a person from our team to take over. They can see what \
                               we've talked about, and will answer you here.";

/// The answer to the first message after that.
pub const A_PERSON_WILL_ANSWER: &str = "Thank you, I've added that for our team. A person will \
                                        answer you here, so I'm leaving it to them now.";

/// The answer to every further one, until the person hands back.
pub const NOTED_FOR_A_PERSON: &str = "Thanks, I've added that for our team.";

/// What the customer can do instead.
pub fn way_on(fallback_contact: Option<&str>) -> String {
    match fallback_contact {
        Some(contact) => format!("You can try again in a few minutes, or contact {contact}."),
        None => "You can try again in a few minutes.".to_owned(),
    }
}

/// What the customer can do where trying again would be wrong.
pub fn way_on_if_uncertain(fallback_contact: Option<&str>) -> String {
    match fallback_contact {
        Some(contact) => format!("Please contact {contact} to be sure."),
        None => "Please check before you ask for it again.".to_owned(),
    }
}

/// What the customer can do where trying again would change nothing.
pub fn way_on_elsewhere(fallback_contact: Option<&str>) -> String {
    match fallback_contact {
        Some(contact) => format!("For that, please contact {contact}."),
        None => "Is there anything else I can help you with?".to_owned(),
    }
}

/// What the customer can do where a budget was used up.
pub fn way_on_for_the_rest(fallback_contact: Option<&str>) -> String {
    match fallback_contact {
        Some(contact) => {
            format!("You can ask for the rest in a little while, or contact {contact}.")
        }
        None => "You can ask for the rest in a little while.".to_owned(),
    }
}

/// Whether it may or may not have happened.
fn is_uncertain(status: InvocationStatus) -> bool {
    matches!(
        status,
        InvocationStatus::Unknown | InvocationStatus::Sending | InvocationStatus::Intended
    )
}

/// Whether the same call would fail the same way until somebody changes something.
fn is_lasting(failure: Option<FailureCode>) -> bool {
    matches!(
        failure,
        Some(
            FailureCode::NotVerified
                | FailureCode::ConfirmationUnavailable
                | FailureCode::ContactFieldMissing
        )
    )
}

/// What one call came to, for the parts of a reply that the server writes.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// The action's display name.
    pub display_name: &'a str,
    /// What tells it from other calls of the same name, where there are any; may be empty.
    pub about: Option<String>,
    /// Where it stands.
    pub status: InvocationStatus,
    /// Why, if it failed.
    pub failure: Option<FailureCode>,
    /// The part of the result the model may see, if it succeeded.
    pub result: Option<&'a Value>,
    /// The endpoint's words, if it declined.
    pub error: Option<&'a str>,
}

/// What has been done so far, in the server's own words, for a turn that was cut off.
pub fn so_far(calls: &[Told<'_>]) -> String {
    let mut sentences: Vec<String> = Vec::new();
    for sentence in calls.iter().filter_map(happened) {
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    sentences.join(" ")
}

/// A whole reply in the server's own words about calls of which at least one failed or is uncertain.
pub fn account_for(calls: &[Told<'_>], fallback_contact: Option<&str>) -> String {
    let several = calls.len() > 1;
    let mut sentences: Vec<String> = Vec::new();
    let not_done = calls.iter().filter_map(|call| match call.status {
        InvocationStatus::Failed => Some(failed(call, several)),
        status if is_uncertain(status) => Some(unknown(call, several)),
        _ => None,
    });
    for sentence in calls.iter().filter_map(happened).chain(not_done) {
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    let is_left = |call: &&Told<'_>| call.failure == Some(FailureCode::BudgetExhausted);
    let left: Vec<String> = calls.iter().filter(is_left).map(Told::named).collect();
    if several && !left.is_empty() {
        // Or the customer might ask for all of it again.
        sentences.push(format!("Still to be done: {}.", left.join(", ")));
    }
    let uncertain = calls.iter().any(|call| is_uncertain(call.status));
    let failed: Vec<&Told<'_>> = calls
        .iter()
        .filter(|call| call.status == InvocationStatus::Failed)
        .collect();
    sentences.push(if uncertain {
        way_on_if_uncertain(fallback_contact)
    } else if failed.iter().all(|call| is_lasting(call.failure)) {
        way_on_elsewhere(fallback_contact)
    } else if failed.iter().all(is_left) {
        way_on_for_the_rest(fallback_contact)
    } else {
        way_on(fallback_contact)
    });
    sentences.join(" ")
}

impl Told<'_> {
    /// The call as it is named in a sentence.
    fn named(&self) -> String {
        format!("\u{201c}{}\u{201d}{}", self.display_name, self.aside())
    }

    fn aside(&self) -> String {
        match self.about.as_deref() {
            None | Some("") => String::new(),
            Some(about) => format!(" ({about})"),
        }
    }
}

fn happened(call: &Told<'_>) -> Option<String> {
    match call.status {
        InvocationStatus::Succeeded | InvocationStatus::Completed => Some(succeeded(call)),
        InvocationStatus::Declined => Some(declined(call)),
        InvocationStatus::Accepted => Some(format!("{} has been started.", call.named())),
        _ => None,
    }
}

/// Longest result that is repeated to the customer; what is longer was not written to be read out.
const DETAILS_CHARS: usize = 600;

fn succeeded(call: &Told<'_>) -> String {
    let details = call.result.map(plain).unwrap_or_default();
    if details.is_empty() || details.chars().count() > DETAILS_CHARS {
        format!("{} is done.", call.named())
    } else {
        format!("{}{}: {details}.", call.display_name, call.aside())
    }
}

fn declined(call: &Told<'_>) -> String {
    let error = call.error.unwrap_or("it was not possible").trim();
    let stop = if error.ends_with(['.', '!', '?', '\u{2026}']) {
        ""
    } else {
        "."
    };
    format!("{} wasn't done: {error}{stop}", call.named())
}

fn failed(call: &Told<'_>, several: bool) -> String {
    let that = if several {
        call.named()
    } else {
        "that".to_owned()
    };
    match call.failure {
        Some(FailureCode::BudgetExhausted) => {
            "I've done as much as I can in one go, and not everything you asked for is done."
                .to_owned()
        }
        Some(FailureCode::NotVerified) => {
            format!("I can't do {that} until I can be sure who you are.")
        }
        Some(FailureCode::ConfirmationUnavailable) => {
            format!("I'm not able to do {that} for you here.")
        }
        Some(FailureCode::ContactFieldMissing) => {
            format!("I couldn't do {that}, because your account details here are incomplete.")
        }
        Some(FailureCode::CircuitOpen) => {
            format!("I can't do {that} right now: the system I need for it isn't answering.")
        }
        _ if several => format!("I wasn't able to complete {that} just now."),
        _ => "I'm sorry, I wasn't able to complete that just now.".to_owned(),
    }
}

fn unknown(call: &Told<'_>, several: bool) -> String {
    if several {
        format!("About {}: {UNKNOWN}", call.named())
    } else {
        UNKNOWN.to_owned()
    }
}

/// A question for what is missing, from the names and descriptions of the parameters.
pub fn ask_for(parameters: &[(&str, Option<&str>)]) -> String {
    let mut names: Vec<String> = Vec::new();
    for (name, description) in parameters {
        let label = label(name, *description);
        if !names.contains(&label) {
            names.push(label);
        }
    }
    match names.as_slice() {
        [] => "Could you give me a little more detail?".to_owned(),
        [one] => format!("Could you please give me {one}?"),
        [first, last] => format!("Could you please give me {first} and {last}?"),
        [rest @ .., last] => format!("Could you please give me {}, and {last}?", rest.join(", ")),
    }
}

/// How a parameter is called in a sentence: "the order number", "your email address".
pub fn label(name: &str, description: Option<&str>) -> String {
    // A value in a list goes by the list's name.
    let last = name
        .rsplit('/')
        .find(|part| !part.is_empty() && !part.bytes().all(|b| b.is_ascii_digit()));
    let spoken = last.map_or_else(|| "details".to_owned(), spell_out);
    let spoken = spoken.as_str();
    let own = ["customer ", "user ", "client ", "contact "];
    for prefix in own {
        if let Some(rest) = spoken.strip_prefix(prefix) {
            return format!("your {}", widen(rest));
        }
    }
    let describes_customer = description.is_some_and(|text| {
        let text = text.to_lowercase();
        text.starts_with("customer's ")
            || text.starts_with("the customer's ")
            || text.starts_with("your ")
    });
    if describes_customer || matches!(spoken, "email" | "phone" | "name") {
        format!("your {}", widen(spoken))
    } else {
        format!("the {spoken}")
    }
}

/// `order_number` and `orderNumber` are both "order number".
fn spell_out(name: &str) -> String {
    let mut spoken = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for c in name.chars() {
        if matches!(c, '_' | '-') {
            spoken.push(' ');
        } else if c.is_uppercase() && after_lower {
            spoken.push(' ');
            spoken.extend(c.to_lowercase());
        } else {
            spoken.push(c);
        }
        after_lower = c.is_lowercase();
    }
    spoken.trim().to_owned()
}

fn widen(spoken: &str) -> &str {
    match spoken {
        "email" => "email address",
        "phone" => "phone number",
        other => other,
    }
}

/// A value in plain words: "status: shipped, tracking number: 1Z999". Empty for null and `{}`.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().trim_end_matches('.').to_owned(),
        Value::Array(items) => items
            .iter()
            .map(plain)
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join("; "),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (spell_out(key), plain(item)))
            .filter(|(_, text)| !text.is_empty())
            .map(|(key, text)| format!("{key}: {text}"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}
