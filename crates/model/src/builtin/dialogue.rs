//! What was going on: the conversation read again from the start, because nothing else is remembered.

use std::sync::Arc;

use deskhand_domain::parameters;
use deskhand_domain::prompt::{Prompt, Tool};
use deskhand_domain::report::Report;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::choose::Chooser;
use super::evidence::{has_digit, says_any};
use super::find::{Said, find};
use super::parameter::{Kind, Parameter};
use super::small_talk::corrects;
use super::topic::Topic;
use super::turns::{Turn, today, turns};
use super::words::content;

/// The conversation as far as it matters now.
pub(super) struct Dialogue<'a> {
    pub(super) turns: Vec<Turn<'a>>,
    pub(super) tools: &'a [Arc<Tool>],
    pub(super) today: Option<Date>,
    pub(super) chooser: Chooser,
    /// The parameters of every tool.
    parameters: Vec<Vec<Parameter<'a>>>,
    /// For every turn: the action it is about.
    pub(super) topics: Vec<Topic>,
}

impl<'a> Dialogue<'a> {
    pub(super) fn read(prompt: &'a Prompt<'a>) -> Self {
        let mut dialogue = Self {
            turns: turns(&prompt.entries),
            tools: &prompt.tools,
            today: today(&prompt.instructions),
            chooser: Chooser::new(&prompt.tools),
            parameters: prompt
                .tools
                .iter()
                .map(|tool| parameters_of(tool))
                .collect(),
            topics: Vec::new(),
        };
        for index in 0..dialogue.turns.len() {
            let topic = dialogue.topic_of(index);
            dialogue.topics.push(topic);
        }
        dialogue
    }

    /// What the latest message is about.
    pub(super) fn topic(&self) -> Option<Topic> {
        self.topics.last().copied()
    }

    /// The parameters of a tool, in its schema's order.
    pub(super) fn parameters(&self, tool: usize) -> &[Parameter<'a>] {
        &self.parameters[tool]
    }

    /// Everything the customer has said for an action: the arguments of its calls, and the names of
    /// the required parameters that are still missing. More than one call where the latest message
    /// names several things of the one kind that is looked for.
    pub(super) fn filled(
        &self,
        topic: Topic,
        tool: usize,
    ) -> (Vec<Map<String, Value>>, Vec<String>) {
        let mut arguments = Map::new();
        let mut missing = Vec::new();
        let mut several: Option<(String, Vec<Value>)> = None;
        for parameter in self.parameters(tool) {
            let found = self.values(parameter, topic, tool);
            match found.as_slice() {
                [] if parameter.required => match only_option(parameter) {
                    Some(value) => drop(arguments.insert(parameter.name.to_owned(), value)),
                    None => missing.push(parameter.name.to_owned()),
                },
                [] => {}
                [one] => drop(arguments.insert(parameter.name.to_owned(), one.clone())),
                [first, ..] => {
                    arguments.insert(parameter.name.to_owned(), first.clone());
                    // "ORD-1, not ORD-2", "this or that": which one is asked, not guessed.
                    let unclear = ["not", "don't", "except", "instead", "or", "but", "rather"];
                    if says_any(self.turns[self.turns.len() - 1].text, &unclear) {
                        arguments.remove(parameter.name);
                        if parameter.required {
                            missing.push(parameter.name.to_owned());
                        }
                    } else if several.is_none() && parameter.required {
                        several = Some((parameter.name.to_owned(), found));
                    }
                }
            }
        }
        let calls = match several {
            Some((name, values)) => values
                .into_iter()
                .take(5)
                .map(|value| {
                    let mut arguments = arguments.clone();
                    arguments.insert(name.clone(), value);
                    arguments
                })
                .collect(),
            None => vec![arguments],
        };
        (calls, missing)
    }

