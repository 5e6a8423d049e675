//! What came of the calls, in a sentence or three for the customer.

use deskhand_domain::prompt::ToolCall;
use deskhand_domain::report::{Problem, Report};
use serde_json::{Map, Value};

use super::dialogue::Dialogue;
use super::parameter::{Kind, Parameter};
use super::say::{Opening, and, ask, lower_first, sentence};
use super::values::{Facts, spoken};

/// Longest text of an endpoint that is passed on.
const TEXT_CHARS: usize = 600;
/// Most facts that get a sentence of their own.
const SENTENCES: usize = 3;
/// Most facts that are passed on at all.
const FACTS: usize = 12;

/// The reply after the results of a turn.
pub(super) fn tell(dialogue: &Dialogue<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (call, report) in dialogue.turns.last().map_or(&[][..], |turn| &turn.done) {
        let part = match report {
            Some(report) => one(dialogue, call, report),
            None => "I'm sorry, I wasn't able to complete that just now.".to_owned(),
        };
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join("\n\n")
}

fn one(dialogue: &Dialogue<'_>, call: &ToolCall, report: &Report) -> String {
    let tool = dialogue.tool_named(&call.name);
    let parameters = tool
        .map(|tool| dialogue.parameters(tool))
        .unwrap_or_default();
    let arguments = arguments(call);
    let told = match report {
        Report::Succeeded { result, .. } => succeeded(result, parameters, &arguments, &call.name),
        Report::Declined { error, .. } => declined(error, parameters, &arguments),
        Report::Failed { message } | Report::Unknown { message } => sentence(message),
        Report::Accepted { .. } => match subject(parameters, &arguments) {
            Some(subject) => format!(
                "I've started that for your {subject}. You'll hear from me here as soon as it's done."
            ),
            None => "I've started that. You'll hear from me here as soon as it's done.".to_owned(),
        },
        Report::NeedsInput { problems, .. } => ask_again(problems, parameters, Opening::Bare),
        Report::Invalid { problems, .. } => ask_again(problems, parameters, Opening::Lost),
    };
    if told.trim().is_empty() {
        "I'm sorry, I wasn't able to complete that just now.".to_owned()
    } else {
        told
    }
}

/// How something stands that was asked for before; `None` where nothing came of it.
pub(super) fn standing(
    dialogue: &Dialogue<'_>,
    call: &ToolCall,
    report: &Report,
) -> Option<String> {
    match report {
        Report::Accepted { progress, .. } => Some(match progress {
            Some(progress) => format!(
                "It isn't done yet. The latest is: {} You'll hear from me here as soon as it's done.",
                sentence(&short(progress))
            ),
            None => "It isn't done yet. You'll hear from me here as soon as it's done.".to_owned(),
        }),
        Report::Unknown { .. } => Some(
            "I still can't confirm whether that went through. Please check before you ask for it \
             again."
                .to_owned(),
        ),
        Report::Failed { .. } => Some("I'm sorry, that did not go through.".to_owned()),
        Report::Succeeded { .. } | Report::Declined { .. } => Some(one(dialogue, call, report)),
        Report::NeedsInput { .. } | Report::Invalid { .. } => None,
    }
}

fn arguments(call: &ToolCall) -> Map<String, Value> {
    serde_json::from_str(&call.arguments).unwrap_or_default()
}

fn ask_again(problems: &[Problem], parameters: &[Parameter<'_>], opening: Opening) -> String {
    let named: Vec<&Parameter<'_>> = parameters
        .iter()
        .filter(|parameter| {
            problems.iter().any(|problem| {
                let name = problem.parameter.trim_start_matches('/');
                name == parameter.name || name.starts_with(&format!("{}/", parameter.name))
            })
        })
        .collect();
    ask(opening, &named)
}

fn declined(error: &str, parameters: &[Parameter<'_>], arguments: &Map<String, Value>) -> String {
    let error = short(error);
    let lower = error.to_lowercase().replace('’', "'");
    let not_found = [
        "not found",
        "couldn't find",
        "could not find",
        "cannot find",
        "can't find",
        "no such",
        "does not exist",
        "doesn't exist",
        "unknown",
        "not recognized",
        "not recognised",
        "no match",
        "no record",
    ]
    .iter()
    .any(|phrase| lower.contains(phrase));
    if not_found && let Some(sought) = sought(parameters, arguments) {
        let label = sought.label();
        let label = match label.strip_prefix("the ") {
            Some(rest) => format!("that {rest}"),
            None => label,
        };
        return format!("I couldn't find {label}. Could you double-check it and send it again?");
    }
    if error.trim().is_empty() {
        return "I wasn't able to do that. Is there anything else I can help you with?".to_owned();
    }
    let error = error.trim().trim_end_matches(['.', '!']);
    format!(
        "I wasn't able to do that: {}. Is there anything else I can help you with?",
        lower_first(error)
    )
}

/// What a result says, in words.
pub(super) fn succeeded(
    result: &Value,
    parameters: &[Parameter<'_>],
    arguments: &Map<String, Value>,
    name: &str,
) -> String {
    let subject = subject(parameters, arguments);
    let done = match &subject {
        Some(subject) => format!("Done! I've taken care of that for your {subject}."),
        None => "Done! I've taken care of that for you.".to_owned(),
    };
    let subject = subject.or_else(|| thing(name));
    match unwrapped(result) {
        Value::Object(map) => {
            let facts = Facts::read(map, arguments);
            let told = told(facts, subject.as_deref());
            if told.is_empty() { done } else { told }
        }
        Value::Array(items) if items.is_empty() => {
            "I've checked, and there is nothing there.".to_owned()
        }
        Value::Array(items) => sentence(&format!("here is what I found: {}", listed(items))),
        Value::Null | Value::Bool(true) => done,
        Value::Bool(false) => "I've checked: no.".to_owned(),
        Value::String(text) if text.trim().is_empty() => done,
        Value::String(text) => sentence(&short(text)),
        Value::Number(number) => format!("The answer is {number}."),
    }
}

/// `{"order": {…}}` is the same as `{…}`.
fn unwrapped(result: &Value) -> &Value {
    match result {
        Value::Object(map) if map.len() == 1 => match map.values().next() {
            Some(inner @ (Value::Object(_) | Value::Array(_))) => unwrapped(inner),
            _ => result,
        },
        _ => result,
    }
}

fn told(mut facts: Facts<'_>, subject: Option<&str>) -> String {
    let mut sentences: Vec<String> = Vec::new();
    let message = facts.take(&["message", "summary", "confirmation_message", "text"]);
    let message = message.and_then(Value::as_str).map(short);
    if let Some(message) = &message {
        sentences.push(sentence(message));
    }
    let status = facts.take(&["status", "state", "order_status", "delivery_status"]);
    let delivered = status
        .and_then(Value::as_str)
        .is_some_and(|status| status.eq_ignore_ascii_case("delivered"));
    if let (Some(status), None) = (status.map(spoken), &message) {
        let who = subject.map_or_else(|| "It".to_owned(), |subject| format!("Your {subject}"));
        sentences.push(format!("{who} {}", status_phrase(&status)));
    }
    sentences.extend(delivery(&mut facts, delivered));
    let rest = facts.rest();
    let mentioned = sentences.join(" ");
    let mut own: Vec<String> = Vec::new();
    let mut listed: Vec<String> = Vec::new();
    for (label, value) in rest.into_iter().take(FACTS) {
        if let Some(fact) = yes_or_no(&label, &value, subject) {
            own.push(fact);
            continue;
        }
        if value.is_empty() || mentioned.contains(&value) {
            continue;
        }
        if own.len() < SENTENCES && value.chars().count() <= 80 {
            let are = label.ends_with('s') && !label.ends_with("ss") && !label.ends_with("us");
            let verb = if are { "are" } else { "is" };
            own.push(format!("The {label} {verb} {value}."));
        } else {
            listed.push(format!("{label}: {value}"));
        }
    }
    // Many facts read better as a list.
    if !listed.is_empty() || own.len() + sentences.len() > SENTENCES + 1 {
        let own = own.iter().map(|fact| {
            fact.trim_start_matches("The ")
                .trim_end_matches('.')
                .replacen(" is ", ": ", 1)
                .replacen(" are ", ": ", 1)
        });
        sentences.push(sentence(&format!(
            "here are the details: {}",
            own.chain(listed).collect::<Vec<_>>().join(", ")
        )));
    } else {
        sentences.extend(own);
    }
    sentences.join(" ")
}

/// "updated: yes" → "Your email has been updated."; "in stock: no" → "Your item is not in stock."
fn yes_or_no(label: &str, value: &str, subject: Option<&str>) -> Option<String> {
    let yes = match value {
        "yes" => true,
        "no" => false,
        _ => return None,
    };
    let who = subject.map_or_else(|| "It".to_owned(), |subject| format!("Your {subject}"));
    let label = label
        .trim_start_matches("is ")
        .trim_start_matches("was ")
        .trim_start_matches("has been ");
    let adjective = ["able", "ible", "stock", "active", "open", "valid", "ready"]
        .iter()
        .any(|ending| label.ends_with(ending));
    Some(if label.ends_with("ed") {
        let verb = if yes { "has been" } else { "has not been" };
        format!("{who} {verb} {label}.")
    } else if adjective {
        let verb = if yes { "is" } else { "is not" };
        format!("{who} {verb} {label}.")
    } else {
        sentence(&format!("{label}: {value}"))
    })
}

/// Tracking number, carrier and date in one sentence.
fn delivery(facts: &mut Facts<'_>, delivered: bool) -> Option<String> {
    let tracking = facts.take(&[
        "tracking_number",
        "tracking",
        "tracking_no",
        "tracking_id",
        "tracking_code",
    ]);
    let carrier = facts
        .take(&["carrier", "courier", "shipping_carrier"])
        .map(spoken);
    let date = facts
        .take(&[
            "estimated_delivery",
            "estimated_delivery_date",
            "expected_delivery",
            "expected_delivery_date",
            "delivery_estimate",
            "eta",
            "delivery_date",
            "arrival_date",
            "estimated_arrival",
        ])
        .map(spoken)
        .filter(|date| !date.is_empty());
    let arrives = date.map(|date| {
        if delivered {
            format!("it arrived on {date}")
        } else {
            format!("it should arrive by {date}")
        }
    });
    let first = match (
        tracking.map(spoken).filter(|number| !number.is_empty()),
        carrier,
    ) {
        (Some(number), Some(carrier)) => {
            Some(format!("your tracking number is {number} ({carrier})"))
        }
        (Some(number), None) => Some(format!("your tracking number is {number}")),
        (None, Some(carrier)) => Some(format!("it travels with {carrier}")),
        (None, None) => None,
    };
    let parts: Vec<String> = first.into_iter().chain(arrives).collect();
    (!parts.is_empty()).then(|| sentence(&and(&parts)))
}

/// "order ORD-12345": the argument that points to the thing asked about.
fn subject(parameters: &[Parameter<'_>], arguments: &Map<String, Value>) -> Option<String> {
    let sought = sought(parameters, arguments)?;
    let value = arguments.get(sought.name)?.as_str()?;
    let noun = sought.noun();
    let is_address = matches!(sought.kind, Kind::Email | Kind::Phone);
    (!is_address && noun != sought.spoken()).then(|| format!("{noun} {value}"))
}

/// The identifier that was looked for: a required one first.
fn sought<'a, 'b>(
    parameters: &'b [Parameter<'a>],
    arguments: &Map<String, Value>,
) -> Option<&'b Parameter<'a>> {
    parameters
        .iter()
        .filter(|parameter| parameter.is_identifier() && arguments.contains_key(parameter.name))
        .min_by_key(|parameter| !parameter.required)
}

/// What an action is about, by its name: "appointment" for `book_appointment`.
fn thing(name: &str) -> Option<String> {
    let words: Vec<&str> = name
        .split('_')
        .skip(1)
        .filter(|word| !matches!(*word, "a" | "an" | "the" | "status" | "details" | "info"))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The rest of a sentence that begins with "Your order ORD-1".
fn status_phrase(status: &str) -> String {
    let said = status.to_lowercase().replace(['_', '-'], " ");
    let said = said.trim();
    let phrase = match said {
        "shipped" | "dispatched" | "sent" => "has shipped!",
        "delivered" => "has been delivered!",
        "cancelled" | "canceled" => "has been cancelled.",
        "refunded" => "has been refunded.",
        "returned" => "has been returned.",
        "processing" | "in progress" => "is being processed.",
        "preparing" | "packing" => "is being prepared.",
        "pending" => "is pending.",
        "confirmed" => "is confirmed.",
        "booked" => "is booked.",
        "scheduled" => "is scheduled.",
        "approved" => "has been approved.",
        "completed" | "complete" | "done" => "is complete.",
        "in transit" | "on the way" | "on its way" => "is on its way!",
        "out for delivery" => "is out for delivery!",
        "delayed" => "is delayed. I'm sorry about that.",
        "updated" | "changed" => "has been updated.",
        "created" | "submitted" | "received" => return format!("has been {said}."),
        "open" | "closed" | "active" | "inactive" | "paid" | "unpaid" | "on hold" | "ready" => {
            return format!("is {said}.");
        }
        "ok" | "success" => "is all set.",
        _ => return format!("has the status \u{201c}{status}\u{201d}."),
    };
    phrase.to_owned()
}

fn listed(items: &[Value]) -> String {
    let mut shown: Vec<String> = items.iter().take(5).map(spoken).collect();
    if items.len() > shown.len() {
        shown.push(format!("and {} more", items.len() - shown.len()));
        return shown.join("; ");
    }
    if items.iter().any(Value::is_object) {
        shown.join("; ")
    } else {
        and(&shown)
    }
}

fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(TEXT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
