//! "Is it done yet?": how something stands that was asked for before. The results of earlier calls
//! say it; nothing is called.

use deskhand_domain::prompt::ToolCall;

use super::dialogue::Dialogue;
use super::evidence::has_digit;
use super::report;
use super::words::{is_look_up, words};

/// Most words of such a question.
const WORDS: usize = 14;

/// What such a question holds.
const PHRASES: &[&str] = &[
    "done yet",
    "done now",
    "is it done",
    "is that done",
    "is it ready",
    "is it finished",
    "finished yet",
    "completed yet",
    "is it complete",
    "any news",
    "any update",
    "any progress",
    "an update on",
    "heard back",
    "how is it going",
    "how's it going",
    "how is it coming",
    "how far",
    "went through",
    "gone through",
    "go through",
    "did it work",
    "did that work",
    "has it been done",
    "still waiting",
    "and now?",
];

/// How the last thing stands that was done for the customer, if the latest message asks for that.
pub(super) fn of(dialogue: &Dialogue<'_>) -> Option<String> {
    let (now, before) = dialogue.turns.split_last()?;
    if !asks(now.text) {
        return None;
    }
    let deeds = before
        .iter()
        .rev()
        .flat_map(|turn| turn.done.iter().rev())
        .filter(|(call, _)| !is_look_up(&call.name));
    for (call, report) in deeds {
        let Some(report) = report else { continue };
        if is_about(now.text, call)
            && let Some(told) = report::standing(dialogue, call, report)
        {
            return Some(told);
        }
    }
    None
}

fn asks(text: &str) -> bool {
    let lower = text.to_lowercase().replace('’', "'");
    words(text).len() <= WORDS && PHRASES.iter().any(|phrase| lower.contains(phrase))
}

/// A message that names a thing asks for a call that had it.
fn is_about(text: &str, call: &ToolCall) -> bool {
    let folded = |text: &str| {
        let kept = text.chars().filter(|c| c.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect::<String>()
    };
    let arguments = folded(&call.arguments);
    text.split_whitespace()
        .filter(|word| has_digit(word))
        .all(|word| arguments.contains(&folded(word)))
}
