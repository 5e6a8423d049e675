//! What the guides say is what the program does.

use std::collections::BTreeSet;

use deskhand_domain::invocation::{FailureCode, InvocationStatus};
use deskhand_domain::wording::{self, Told};
use serde_json::Value;

use crate::receivers::Certificate;
use crate::server::{request, serve};

const OWNER: &str = include_str!("../../../../docs/guides/owner.md");
const WEBHOOK: &str = include_str!("../../../../docs/guides/webhook.md");
const GUARANTEES: &str = include_str!("../../../../docs/guarantees.md");
const SECURITY: &str = include_str!("../../../../SECURITY.md");

#[test]
fn every_action_of_the_owners_guide_can_be_made() {
    let certificate = Certificate::make();
    let address = "127.0.0.1:9443";
    let (deskhand, _process) = serve(&certificate, address);
    let mut names = BTreeSet::new();
    for mut action in json_blocks(OWNER).filter(|json| json.get("webhook_url").is_some()) {
        // As it stands, but without asking the network for example.com.
        action["webhook_url"] = format!("https://{address}/").into();
        let made = request(&deskhand, "POST", "/v1/actions", &action);
        names.insert(made["name"].as_str().unwrap().to_owned());
    }
    assert_eq!(
        names.iter().map(String::as_str).collect::<Vec<_>>(),
        ["change_delivery_date", "check_order_status"]
    );
}

#[test]
fn its_other_pieces_of_an_action_can_be_set() {
    let certificate = Certificate::make();
    let address = "127.0.0.1:9443";
    let (deskhand, _process) = serve(&certificate, address);
    let mut action = json_blocks(OWNER).next().unwrap();
    action["webhook_url"] = format!("https://{address}/").into();
    let made = request(&deskhand, "POST", "/v1/actions", &action);
    let path = format!("/v1/actions/{}", made["id"].as_str().unwrap());
    let mut set = 0;
    for piece in json_blocks(OWNER) {
        if piece.get("headers").is_some() || piece.get("result_fields").is_some() {
            request(&deskhand, "PATCH", &path, &piece);
            set += 1;
        }
    }
    assert_eq!(set, 2);
    let kept = serde_json::json!({"headers": [{"name": "Authorization"}]});
    let answer = request(&deskhand, "PATCH", &path, &kept);
    assert_eq!(answer["headers"][0]["has_secret"], true, "{answer}");
}

#[test]
fn the_owners_guide_quotes_what_the_server_says() {
    let contact = Some("help@shop.example");
    let mut sentences = vec![
        wording::UNKNOWN.to_owned(),
        wording::FALLBACK_MESSAGE.to_owned(),
        wording::way_on(None),
        wording::way_on(contact),
        wording::way_on_if_uncertain(None),
        wording::way_on_if_uncertain(contact),
        wording::way_on_elsewhere(None),
        wording::way_on_elsewhere(contact),
        wording::way_on_for_the_rest(None),
    ];
    for code in [
        FailureCode::HttpError,
        FailureCode::ContactFieldMissing,
        FailureCode::NotVerified,
        FailureCode::ConfirmationUnavailable,
        FailureCode::BudgetExhausted,
    ] {
        let failed = told(InvocationStatus::Failed, Some(code));
        let reply = wording::account_for(&[failed], None);
        let way_on = [
            wording::way_on(None),
            wording::way_on_elsewhere(None),
            wording::way_on_for_the_rest(None),
        ];
        let sentence = way_on
            .iter()
            .find_map(|way_on| reply.strip_suffix(way_on.as_str()));
        sentences.push(sentence.unwrap().trim().to_owned());
    }
    let several = [
        Told {
            display_name: "Change address",
            ..told(InvocationStatus::Succeeded, None)
        },
        Told {
            display_name: "Cancel order",
            error: Some("It has been shipped"),
            ..told(InvocationStatus::Declined, None)
        },
        told(InvocationStatus::Failed, Some(FailureCode::Timeout)),
    ];
    sentences.push(wording::account_for(&several, None));
    let guide = in_one_line(OWNER);
    for sentence in sentences {
        assert!(guide.contains(&sentence), "not in the guide: {sentence}");
    }
    assert!(in_one_line(GUARANTEES).contains(wording::UNKNOWN));
}

#[test]
fn the_promise_about_sends_is_the_same_everywhere() {
    let promise = "> at most one send for a non-idempotent action; at least one, with one key, for \
                   an idempotent one; exactly once only where the receiver honours the key.";
    assert!(SECURITY.contains(promise));
    assert!(GUARANTEES.contains(promise));
    assert!(WEBHOOK.contains(promise));
}

fn told(status: InvocationStatus, failure: Option<FailureCode>) -> Told<'static> {
    Told {
        display_name: "Check order status",
        about: None,
        status,
        failure,
        result: None,
        error: None,
    }
}

/// The text without its line breaks, so that a sentence is found wherever it is broken.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every fenced block of JSON in a page that is a whole value.
fn json_blocks(page: &str) -> impl Iterator<Item = Value> {
    page.split("```json\n").skip(1).filter_map(|rest| {
        let (block, _) = rest.split_once("```")?;
        serde_json::from_str(block).ok()
    })
}
