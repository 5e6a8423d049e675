//! Ids of calls: each is used once in a conversation, so that every result finds its call.

use std::collections::HashSet;

use deskhand_domain::prompt::{Entry, Prompt, ToolCall};

/// Letters and digits of an id, no more and no fewer: the only form that every provider takes back.
const CALL_ID_BYTES: usize = 9;

/// Gives every call one of our own whose id not every provider takes back or that is already taken in the
/// conversation. What one provider makes up, another (`fallback_model`) may have to take.
pub(crate) fn with_unique_ids(mut calls: Vec<ToolCall>, prompt: &Prompt<'_>) -> Vec<ToolCall> {
    if calls.is_empty() {
        return calls;
    }
    let well_formed =
        |id: &str| id.len() == CALL_ID_BYTES && id.bytes().all(|b| b.is_ascii_alphanumeric());
    let taken: HashSet<&str> = prompt
        .entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Agent { calls, .. } => Some(calls.iter()),
            _ => None,
        })
        .flatten()
        .map(|call| call.id.as_str())
        .collect();
    let mut number = taken.len();
    for at in 0..calls.len() {
        let (before, rest) = calls.split_at_mut(at);
        let id = &mut rest[0].id;
        let is_taken = |id: &str| taken.contains(id) || before.iter().any(|call| call.id == id);
        while !well_formed(id) || is_taken(id) {
            *id = format!("call{number:05}");
            number += 1;
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_in_the_conversation() {
        let call = |id: &str| ToolCall {
            id: id.to_owned(),
            name: "check".to_owned(),
            arguments: "{}".to_owned(),
        };
        let prompt = Prompt {
            entries: vec![Entry::Agent {
                text: "".into(),
                calls: vec![call("abcdefgh1")].into(),
            }],
            ..Prompt::default()
        };
        let ids: Vec<_> = with_unique_ids(
            [
                "abcdefgh1",
                "",
                "abcdefgh2",
                "abcdefgh2",
                "f:0",
                "call_abcd",
            ]
            .map(call)
            .to_vec(),
            &prompt,
        )
        .into_iter()
        .map(|call| call.id)
        .collect();
        assert_eq!(
            ids,
            [
                "call00001",
                "call00002",
                "abcdefgh2",
                "call00003",
                "call00004",
                "call00005"
            ]
        );
    }
}