    /// The latest message first, then earlier ones: those about the same request in full, those
    /// before it only for what identifies a thing of the customer's.
    fn values(&self, parameter: &Parameter<'_>, topic: Topic, tool: usize) -> Vec<Value> {
        let now = self.turns.len() - 1;
        let refused = self.refused(parameter.name, tool);
        for index in (0..=now).rev() {
            let in_request = index >= topic.since;
            if !(in_request || parameter.required && parameter.is_identifier()) {
                continue;
            }
            // "My other order" is none of those before.
            if index < now && says_any(self.turns[now].text, &["other", "another", "different"]) {
                break;
            }
            let mut found = self.found(index, parameter, tool, topic);
            if index < now {
                found.retain(|value| !refused.contains(value));
                found.reverse();
                found.truncate(1);
            } else if corrects(self.turns[now].text) {
                found.reverse();
                found.truncate(1);
            } else if !parameter.is_identifier() {
                found.truncate(1);
            }
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// The values for a parameter in one message. Those that could as well be another's ("5 May to
    /// 8 May" for a first and a last day) go to the ones that were asked for, in order.
    fn found(
        &self,
        index: usize,
        parameter: &Parameter<'_>,
        tool: usize,
        topic: Topic,
    ) -> Vec<Value> {
        let said = |other: &Parameter<'_>| self.said(index, other, tool, topic);
        let mut found = find(parameter, said(parameter));
        if found.is_empty() || !parameter.goes_by_looks() {
            return found;
        }
        let alike: Vec<&Parameter<'_>> = self
            .parameters(tool)
            .iter()
            .filter(|other| other.goes_by_looks() && find(other, said(other)) == found)
            .collect();
        if alike.len() < 2 {
            return found;
        }
        // "to AC-2" says whose it is.
        let marked = |value: &Value| {
            let word = word_before(self.turns[index].text, value.as_str()?)?;
            alike
                .iter()
                .find(|other| other.spoken().split(' ').any(|part| part == word))
                .map(|other| other.name)
        };
        if let Some(own) = found.iter().find(|v| marked(v) == Some(parameter.name)) {
            return vec![own.clone()];
        }
        let asked = alike.iter().any(|other| said(other).asked);
        let mut takers: Vec<&str> = Vec::new();
        for required in [true, false] {
            let next = alike.iter().filter(|other| {
                other.required == required
                    && said(other).asked == asked
                    && !found.iter().any(|v| marked(v) == Some(other.name))
            });
            takers.extend(next.map(|other| other.name));
        }
        found.retain(|value| marked(value).is_none());
        match takers.iter().position(|name| *name == parameter.name) {
            Some(place) if place < found.len() => vec![found.swap_remove(place)],
            _ => Vec::new(),
        }
    }

    fn said(&self, index: usize, parameter: &Parameter<'_>, tool: usize, topic: Topic) -> Said<'a> {
        let asked = self.asked(index, tool);
        let is_asked = self
            .topics
            .get(index)
            .is_some_and(|topic| topic.answers && topic.tool == Some(tool))
            && asked.iter().any(|name| name == parameter.name);
        // Whatever else was asked for and is recognised by its looks leaves the rest to the words.
        let parameters = self.parameters(tool);
        let words_asked = parameters
            .iter()
            .filter(|other| asked.iter().any(|name| name == other.name))
            .filter(|other| matches!(other.kind, Kind::Text | Kind::List))
            .count();
        let said_otherwise = parameters
            .iter()
            .filter(|other| !matches!(other.kind, Kind::Text | Kind::List))
            .any(|other| {
                asked.len() > 1
                    && !find(other, bare_said(self.turns[index].text, self.today)).is_empty()
            });
        Said {
            text: self.turns[index].text,
            asked: is_asked,
            only: words_asked == 1
                && !said_otherwise
                && (asked.len() == 1 || !has_digit(self.turns[index].text)),
            opening: index == topic.since && self.says_more_than_the_request(index, tool),
            rest: words_asked == 1,
            today: self.today,
        }
    }

    /// "I need a ticket" only asks for one; a description of a problem has words of its own.
    fn says_more_than_the_request(&self, index: usize, tool: usize) -> bool {
        let tool = &self.tools[tool];
        let known = content(&format!(
            "{} {}",
            tool.name.replace('_', " "),
            tool.display_name
        ));
        let own = content(self.turns[index].text);
        own.iter().filter(|word| !known.contains(word)).count() >= 3
    }

    /// The parameters that the agent asked for just before a turn.
    pub(super) fn asked(&self, index: usize, tool: usize) -> Vec<String> {
        let Some(question) = index
            .checked_sub(1)
            .map(|before| self.turns[before].reply)
            .filter(|reply| reply.contains('?'))
        else {
            return Vec::new();
        };
        let named = self.named_in(question, tool);
        if !named.is_empty() {
            return named;
        }
        self.parameters(tool)
            .iter()
            .filter(|parameter| parameter.required)
            .map(|parameter| parameter.name.to_owned())
            .collect()
    }

    /// The parameters that a question speaks of.
    pub(super) fn named_in(&self, question: &str, tool: usize) -> Vec<String> {
        let question = question.to_lowercase();
        self.parameters(tool)
            .iter()
            .filter(|parameter| {
                question.contains(&parameter.label()) || question.contains(&parameter.spoken())
            })
            .map(|parameter| parameter.name.to_owned())
            .collect()
    }

    /// Values that the endpoint has said no to.
    fn refused(&self, name: &str, tool: usize) -> Vec<Value> {
        self.turns
            .iter()
            .flat_map(|turn| &turn.done)
            .filter(|(call, report)| {
                call.name == self.tools[tool].name
                    && matches!(report, Some(Report::Declined { .. }))
            })
            .filter_map(|(call, _)| {
                let arguments: Value = serde_json::from_str(&call.arguments).ok()?;
                arguments.get(name).cloned()
            })
            .collect()
    }

    /// The actions that could use a value in the text.
    pub(super) fn usable_tools(&self, text: &str) -> Vec<Arc<Tool>> {
        self.usable(text)
            .into_iter()
            .map(|tool| self.tools[tool].clone())
            .collect()
    }

    pub(super) fn tool_named(&self, name: &str) -> Option<usize> {
        self.tools.iter().position(|tool| tool.name == name)
    }
}

/// Read for its looks alone.
pub(super) fn bare_said(text: &str, today: Option<Date>) -> Said<'_> {
    Said {
        text,
        asked: false,
        only: false,
        opening: false,
        rest: false,
        today,
    }
}

fn parameters_of(tool: &Tool) -> Vec<Parameter<'_>> {
    let required = parameters::required_names(&tool.parameters);
    parameters::properties(&tool.parameters)
        .filter(|(_, property)| property.get("const").is_none())
        .map(|(name, property)| Parameter::new(name, property, required.contains(&name.as_str())))
        .collect()
}

/// The word just before a value in a text, in lower case.
fn word_before(text: &str, value: &str) -> Option<String> {
    let before = &text[..text.find(value)?];
    Some(before.split_whitespace().last()?.to_lowercase())
}

fn only_option(parameter: &Parameter<'_>) -> Option<Value> {
    match &parameter.kind {
        Kind::OneOf(options) if options.len() == 1 => options.first().cloned(),
        _ => None,
    }
}
