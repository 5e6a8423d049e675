//! The reply a turn ends with.

use super::parts::Done;
use super::{State, Turn};
use crate::agent::AgentDefinition;
use crate::conversation::{StopReason, TurnStatus};
use crate::invocation::InvocationStatus;
use crate::report::Problem;
use crate::wording::{self, Told};

/// The end of a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// How it ended: never `running`.
    pub status: TurnStatus,
    /// What the customer hears: never empty.
    pub reply: String,
    /// Why it was stopped, if it was; for the operator.
    pub stop_reason: Option<StopReason>,
    /// What exactly happened, if it was stopped; for the operator.
    pub stop_detail: Option<String>,
    /// Why the conversation is handed over to a person, if it is; for the person.
    pub handoff: Option<String>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ending {
    /// The model replied.
    Said(String),
    /// The model would not ask for what is missing, so the server does.
    Ask(Vec<Problem>),
    /// The model handed over to a person, for this reason.
    HandedOver(String),
    /// It was stopped.
    Stopped(StopReason, String),
}

impl Turn {
    /// The reply; `None` while there is something left to do.
    pub fn finish(&self, agent: &AgentDefinition) -> Option<Finished> {
        let State::Over(ending) = &self.state else {
            return None;
        };
        let contact = agent.fallback_contact.as_deref();
        let (status, stop) = match ending {
            Ending::Said(_) | Ending::Ask(_) | Ending::HandedOver(_) => {
                (TurnStatus::Completed, None)
            }
            Ending::Stopped(reason, detail) => {
                (TurnStatus::Failed, Some((*reason, detail.clone())))
            }
        };
        let reply = if self.lost_calls {
            format!(
                "{} {}",
                wording::UNKNOWN,
                wording::way_on_if_uncertain(contact)
            )
        } else if self.has_open_account() {
            let account = wording::account_for(&self.told(), contact);
            match ending {
                Ending::HandedOver(_) => format!("{account} {}", wording::HANDED_OVER),
                _ => account,
            }
        } else {
            match ending {
                Ending::Said(text) => text.clone(),
                Ending::Ask(problems) => {
                    let mut names: Vec<(&str, Option<&str>)> = Vec::new();
                    for problem in problems {
                        let name = problem.parameter.as_str();
                        if !names.iter().any(|(other, _)| *other == name) {
                            names.push((name, None));
                        }
                    }
                    self.after_what_was_done(wording::ask_for(&names))
                }
                Ending::HandedOver(_) => self.after_what_was_done(wording::HANDED_OVER.to_owned()),
                Ending::Stopped(..) => self.after_what_was_done(agent.apology()),
            }
        };
        let (stop_reason, stop_detail) = stop.unzip();
        Some(Finished {
            status,
            reply,
            stop_reason,
            stop_detail,
            handoff: match ending {
                Ending::HandedOver(reason) => Some(reason.clone()),
                _ => None,
            },
        })
    }

    /// Something may have been done before the server had to speak: that is said before anything else.
    fn after_what_was_done(&self, text: String) -> String {
        if self.done.iter().any(|done| has_happened(done.ran.status)) {
            format!("{} {text}", wording::so_far(&self.told()))
        } else {
            text
        }
    }

    /// Whether the model's words can become the reply as things stand.
    pub fn model_may_speak(&self) -> bool {
        !self.has_open_account()
    }

    /// Whether a call failed or is uncertain and nothing since has made up for it. Then no model
    /// words it: a failure must not be turned into a success, nor an uncertain outcome into either.
    fn has_open_account(&self) -> bool {
        self.done
            .iter()
            .enumerate()
            .any(|(i, done)| match done.ran.status {
                InvocationStatus::Unknown
                | InvocationStatus::Sending
                | InvocationStatus::Intended => true,
                InvocationStatus::Failed => !self.made_up_for(done, &self.done[i + 1..]),
                _ => false,
            })
    }

    fn made_up_for(&self, failed: &Done, later: &[Done]) -> bool {
        later
            .iter()
            .any(|done| done.call.is_another_try_of(&failed.call) && has_happened(done.ran.status))
    }

    fn told(&self) -> Vec<Told<'_>> {
        self.done
            .iter()
            .enumerate()
            .filter(|(i, done)| {
                done.ran.status != InvocationStatus::Failed
                    || !self.made_up_for(done, &self.done[i + 1..])
            })
            .map(|(i, done)| Told {
                display_name: done.call.display_name(),
                about: self.is_ambiguous(i).then(|| done.call.in_short()),
                status: done.ran.status,
                failure: done.ran.failure,
                result: done.ran.result.as_ref(),
                error: done.ran.error.as_deref(),
            })
            .collect()
    }

    /// Whether its display name alone does not say which call is meant.
    fn is_ambiguous(&self, i: usize) -> bool {
        let own = &self.done[i].call;
        self.done.iter().any(|other| {
            other.call.display_name() == own.display_name()
                && !other.call.is_another_try_of(own)
                && !own.is_another_try_of(&other.call)
        })
    }
}

/// Whether the endpoint has done something or given an answer.
fn has_happened(status: InvocationStatus) -> bool {
    matches!(
        status,
        InvocationStatus::Succeeded
            | InvocationStatus::Declined
            | InvocationStatus::Accepted
            | InvocationStatus::Completed
    )
}
