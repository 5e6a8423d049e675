//! A run in which all is well, and what each rule says when it is not.

use serde_json::json;

use super::*;
use crate::receiver::Answer;
use crate::record::{Message, Turn};
use crate::snapshot::Caught;
use crate::work::{How, message, receipt};

fn well() -> Seen {
    let rounds = vec![vec![crate::work::Call {
        action: Action::Charge,
        order: "ORD-1".to_owned(),
        how: How::Fast,
    }]];
    let text = message(1, &rounds);
    let reply = format!("Report: {}", receipt(Action::Charge, "ORD-1"));
    Seen {
        asked: vec![Asked {
            key: "key-1".to_owned(),
            text: text.clone(),
            rounds,
            sent: 1,
            answers: vec![json!({ "conversation_id": "conv", "turn_id": "turn", "reply": reply })],
            left: false,
            anew: false,
            trouble: None,
        }],
        received: vec![Received {
            invocation: "inv".to_owned(),
            key: "inv".to_owned(),
            body: Some((Action::Charge, "ORD-1".to_owned())),
            answer: Some(Answer::Success),
        }],
        reported: Vec::new(),
        snapshots: Vec::new(),
        conversations: vec![Conversation {
            id: "conv".to_owned(),
            messages: vec![said("turn", true, &text), said("turn", false, &reply)],
            turns: vec![Turn {
                id: "turn".to_owned(),
                status: "completed".to_owned(),
            }],
            invocations: vec![Invocation {
                id: "inv".to_owned(),
                turn: "turn".to_owned(),
                action: Action::Charge,
                order: "ORD-1".to_owned(),
                status: "succeeded".to_owned(),
                code: String::new(),
                sent: true,
            }],
        }],
    }
}

fn said(turn: &str, by_customer: bool, text: &str) -> Message {
    Message {
        turn: turn.to_owned(),
        by_customer,
        text: text.to_owned(),
    }
}

fn caught(sending: bool, invocation: &str) -> Snapshot {
    Snapshot {
        kill: 3,
        caught: vec![Caught {
            invocation: invocation.to_owned(),
            sending,
        }],
    }
}

/// The rules that a run breaks once it is changed like this.
fn broken(change: impl FnOnce(&mut Seen)) -> Vec<&'static str> {
    let mut seen = well();
    change(&mut seen);
    let mut rules: Vec<_> = reconcile(&seen).into_iter().map(|v| v.rule).collect();
    rules.dedup();
    rules
}

#[test]
fn all_is_well() {
    assert_eq!(reconcile(&well()), []);
}

#[test]
fn a_second_request_is_found() {
    let rules = broken(|seen| seen.received.push(seen.received[0].clone()));
    assert_eq!(rules, ["sent more often than asked for", "sent twice"]);
}

#[test]
fn a_second_invocation_for_one_message_is_found() {
    let rules = broken(|seen| {
        let mut request = seen.received[0].clone();
        request.invocation = "other".to_owned();
        request.key = "other".to_owned();
        seen.received.push(request);
        let conversation = &mut seen.conversations[0];
        let mut other = conversation.invocations[0].clone();
        other.id = "other".to_owned();
        conversation.invocations.push(other);
    });
    assert_eq!(rules, ["sent more often than asked for"]);
}

#[test]
fn what_was_committed_must_be_there() {
    let rules = broken(|seen| seen.snapshots.push(caught(false, "gone")));
    assert_eq!(rules, ["a committed intent is lost"]);
    let rules = broken(|seen| seen.snapshots.push(caught(true, "inv")));
    assert_eq!(rules, ["ambiguous, and not unknown"]);
    assert_eq!(
        broken(|seen| seen.snapshots.push(caught(false, "inv"))),
        [""; 0]
    );
}

#[test]
fn a_success_that_nobody_gave_is_found() {
    let rules = broken(|seen| seen.received[0].answer = None);
    assert_eq!(rules, ["recorded otherwise than it happened"]);
}

#[test]
fn what_was_sent_has_not_just_failed() {
    let rules = broken(|seen| {
        let invocation = &mut seen.conversations[0].invocations[0];
        invocation.status = "failed".to_owned();
        invocation.code = "interrupted".to_owned();
    });
    assert_eq!(
        rules,
        [
            "recorded otherwise than it happened",
            "told of a success that is none"
        ]
    );
}

#[test]
fn unknown_is_for_what_was_sent_and_is_said() {
    let rules = broken(|seen| {
        let conversation = &mut seen.conversations[0];
        conversation.invocations[0].status = "unknown".to_owned();
        conversation.invocations[0].sent = false;
        conversation.messages[1].text = "All is well.".to_owned();
        seen.asked[0].answers[0]["reply"] = json!("All is well.");
    });
    assert_eq!(
        rules,
        [
            "not told of an uncertain outcome",
            "unknown, and never sent"
        ]
    );
}

#[test]
fn replies_are_one_a_message_and_the_same_for_everybody() {
    let rules = broken(|seen| {
        seen.conversations[0].messages.pop();
    });
    assert_eq!(
        rules,
        [
            "a message without an answer",
            "the client was told otherwise than is stored"
        ]
    );
    assert_eq!(
        broken(|seen| seen.asked[0].anew = true),
        ["answered anew under the same key"]
    );
    let rules = broken(|seen| {
        let again = seen.conversations[0].messages[1].clone();
        seen.conversations[0].messages.push(again);
    });
    assert_eq!(rules, ["more than one reply"]);
    let rules = broken(|seen| seen.asked[0].answers[0]["turn_id"] = json!("other"));
    assert_eq!(rules, ["the client was told otherwise than is stored"]);
    let rules = broken(|seen| {
        let again = seen.conversations[0].clone();
        seen.conversations.push(again);
    });
    assert!(rules.contains(&"more than one turn for a key"), "{rules:?}");
}

/// A refund that was accepted and is completed, of which this was said: by the turn that asked for it, and
/// after that.
fn completed(reply: &str, follow_ups: &[&str]) -> Vec<&'static str> {
    broken(|seen| {
        let rounds = vec![vec![crate::work::Call {
            action: Action::Refund,
            order: "ORD-1".to_owned(),
            how: How::Fast,
        }]];
        let text = message(1, &rounds);
        seen.asked[0].text.clone_from(&text);
        seen.asked[0].rounds = rounds;
        seen.asked[0].answers[0]["reply"] = json!(reply);
        seen.received[0].body = Some((Action::Refund, "ORD-1".to_owned()));
        seen.received[0].answer = Some(Answer::Accepted);
        seen.reported.push(Reported {
            invocation: "inv".to_owned(),
            success: true,
            status: Some(200),
        });
        let conversation = &mut seen.conversations[0];
        conversation.invocations[0].action = Action::Refund;
        conversation.invocations[0].status = "completed".to_owned();
        conversation.messages = vec![said("turn", true, &text), said("turn", false, reply)];
        for (n, text) in follow_ups.iter().enumerate() {
            conversation
                .messages
                .push(said(&format!("after {n}"), false, text));
        }
    })
}

#[test]
fn a_completion_is_told_once() {
    let receipt = receipt(Action::Refund, "ORD-1");
    let done = format!("Good news: {receipt}");
    assert_eq!(completed("It has begun.", &[&done]), [""; 0]);
    assert_eq!(completed(&done, &[]), [""; 0]);
    assert_eq!(
        completed("It has begun.", &[]),
        ["not told of a completion"]
    );
    let twice = ["told of a completion twice"];
    assert_eq!(completed("It has begun.", &[&done, &done]), twice);
    assert_eq!(completed(&done, &[&done]), twice);
}
