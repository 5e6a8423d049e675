//! What the customer hears when it turns out later what became of a call.

use serde_json::Value;

use super::{DETAILS_CHARS, Told, declined, plain, way_on_elsewhere, way_on_if_uncertain};
use crate::invocation::InvocationStatus;

/// A message of its own about one call that has been settled after its turn was over. What stands in
/// it are the server's words, the part of the result that a model may see, and the words that the
/// owner's system wrote for customers.
pub fn follow_up(call: &Told<'_>, fallback_contact: Option<&str>) -> String {
    let named = call.named();
    match call.status {
        InvocationStatus::Completed | InvocationStatus::Succeeded => {
            let details = call.result.and_then(details).unwrap_or_default();
            format!("Good news: {named} is done.{details}")
        }
        InvocationStatus::Declined => {
            let said = declined(call);
            format!("{said} {}", way_on_elsewhere(fallback_contact))
        }
        InvocationStatus::Failed => {
            let way_on = match fallback_contact {
                Some(contact) => format!("You can ask for it again, or contact {contact}."),
                None => "You can ask for it again if you like.".to_owned(),
            };
            format!("I've had {named} checked: it did not go through. {way_on}")
        }
        _ => format!(
            "I haven't heard back about {named} in time, so I can't confirm whether it was done. {}",
            way_on_if_uncertain(fallback_contact)
        ),
    }
}

/// The result in a sentence, with a space before it: its own message where it has one. `None` if it is
/// empty, or too long to have been written to be read out.
fn details(result: &Value) -> Option<String> {
    let message = result.get("message").and_then(Value::as_str);
    let text = match message.map(str::trim).filter(|text| !text.is_empty()) {
        Some(message) => message.to_owned(),
        None => plain(result),
    };
    if text.is_empty() || text.chars().count() > DETAILS_CHARS {
        return None;
    }
    let mut letters = text.chars();
    let first = letters.next()?.to_uppercase();
    let stop = match text.ends_with(['.', '!', '?', '\u{2026}']) {
        true => "",
        false => ".",
    };
    Some(format!(" {first}{}{stop}", letters.as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told<'a>(status: InvocationStatus, result: Option<&'a Value>) -> Told<'a> {
        Told {
            display_name: "Request refund",
            about: Some("ORD-1".to_owned()),
            status,
            failure: None,
            result,
            error: Some("The order is too old"),
        }
    }

    #[test]
    fn each_end_has_its_words_and_a_way_on() {
        let (fields, message) = (
            json!({"refund_id": "R-1", "amount": 20}),
            json!({"message": "20 euros are on their way", "internal": 1}),
        );
        let long = json!({"log": "x".repeat(700)});
        let contact = Some("help@shop.example");
        for (call, expected) in [
            (
                told(InvocationStatus::Completed, Some(&fields)),
                "Good news: “Request refund” (ORD-1) is done. Refund id: R-1, amount: 20.",
            ),
            (
                told(InvocationStatus::Completed, Some(&message)),
                "Good news: “Request refund” (ORD-1) is done. 20 euros are on their way.",
            ),
            (
                told(InvocationStatus::Completed, Some(&long)),
                "Good news: “Request refund” (ORD-1) is done.",
            ),
            (
                told(InvocationStatus::Succeeded, None),
                "Good news: “Request refund” (ORD-1) is done.",
            ),
            (
                told(InvocationStatus::Declined, None),
                "“Request refund” (ORD-1) wasn't done: The order is too old. For that, please \
                 contact help@shop.example.",
            ),
            (
                told(InvocationStatus::Failed, None),
                "I've had “Request refund” (ORD-1) checked: it did not go through. You can ask for \
                 it again, or contact help@shop.example.",
            ),
            (
                told(InvocationStatus::Expired, None),
                "I haven't heard back about “Request refund” (ORD-1) in time, so I can't confirm \
                 whether it was done. Please contact help@shop.example to be sure.",
            ),
        ] {
            assert_eq!(follow_up(&call, contact), expected);
        }
    }
}
