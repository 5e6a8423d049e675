//! A prompt's entries as turns.

use deskhand_domain::prompt::{Entry, ToolCall};
use deskhand_domain::report::Report;
use jiff::civil::Date;

use super::evidence::tokens;

/// One message of the customer's with all that came of it.
#[derive(Debug, Default)]
pub(super) struct Turn<'a> {
    pub(super) text: &'a str,
    pub(super) done: Vec<(&'a ToolCall, Option<Report>)>,
    /// The agent's last words, if it has replied.
    pub(super) reply: &'a str,
    /// Whether it has. What is said after that was said unasked.
    replied: bool,
}

/// Every message of the customer's, oldest first.
pub(super) fn turns<'a>(entries: &'a [Entry<'_>]) -> Vec<Turn<'a>> {
    let mut turns: Vec<Turn<'a>> = Vec::new();
    for entry in entries {
        if let Entry::Customer { text } = entry {
            turns.push(Turn {
                text,
                ..Turn::default()
            });
            continue;
        }
        let Some(turn) = turns.last_mut() else {
            continue; // The agent spoke first: a greeting.
        };
        match entry {
            Entry::Agent { text, calls } => {
                if !text.trim().is_empty() && !turn.replied {
                    turn.reply = text;
                    turn.replied = calls.is_empty();
                }
                turn.done.extend(calls.iter().map(|call| (call, None)));
            }
            Entry::Results { results } => {
                for result in results.iter() {
                    let report = serde_json::from_value(result.content.clone()).ok();
                    for (call, known) in &mut turn.done {
                        if call.id == result.call_id {
                            *known = report.clone();
                        }
                    }
                }
            }
            Entry::Customer { .. } => {}
        }
    }
    turns
}

/// The day by the instructions: the date in the line in which the server tells the time ("It is
/// Monday, 23 November 2026 (2026-11-23), …"), or else the first date there.
pub(super) fn today(instructions: &str) -> Option<Date> {
    let first = |text: &str| {
        tokens(text)
            .iter()
            .find_map(|token| token.text.get(..10)?.parse().ok())
    };
    instructions
        .lines()
        .filter(|line| line.starts_with("It is "))
        .find_map(first)
        .or_else(|| first(instructions))
}
