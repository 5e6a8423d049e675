//! The model that ships inside (PRODUCT §9): no key, no download, no network, the same answer every
//! time. It matches words, so it understands little; what it puts into a call stands in what the
//! customer said or is one of the owner's own words, and it always says something.
//!
//! It keeps nothing: `dialogue` reads the conversation again for every answer, `choose` finds the
//! action, `find` the values, `report` puts what came back into words, `say` the rest.

mod choose;
mod codes;
mod dates;
mod dialogue;
mod evidence;
mod find;
mod free_text;
mod news;
mod parameter;
mod report;
mod say;
mod shape;
mod small_talk;
mod topic;
mod turns;
mod values;
mod words;

use async_trait::async_trait;
use deskhand_domain::handoff;
use deskhand_domain::prompt::{Answer, Entry, Prompt, Tool, ToolCall};
use serde_json::{Value, json};

use self::dialogue::Dialogue;
use self::small_talk::asks_for_a_person;
use crate::ids::with_unique_ids;
use crate::window::BUILTIN_WINDOW_TOKENS;
use crate::{Deltas, Model, ModelError};

/// The built-in model. It knows no more than the prompt.
#[derive(Debug, Clone, Copy, Default)]
pub struct Builtin;

#[async_trait]
impl Model for Builtin {
    /// Never fails.
    async fn answer(
        &self,
        prompt: &Prompt<'_>,
        deltas: &mut dyn Deltas,
    ) -> Result<Answer, ModelError> {
        let answer = respond(prompt);
        deltas.alive();
        if !answer.text.is_empty() {
            deltas.text(&answer.text);
        }
        Ok(answer)
    }

    fn window_tokens(&self) -> usize {
        BUILTIN_WINDOW_TOKENS
    }
}

fn respond(prompt: &Prompt<'_>) -> Answer {
    let is_person = |tool: &Tool| tool.name == handoff::TOOL;
    if !prompt.tools.iter().any(|tool| is_person(tool)) {
        return respond_alone(prompt);
    }
    if let Some(Entry::Customer { text }) = prompt.entries.last()
        && asks_for_a_person(text)
    {
        return hands_over(text, prompt);
    }
    // It is no action: nothing is looked for that would fill it, and it is not offered as help.
    let mut actions = prompt.clone();
    actions.tools.retain(|tool| !is_person(tool));
    respond_alone(&actions)
}

/// Asks for the conversation to be handed over, with the customer's own words as the reason.
fn hands_over(text: &str, prompt: &Prompt<'_>) -> Answer {
    let call = ToolCall {
        id: String::new(),
        name: handoff::TOOL.to_owned(),
        arguments: json!({"reason": format!("The customer wrote: {}", text.trim())}).to_string(),
    };
    Answer {
        calls: with_unique_ids(vec![call], prompt),
        ..Answer::default()
    }
}

fn respond_alone(prompt: &Prompt<'_>) -> Answer {
    let dialogue = Dialogue::read(prompt);
    let Some(turn) = dialogue.turns.last() else {
        return says(say::welcome());
    };
    if turn.done.is_empty() {
        decide(&dialogue, prompt)
    } else {
        says(report::tell(&dialogue))
    }
}

/// What to do about the latest message.
fn decide(dialogue: &Dialogue<'_>, prompt: &Prompt<'_>) -> Answer {
    if let Some(told) = news::of(dialogue) {
        return says(told);
    }
    let text = dialogue.turns.last().map_or("", |turn| turn.text);
    let topic = dialogue.topic();
    let Some((topic, tool)) = topic.and_then(|topic| Some((topic, topic.tool?))) else {
        return says(match dialogue.unclear_value(text) {
            Some(value) => say::what_about(&value, &dialogue.usable_tools(text)),
            None => say::without_action(text, dialogue.tools),
        });
    };
    let (calls, missing) = dialogue.filled(topic, tool);
    if !missing.is_empty() {
        let parameters = dialogue.parameters(tool);
        let missing: Vec<_> = parameters
            .iter()
            .filter(|parameter| missing.iter().any(|name| name == parameter.name))
            .collect();
        let is_first = topic.since + 1 == dialogue.turns.len();
        let opening = if is_first {
            say::Opening::Glad
        } else if topic.answers {
            say::Opening::Thanks
        } else {
            say::Opening::Lost
        };
        return says(say::ask(opening, &missing));
    }
    let calls = calls
        .into_iter()
        .map(|arguments| ToolCall {
            id: String::new(),
            name: dialogue.tools[tool].name.clone(),
            arguments: Value::Object(arguments).to_string(),
        })
        .collect();
    Answer {
        calls: with_unique_ids(calls, prompt),
        ..Answer::default()
    }
}

fn says(text: String) -> Answer {
    Answer {
        text,
        ..Answer::default()
    }
}

#[cfg(test)]
mod tests;
