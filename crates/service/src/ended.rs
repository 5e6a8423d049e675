//! What a turn has come to, before it is stored.

use deskhand_domain::conversation::{Step, StopReason, TurnStatus};
use deskhand_domain::handoff::Handoff;
use deskhand_domain::id::InvocationId;
use deskhand_domain::prompt::Usage;
use deskhand_domain::turn::Finished;
use deskhand_domain::wording;

use crate::chat::InvocationSummary;
use crate::turns::Running;

/// A turn at its end, before it is stored.
#[derive(Debug)]
pub struct Ended {
    pub finished: Finished,
    /// Not stored yet.
    pub steps: Vec<Step>,
    /// All of them, where the turn came to its own end.
    pub taken: Option<Vec<Step>>,
    pub invocations: Vec<InvocationSummary>,
    /// The calls whose end it knew; `None`: it knew all.
    pub told: Option<Vec<InvocationId>>,
    pub model_calls: u32,
    pub usage: Option<Usage>,
    /// What listeners have been shown of the reply so far.
    pub shown: String,
}

impl Ended {
    /// The end of a turn whose task has panicked. It speaks of no call.
    pub fn broken(running: &Running, detail: String) -> Self {
        Self {
            finished: Finished {
                status: TurnStatus::Failed,
                reply: running.agent.definition.apology(),
                stop_reason: Some(StopReason::Internal),
                stop_detail: Some(detail),
                handoff: None,
            },
            steps: Vec::new(),
            taken: None,
            invocations: Vec::new(),
            told: Some(Vec::new()),
            model_calls: 0,
            usage: None,
            shown: String::new(),
        }
    }

    /// The end of a turn in a conversation that a person is to answer in: no model is asked.
    pub fn left_to_a_person(running: &Running, handoff: &Handoff) -> Self {
        let said_since = running.past.turns().iter().any(|turn| {
            let message = turn.message.as_ref();
            turn.id != running.turn_id
                && message.is_some_and(|message| message.created_at > handoff.requested_at)
        });
        let reply = match said_since {
            true => wording::NOTED_FOR_A_PERSON,
            false => wording::A_PERSON_WILL_ANSWER,
        };
        Self {
            finished: Finished {
                status: TurnStatus::Completed,
                reply: reply.to_owned(),
                stop_reason: None,
                stop_detail: None,
                handoff: None,
            },
            steps: Vec::new(),
            taken: Some(Vec::new()),
            invocations: Vec::new(),
            told: None,
            model_calls: 0,
            usage: None,
            shown: String::new(),
        }
    }
}
