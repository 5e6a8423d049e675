//! Which action a message is about, in the light of what was said before.

use super::dialogue::{Dialogue, bare_said};
use super::find::{Said, find};
use super::parameter::{Kind, Parameter};
use super::small_talk::{drops_it, is_small_talk, looks_like_request};
use super::words::{content, is_deed, is_look_up};
use deskhand_domain::report::Report;

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

impl Dialogue<'_> {
    /// What a turn is about; the turns before it have their topics.
    pub(super) fn topic_of(&self, index: usize) -> Topic {
        let text = self.turns[index].text;
        let nothing = Topic {
            tool: None,
            answers: false,
            since: index,
        };
        if is_small_talk(text) && !self.awaits_yes_or_no(index) {
            return nothing;
        }
        let chosen = self.chosen(text);
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
            if chosen.is_none() && self.asks_for_another_deed(text, open) {
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
        let tool = chosen
            .or_else(|| self.again(text, index))
            .or_else(|| self.fitting(text));
        Topic { tool, ..nothing }
    }

    /// The action that the words alone point to.
    fn chosen(&self, text: &str) -> Option<usize> {
        self.chooser.choose(text).filter(|tool| {
            !self.asks_for_another_deed(text, *tool)
                && (is_look_up(&self.tools[*tool].name) || !self.only_asks_for_news(text, *tool))
        })
    }

    /// "And ORD-222?": the action that ran last, for another of the things it takes.
    fn again(&self, text: &str, index: usize) -> Option<usize> {
        self.last_called(index).filter(|last| {
            !self.asks_for_another_deed(text, *last)
                && (self.holds_value(text, *last) || self.asks_after_it(text, *last))
        })
    }

    /// "Where is it now?": after a look-up, with no word that is not about it.
    fn asks_after_it(&self, text: &str, tool: usize) -> bool {
        let said = content(text);
        is_look_up(&self.tools[tool].name)
            && text.contains('?')
            && !said.is_empty()
            && self.chooser.known(tool, &said) == said.len()
    }

    /// The action that a value in the text fits: "Where is ORD-67890?". The words decide between
    /// several; where they say nothing, it has to be the only one, and one that does no harm.
    fn fitting(&self, text: &str) -> Option<usize> {
        let said = content(text);
        let mut fitting: Vec<(usize, f64)> = self
            .usable(text)
            .into_iter()
            .filter(|tool| !self.asks_for_another_deed(text, *tool))
            .map(|tool| (tool, self.chooser.weight(tool, &said)))
            .collect();
        fitting.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        match fitting.as_slice() {
            [(tool, _)] => Some(*tool),
            [(tool, high), (_, next), ..] if *high > 0.0 && *high >= 2.0 * next => Some(*tool),
            _ => None,
        }
        .filter(|tool| is_look_up(&self.tools[*tool].name))
    }

    /// The actions that need a value such as one in the text.
    pub(super) fn usable(&self, text: &str) -> Vec<usize> {
        (0..self.tools.len())
            .filter(|tool| self.holds_value(text, *tool))
            .collect()
    }

    /// The text holds a value for a parameter that points to a thing, by its looks.
    fn holds_value(&self, text: &str, tool: usize) -> bool {
        self.sought(tool)
            .any(|parameter| !find(parameter, bare_said(text, self.today)).is_empty())
    }

    /// A value in the text that some action could use, where it is not clear for what. Nothing where
    /// the text asks for what none of them does.
    pub(super) fn unclear_value(&self, text: &str) -> Option<String> {
        let usable = self.usable(text);
        let declined = usable
            .iter()
            .all(|tool| self.asks_for_another_deed(text, *tool));
        let asks_one = usable.len() == 1 && text.contains('?') && !content(text).is_empty();
        if declined || asks_one {
            return None;
        }
        usable
            .into_iter()
            .flat_map(|tool| self.sought(tool))
            .find_map(|parameter| {
                find(parameter, bare_said(text, self.today))
                    .first()?
                    .as_str()
                    .map(str::to_owned)
            })
    }

    fn sought(&self, tool: usize) -> impl Iterator<Item = &Parameter<'_>> {
        self.parameters(tool)
            .iter()
            .filter(|parameter| parameter.required && parameter.is_identifier())
    }

    /// "Cancel ORD-1" to one that only checks: a thing to be done that this action knows nothing of.
    fn asks_for_another_deed(&self, text: &str, tool: usize) -> bool {
        content(text)
            .iter()
            .any(|word| is_deed(word) && self.chooser.known(tool, std::slice::from_ref(word)) == 0)
    }

    /// "Has my order shipped?" to one that cancels: a question for news, with no word of the deed.
    fn only_asks_for_news(&self, text: &str, tool: usize) -> bool {
        let said = content(text);
        let deeds: Vec<String> = content(&self.tools[tool].name.replace('_', " "))
            .into_iter()
            .take(1)
            .collect();
        text.contains('?')
            && said.iter().any(|word| is_news(word))
            && !said
                .iter()
                .any(|word| deeds.contains(word) || is_deed(word))
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
}

/// A word of a question that only wants to know.
fn is_news(stem: &str) -> bool {
    matches!(
        stem,
        "where" | "status" | "track" | "arrive" | "ship" | "deliver" | "news" | "send" | "sent"
    )
}
