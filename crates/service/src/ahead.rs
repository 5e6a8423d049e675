//! Asking the model ahead of a commit: while the beginning of a turn is being stored, or what the calls of
//! an answer came to, the model is told of it already. Nothing that it says is shown, and nothing follows
//! from it, before it is known that what it was told is what is stored.

use std::pin::pin;
use std::sync::{Mutex, PoisonError};

use deskhand_domain::prompt::Answer;
use deskhand_domain::turn::{Next, OutOfOrder, Planned, Ran, Turn};
use deskhand_model::{Deltas, ModelError};
use tokio::sync::{oneshot, watch};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use crate::chat::InvocationSummary;
use crate::prompt::Frame;
use crate::shown::Shown;
use crate::turns::{Running, TokenBudget};
use crate::{Result, Service};

/// Takes in what each call of one answer has come to, before that is stored.
#[derive(Debug)]
pub struct Early(Mutex<Came>);

#[derive(Debug)]
struct Came {
    to: Vec<Option<Ran>>,
    /// Whoever waits for all of them.
    tell: Option<oneshot::Sender<Vec<Ran>>>,
}

impl Early {
    /// For so many calls; and what they have come to when that is known of all of them.
    pub fn of(calls: usize) -> (Self, oneshot::Receiver<Vec<Ran>>) {
        let (tell, all) = oneshot::channel();
        let came = Came {
            to: vec![None; calls],
            tell: Some(tell),
        };
        (Self(Mutex::new(came)), all)
    }

    /// What a call has come to. The first word on each counts.
    pub fn came_to(&self, call: usize, ran: Ran) {
        let mut came = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(to @ None) = came.to.get_mut(call) {
            *to = Some(ran);
        }
        if came.to.iter().all(Option::is_some)
            && let Some(tell) = came.tell.take()
        {
            // Nobody may want to know.
            let _ = tell.send(came.to.drain(..).flatten().collect());
        }
    }
}

/// Whether the beginning of a turn is stored.
#[derive(Debug)]
pub struct Begun(watch::Sender<bool>);

impl Begun {
    /// Not yet.
    pub fn soon() -> Self {
        Self(watch::Sender::new(false))
    }

    /// It is.
    pub fn already() -> Self {
        Self(watch::Sender::new(true))
    }

    /// It is now.
    pub fn stored(&self) {
        self.0.send_replace(true);
    }

    fn is_stored(&self) -> bool {
        *self.0.borrow()
    }

    /// Resolves when it is. Where it cannot be stored nobody waits any more: the turn is broken off.
    async fn until_stored(&self) {
        // The sender is here, so this cannot fail.
        let _ = self.0.subscribe().wait_for(|stored| *stored).await;
    }
}

/// What a model said when it was asked; nothing where the turn's time was up.
pub type Asked = std::result::Result<std::result::Result<Answer, ModelError>, Elapsed>;

/// Asks the model of a turn.
pub struct Asking<'a> {
    pub service: &'a Service,
    pub running: &'a Running,
    pub frame: Frame<'a>,
    pub tokens: TokenBudget,
    pub deadline: Instant,
}

impl Asking<'_> {
    /// Asks it what comes next.
    pub async fn ask(&self, turn: &Turn, shown: &mut Shown<'_>) -> Asked {
        let prompt = self.frame.prompt(turn.steps());
        // What a model says over a failure is not what the customer will hear.
        shown.muted = !turn.model_may_speak();
        let asked = self.service.ask(&self.running.agent, &prompt, shown);
        timeout_at(self.deadline, asked).await
    }

    /// The same, also while the turn's beginning is being stored: it resolves after that.
    pub async fn ask_when_begun(&self, turn: &Turn, shown: &mut Shown<'_>) -> Asked {
        let running = self.running;
        if running.begun.is_stored() {
            return self.ask(turn, shown).await;
        }
        let stored = async {
            running.begun.until_stored().await;
            running.outlet.release();
        };
        tokio::join!(stored, self.ask(turn, shown)).1
    }

    /// Takes in what it said.
    pub fn take(&self, turn: &mut Turn, asked: Asked, shown: &mut Shown<'_>) -> Taken {
        match asked {
            Err(_) => {
                self.running.trace.gave_up("the turn's time was up");
                turn.out_of_time()
            }
            Ok(Err(error)) => turn.model_gave_up(error.detail().to_owned()),
            Ok(Ok(answer)) => {
                if !answer.calls.is_empty() {
                    shown.reset();
                }
                turn.answered(answer)
            }
        }
    }

    /// Carries out the planned calls of a turn. While what they came to is being stored, the model is asked
    /// already; what it says counts if what it was told is what is stored.
    pub async fn carry_out(
        &self,
        turn: &mut Turn,
        planned: Vec<Planned>,
        invocations: &mut Vec<InvocationSummary>,
        shown: &mut Shown<'_>,
    ) -> Taken {
        let (service, running) = (self.service, self.running);
        let steps = turn.take_steps();
        let (early, came) = Early::of(planned.len());
        let mut calls = pin!(service.carry_out(running, steps, planned, self.deadline, &early));
        let came = tokio::select! {
            biased;
            done = &mut calls => return ran(turn, invocations, done),
            Ok(came) = came => came,
        };
        let mut next = turn.clone();
        next.ran(came.clone())?;
        // What is open may have been reported on meanwhile.
        let is_over = came.iter().all(|ran| !ran.status.is_open());
        let is_asked =
            matches!(next.next(), Next::CallModel) && !self.tokens.are_used_up(next.usage());
        if !is_over || !is_asked {
            return ran(turn, invocations, calls.await);
        }
        running.trace.settled(next.steps());
        running.outlet.hold();
        let (done, asked) = {
            let mut ask = pin!(self.ask(&next, shown));
            let mut asked = None;
            let done = loop {
                tokio::select! {
                    biased;
                    done = &mut calls => break done,
                    said = &mut ask, if asked.is_none() => asked = Some(said),
                }
            };
            let is_stored = done
                .as_ref()
                .is_ok_and(|done| done.iter().map(|(_, ran)| ran).eq(&came));
            if !is_stored {
                asked = None;
            } else {
                running.outlet.release();
                if asked.is_none() {
                    asked = Some(ask.await);
                }
            }
            (done, asked)
        };
        match asked {
            Some(asked) => {
                ran(turn, invocations, done)?;
                self.take(turn, asked, shown)
            }
            None => {
                running
                    .trace
                    .gave_up("what it was told could not be stored");
                shown.forget();
                ran(turn, invocations, done)
            }
        }
    }
}

/// Whether the turn expected it.
pub type Taken = std::result::Result<(), OutOfOrder>;

/// The planned calls of a turn have been carried out, or could not be begun.
fn ran(
    turn: &mut Turn,
    invocations: &mut Vec<InvocationSummary>,
    done: Result<Vec<(InvocationSummary, Ran)>>,
) -> Taken {
    match done {
        Ok(dispatched) => {
            let (summaries, ran): (Vec<_>, Vec<_>) = dispatched.into_iter().unzip();
            invocations.extend(summaries);
            turn.ran(ran)
        }
        Err(error) => {
            turn.not_begun(error.to_string());
            Ok(())
        }
    }
}
