//! What was going on: the conversation read again from the start, because nothing else is remembered.

use deskhand_domain::parameters;
use deskhand_domain::prompt::{Prompt, Tool};
use deskhand_domain::report::Report;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::choose::Chooser;
use super::evidence::says_any;
use super::find::{Said, find};
use super::parameter::{Kind, Parameter};
use super::small_talk::{corrects, drops_it, is_small_talk, looks_like_request};
use super::turns::{Turn, today, turns};
use super::words::content;

/// The conversation as far as it matters now.
pub(super) struct Dialogue<'a> {
    pub(super) turns: Vec<Turn<'a>>,
    pub(super) tools: &'a [Tool],
    today: Option<Date>,
    chooser: Chooser,
    /// The parameters of every tool.
    parameters: Vec<Vec<Parameter<'a>>>,
    /// For every turn: the action it is about.
    topics: Vec<Topic>,
}

/// What one message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Topic {
    /// The action, as an index into the tools.
    pub(super) tool: Option<usize>,
    /// It answers the question for what that action needs.
    pub(super) answers: bool,
    /// The turn that brought the action up.
    pub(super) since: usize,
}

impl<'a> Dialogue<'a> {
    pub(super) fn read(prompt: &'a Prompt) -> Self {
        let mut dialogue = Self {
            turns: turns(&prompt.entries),
            tools: &prompt.tools,
            today: today(&prompt.instructions),
            chooser: Chooser::new(&prompt.tools),
            parameters: prompt.tools.iter().map(parameters_of).collect(),
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
            let mut found = find(parameter, self.said(index, parameter, tool, topic));
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
            only: words_asked == 1 && !said_otherwise,
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
    fn asked(&self, index: usize, tool: usize) -> Vec<String> {
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
    fn named_in(&self, question: &str, tool: usize) -> Vec<String> {
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

    fn topic_of(&self, index: usize) -> Topic {
        let text = self.turns[index].text;
        let nothing = Topic {
            tool: None,
            answers: false,
            since: index,
        };
        if is_small_talk(text) && !self.awaits_yes_or_no(index) {
            return nothing;
        }
        let chosen = self.chooser.choose(text);
        if let Some((open, since)) = self.open_before(index) {
            let answer = Topic {
                tool: Some(open),
                answers: true,
                since,
            };
            if self.answers(index, open, chosen) {
                return answer;
            }
            if drops_it(text) {
                return nothing;
            }
            if chosen.is_none() || chosen == Some(open) {
                // Not understood: asked again.
                return Topic {
                    answers: false,
                    ..answer
                };
            }
        } else if drops_it(text) {
            return nothing;
        }
        if chosen.is_some() {
            return Topic {
                tool: chosen,
                ..nothing
            };
        }
        // "And ORD-222?"
        let last = self.last_called(index).filter(|last| {
            self.parameters(*last)
                .iter()
                .filter(|parameter| parameter.is_identifier())
                .any(|parameter| !find(parameter, bare_said(text, self.today)).is_empty())
        });
        Topic {
            tool: last,
            ..nothing
        }
    }

    /// The message gives what was asked for, rather than bringing up something else.
    fn answers(&self, index: usize, open: usize, chosen: Option<usize>) -> bool {
        let asked = self.asked(index, open);
        let text = self.turns[index].text;
        let gives = |strict: bool| {
            self.parameters(open)
                .iter()
                .filter(|parameter| asked.iter().any(|name| name == parameter.name))
                .filter(|parameter| !strict || !matches!(parameter.kind, Kind::Text | Kind::List))
                .any(|parameter| {
                    let said = Said {
                        text,
                        asked: true,
                        only: true,
                        opening: false,
                        rest: true,
                        today: self.today,
                    };
                    !find(parameter, said).is_empty()
                })
        };
        match chosen {
            // Free words may happen to be those of another action: an answer unless they ask for it.
            Some(other) if other != open => {
                gives(false) && !looks_like_request(text) && !self.begins_with(text, other)
            }
            _ => gives(true) || !drops_it(text) && gives(false),
        }
    }

    /// "Cancel it": the message begins like the action's name.
    fn begins_with(&self, text: &str, tool: usize) -> bool {
        let name = content(&self.tools[tool].name.replace('_', " "));
        content(text)
            .first()
            .is_some_and(|first| name.contains(first))
    }

    /// The action whose question is open before a turn, and the turn that brought it up.
    fn open_before(&self, index: usize) -> Option<(usize, usize)> {
        let before = index.checked_sub(1)?;
        let turn = &self.turns[before];
        if !turn.reply.contains('?') {
            return None;
        }
        let topic = self.topics[before];
        match turn.done.last() {
            None => topic.tool.map(|tool| (tool, topic.since)),
            Some((call, report)) => match report {
                Some(Report::NeedsInput { .. } | Report::Invalid { .. }) => {
                    Some((self.tool_named(&call.name)?, topic.since))
                }
                // "Could you double-check that order number?" asks; "anything else?" does not.
                Some(Report::Declined { .. }) => self
                    .tool_named(&call.name)
                    .filter(|tool| !self.named_in(turn.reply, *tool).is_empty())
                    .map(|tool| (tool, topic.since)),
                _ => None,
            },
        }
    }

    fn awaits_yes_or_no(&self, index: usize) -> bool {
        self.open_before(index).is_some_and(|(open, _)| {
            let asked = self.asked(index, open);
            self.parameters(open)
                .iter()
                .filter(|parameter| matches!(parameter.kind, Kind::Bool))
                .any(|parameter| asked.iter().any(|name| name == parameter.name))
        })
    }

    fn last_called(&self, before: usize) -> Option<usize> {
        self.turns[..before]
            .iter()
            .rev()
            .find_map(|turn| turn.done.last())
            .and_then(|(call, _)| self.tool_named(&call.name))
    }

    /// A value in the text that some action could use.
    pub(super) fn identifier(&self, text: &str) -> Option<String> {
        (0..self.tools.len())
            .flat_map(|tool| self.parameters(tool))
            .filter(|parameter| parameter.required && parameter.is_identifier())
            .find_map(|parameter| {
                find(parameter, bare_said(text, self.today))
                    .first()?
                    .as_str()
                    .map(str::to_owned)
            })
    }

    pub(super) fn tool_named(&self, name: &str) -> Option<usize> {
        self.tools.iter().position(|tool| tool.name == name)
    }
}

/// Read for its looks alone.
fn bare_said(text: &str, today: Option<Date>) -> Said<'_> {
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

fn only_option(parameter: &Parameter<'_>) -> Option<Value> {
    match &parameter.kind {
        Kind::OneOf(options) if options.len() == 1 => options.first().cloned(),
        _ => None,
    }
}
