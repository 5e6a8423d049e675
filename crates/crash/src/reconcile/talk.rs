//! What the customers were told.

use std::collections::HashMap;

use deskhand_domain::wording;

use super::Index;
use crate::customer::Asked;
use crate::record::{Conversation, Invocation, Message};
use crate::work::{Action, receipt};

type Violate<'a> = &'a mut dyn FnMut(&'static str, String);

pub fn check(index: &Index<'_>, violate: Violate<'_>) {
    // Where each message was stored, and in which turn.
    let mut stored: HashMap<&str, Vec<(&Conversation, &Message)>> = HashMap::new();
    for conversation in &index.seen.conversations {
        for message in conversation.messages.iter().filter(|m| m.by_customer) {
            let places = stored.entry(&message.text).or_default();
            places.push((conversation, message));
        }
        turns(conversation, violate);
        truth(conversation, violate);
    }
    for asked in &index.seen.asked {
        let places = stored
            .get(asked.text.as_str())
            .map_or(&[][..], Vec::as_slice);
        answers(asked, places, violate);
    }
}

/// One turn a message, one reply a turn.
fn turns(conversation: &Conversation, violate: Violate<'_>) {
    for turn in &conversation.turns {
        let of_turn = || conversation.messages.iter().filter(|m| m.turn == turn.id);
        let questions = of_turn().filter(|m| m.by_customer).count();
        let replies = of_turn().filter(|m| !m.by_customer).count();
        if turn.status == "running" {
            violate("left under way", turn.id.clone());
        } else if replies == 0 {
            violate("a message without an answer", turn.id.clone());
        } else if replies > 1 || questions > 1 {
            violate(
                "more than one reply",
                format!("{}: {questions} messages, {replies} replies", turn.id),
            );
        }
    }
}

/// The client's side of a message against the stored one.
fn answers(asked: &Asked, places: &[(&Conversation, &Message)], violate: Violate<'_>) {
    let key = &asked.key;
    if let Some(trouble) = &asked.trouble {
        violate("an answer that is none", format!("{key}: {trouble}"));
        return;
    }
    if asked.anew {
        violate("answered anew under the same key", key.clone());
    }
    if places.len() > 1 {
        let turns: Vec<&str> = places.iter().map(|(_, m)| m.turn.as_str()).collect();
        violate("more than one turn for a key", format!("{key}: {turns:?}"));
        return;
    }
    let Some((conversation, message)) = places.first() else {
        if !asked.left {
            violate("an answered message is lost", key.clone());
        }
        return;
    };
    let reply = conversation
        .messages
        .iter()
        .find(|m| m.turn == message.turn && !m.by_customer);
    for answer in &asked.answers {
        let same = answer["turn_id"] == message.turn.as_str()
            && answer["conversation_id"] == conversation.id.as_str()
            && answer["reply"].as_str() == reply.map(|reply| reply.text.as_str());
        if !same {
            violate(
                "the client was told otherwise than is stored",
                format!("{key}, {}: {answer}", message.turn),
            );
        }
    }
}

/// What stands in the replies against what is recorded of the calls.
fn truth(conversation: &Conversation, violate: Violate<'_>) {
    let about = |action, order: &str| {
        let all = conversation.invocations.iter();
        let order = order.to_owned();
        all.filter(move |i| i.action == action && i.order == order)
    };
    for message in conversation.messages.iter().filter(|m| !m.by_customer) {
        for invocation in &conversation.invocations {
            let (action, order) = (invocation.action, invocation.order.as_str());
            let told = message.text.contains(&receipt(action, order));
            let done = |i: &Invocation| matches!(i.status.as_str(), "succeeded" | "completed");
            if told && !about(action, order).any(done) {
                violate(
                    "told of a success that is none",
                    format!("{}, {}", message.turn, invocation.id),
                );
            }
        }
        let of_turn = || {
            conversation
                .invocations
                .iter()
                .filter(|i| i.turn == message.turn)
        };
        let asked = conversation.messages.iter();
        let answers = asked
            .clone()
            .any(|m| m.by_customer && m.turn == message.turn);
        if !answers {
            continue;
        }
        let uncertain = message.text.contains(wording::UNKNOWN);
        for invocation in of_turn() {
            let what = || format!("{}, {}: {}", message.turn, invocation.id, message.text);
            if invocation.status == "unknown" && !uncertain {
                violate("not told of an uncertain outcome", what());
            }
            if invocation.status == "succeeded"
                && invocation.action != Action::LookUp
                && !tells_of(&message.text, invocation)
            {
                violate("not told of what was done", what());
            }
        }
        let orders: Vec<&str> = of_turn().map(|i| i.order.as_str()).collect();
        let could_be = |i: &Invocation| match i.status.as_str() {
            "unknown" => true,
            // Settled since.
            "completed" | "declined" | "expired" => i.action == Action::Refund,
            _ => false,
        };
        let asked_again = orders.is_empty();
        let in_question = conversation
            .invocations
            .iter()
            .any(|i| (asked_again || orders.contains(&i.order.as_str())) && could_be(i));
        if uncertain && !in_question {
            violate(
                "told that it is uncertain what is not",
                format!("{}: {}", message.turn, message.text),
            );
        }
    }
    follow_ups(conversation, violate);
}

/// Whether it says that a call was carried out: with its receipt, or by its name, where the server speaks
/// of a turn that was cut off.
fn tells_of(text: &str, invocation: &Invocation) -> bool {
    let named = format!(
        "\u{201c}{}\u{201d} is done",
        invocation.action.display_name()
    );
    text.contains(&receipt(invocation.action, &invocation.order)) || text.contains(&named)
}

/// What was settled is told once: by its own turn, or in a message of its own after that.
fn follow_ups(conversation: &Conversation, violate: Violate<'_>) {
    let settled = |i: &&Invocation| i.action == Action::Refund && i.status == "completed";
    for invocation in conversation.invocations.iter().filter(settled) {
        let told = |m: &&Message| !m.by_customer && tells_of(&m.text, invocation);
        let is_answer = |m: &&Message| {
            let mut asked = conversation.messages.iter();
            asked.any(|asked| asked.by_customer && asked.turn == m.turn)
        };
        let all: Vec<&Message> = conversation.messages.iter().filter(told).collect();
        let same = |i: &&Invocation| i.order == invocation.order && settled(i);
        let same: Vec<&Invocation> = conversation.invocations.iter().filter(same).collect();
        let receipt = receipt(invocation.action, &invocation.order);
        // Later turns may be asked how it stands. A turn that was given up names what it knows of by its name.
        let counts = |m: &&&Message| {
            let is_own = same.iter().any(|i| i.turn == m.turn) && m.text.contains(&receipt);
            is_own || !is_answer(m)
        };
        if all.is_empty() {
            violate("not told of a completion", invocation.id.clone());
        } else if all.iter().filter(counts).count() > same.len() {
            violate("told of a completion twice", invocation.id.clone());
        }
    }
}
