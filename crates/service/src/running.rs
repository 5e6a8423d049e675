//! A turn under way, and what it has come to before that is stored.

use std::sync::Arc;

use deskhand_domain::agent::Agent;
use deskhand_domain::check::Callable;
use deskhand_domain::conversation::{Conversation, Step, StopReason, TurnStatus};
use deskhand_domain::handoff::Handoff;
use deskhand_domain::id::{InvocationId, TurnId};
use deskhand_domain::prompt::Usage;
use deskhand_domain::turn::Finished;
use deskhand_domain::wording;
use deskhand_store::Owner;

use crate::chat::InvocationSummary;
use crate::histories::History;
use crate::live::Feed;
use crate::recovery::Driving;
use crate::resume::Resumed;
use crate::trace::Tracer;

/// A turn under way and all it needs to know.
#[derive(Debug)]
pub struct Running {
    pub agent: Arc<Agent>,
    pub conversation: Conversation,
    pub turn_id: TurnId,
    /// The conversation so far; its last entry is this turn.
    pub past: History,
    /// The actions on offer.
    pub callables: Arc<[Arc<Callable>]>,
    /// Where its events go.
    pub feed: Arc<Feed>,
    /// What happens inside it.
    pub trace: Tracer,
    /// Where it was cut off, if another run of the server began it.
    pub resumed: Option<Resumed>,
    /// This node, and in which hand it has the turn.
    pub owner: Owner,
    /// Says that it is run here.
    pub driving: Driving,
}

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
    /// The end of a turn that has panicked. It speaks of no call.
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
    /// `older` are the turns before those that the turn began with.
    pub fn left_to_a_person(running: &Running, older: &History, handoff: &Handoff) -> Self {
        let mut past = older.turns().iter().chain(running.past.turns());
        let said_since = past.any(|turn| {
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
