//! The end of a turn: run to its end whatever happens in it, stored, told to listeners, logged.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::conversation::{Message, Speaker, StopReason, TurnStatus, Unanswered};
use deskhand_domain::crash;
use deskhand_domain::id::{ConversationId, MessageId, TurnId, WorkspaceId};
use deskhand_domain::invocation::Invocation;
use deskhand_domain::limits;
use deskhand_domain::wording;
use deskhand_store::{FinishTurn, StoreError};
use futures_util::FutureExt;
use tokio::time::Instant;

use crate::chat::{ChatAnswer, InvocationSummary};
use crate::live::TurnEvent;
use crate::running::Ended;
use crate::running::Running;
use crate::{Result, Service, ServiceError};

/// How long the end of a turn waits for a database that fails: until it is stored, nothing more can be said
/// in the conversation.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a turn that another server runs is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

impl Service {
    /// Runs a turn that has begun. Whatever happens in it, it is ended, with a reply.
    pub(crate) async fn run_to_the_end(&self, running: Arc<Running>) -> Result<ChatAnswer> {
        let _running = self.inner.metrics.running();
        let began = Instant::now();
        let mut run = Box::pin(AssertUnwindSafe(self.run(&running)).catch_unwind());
        let run = tokio::select! {
            biased;
            // Handed over, it is broken off.
            () = running.driving.broken_off() => {
                drop(run);
                running.driving.stopped();
                return self.follow(&running).await;
            }
            run = &mut run => run,
        };
        let mut ended = match run {
            Ok(ended) => ended,
            Err(panic) => {
                let error = said_by(panic.as_ref());
                tracing::error!(turn_id = %running.turn_id, error, "a turn broke off");
                self.broken(&running, error).await
            }
        };
        let now = self.now();
        let mut finish = FinishTurn {
            owner: running.owner,
            workspace_id: running.conversation.workspace_id,
            conversation_id: running.conversation.id,
            turn_id: running.turn_id,
            steps: std::mem::take(&mut ended.steps),
            status: ended.finished.status,
            stop_reason: ended.finished.stop_reason,
            stop_detail: ended.finished.stop_detail.clone(),
            model_calls: ended.model_calls,
            usage: ended.usage,
            unanswered: Unanswered::of(
                ended.finished.status,
                ended.finished.stop_reason,
                ended.invocations.iter().map(|call| call.status),
            ),
            trace: running.trace.take(),
            handoff: ended.finished.handoff.clone(),
            reply: Message {
                id: MessageId::new(now, self.entropy()),
                turn_id: running.turn_id,
                role: Speaker::Agent,
                text: ended.finished.reply.clone(),
                created_at: now,
            },
            told: ended.told.take(),
            follow_ups: Vec::new(),
        };
        crash::point(crash::TURN_ENDING);
        // In a place of its own: most of a turn is waiting for its calls, not for its end.
        let stored = Box::pin(self.store_end(&mut finish, PATIENCE)).await;
        running.driving.stopped();
        if let Err(StoreError::NotOwner | StoreError::Conflict(_)) = stored {
            return self.follow(&running).await;
        }
        self.inner.turn_ended.notify_waiters();
        crash::point(crash::TURN_ENDED);
        if let (Ok(_), Some(taken)) = (&stored, ended.taken.take()) {
            self.remember(&running, taken, finish.reply.clone());
        }
        log_end(&running, &ended, &stored);
        self.inner.metrics.turn(
            ended.finished.status,
            ended.finished.stop_reason,
            began.elapsed(),
        );
        let follow_ups = std::mem::take(&mut finish.follow_ups);
        let (status, reply) = match &stored {
            Ok(_) => (ended.finished.status, ended.finished.reply),
            Err(_) => {
                let reply = reply_without_claims(&running, &ended.invocations);
                self.inner.driven.owe(told_instead(finish, &reply));
                (TurnStatus::Failed, reply)
            }
        };
        let answer = ChatAnswer {
            conversation_id: running.conversation.id,
            turn_id: running.turn_id,
            status,
            role: None,
            reply,
            invocations: ended.invocations,
            confirmation: None,
        };
        if answer.reply.trim() != ended.shown.trim() {
            if !ended.shown.is_empty() {
                running.feed.publish(running.turn_id, &TurnEvent::Reset {});
            }
            let text = answer.reply.clone();
            running
                .feed
                .publish(running.turn_id, &TurnEvent::Delta { text });
        }
        running
            .feed
            .publish(running.turn_id, &TurnEvent::of_answer(answer.clone()));
        self.inner.feeds.keep(&running.feed);
        if stored.is_ok() {
            let (workspace, id) = (running.conversation.workspace_id, running.conversation.id);
            self.tell_ended(workspace, id, running.turn_id);
        }
        if let Ok(followed_up) = stored {
            self.tell_of_follow_ups(&running.conversation, &follow_ups, &followed_up);
        }
        self.tell_of_conversation(&running.conversation);
        // Also where its end is still to be stored: the customer has an answer, and it is true.
        Ok(answer)
    }

    /// The end of a turn whose task broke off, perhaps with calls under way: what is recorded of them
    /// says whether the customer may be told to try again.
    pub(crate) async fn broken(&self, running: &Running, detail: String) -> Ended {
        let mut ended = Ended::broken(running, detail);
        let workspace = running.conversation.workspace_id;
        match self
            .store()
            .turn_invocations(workspace, running.turn_id)
            .await
        {
            Ok(calls) => ended.invocations = calls.iter().map(InvocationSummary::from).collect(),
            Err(error) => {
                tracing::error!(turn_id = %running.turn_id, %error, "the calls of a turn cannot be read");
            }
        }
        ended.finished.reply = reply_without_claims(running, &ended.invocations);
        ended
    }

    /// Stores the end of a turn, with what is said right after its reply: the ends of calls that it does
    /// not know of. Returns those calls. A database that fails is asked again for as long as `patience`;
    /// `Conflict` also where an earlier try came through and only its answer was lost.
    pub(crate) async fn store_end(
        &self,
        finish: &mut FinishTurn,
        patience: Duration,
    ) -> deskhand_store::Result<Vec<Invocation>> {
        let until = Instant::now() + patience;
        let mut about = Vec::new();
        loop {
            let end = &*finish;
            let stored = self
                .persist("a turn's end", until, async |_| {
                    self.store().finish_turn(end).await
                })
                .await;
            match stored {
                // Each round names others, and the calls of a turn are few.
                Err(StoreError::Untold(calls)) => {
                    let workspace = finish.workspace_id;
                    for id in calls {
                        let (invocation, said) = self
                            .persist("what follows a turn", until, async |_| {
                                let invocation = self.store().invocation(workspace, id).await?;
                                let said = self.follow_up(&invocation).await?;
                                Ok((invocation, said))
                            })
                            .await?;
                        finish.follow_ups.extend(said.map(|(_, say)| say));
                        about.push(invocation);
                    }
                }
                other => return other.map(|()| about),
            }
        }
    }

    /// The turn is another server's, or has ended: nothing is said by this one. Whoever waits for its
    /// answer here gets the one that is stored.
    async fn follow(&self, running: &Running) -> Result<ChatAnswer> {
        let workspace = running.conversation.workspace_id;
        let until = Instant::now() + limits::TURN_DURATION;
        loop {
            let ended = self.inner.turn_ended.notified();
            if let Some(answer) = self.answer_of_turn(workspace, running.turn_id).await? {
                running.feed.end(answer.clone());
                self.inner.feeds.keep(&running.feed);
                return Ok(answer);
            }
            if Instant::now() >= until {
                return Err(ServiceError::Conflict {
                    code: "conversation_busy",
                    message: "another server goes on with this message; its answer will be in the conversation".to_owned(),
                });
            }
            // It may end where nobody here hears of it.
            let _ = tokio::time::timeout(LOOK_AGAIN, ended).await;
        }
    }

    /// Lets listeners know of the end of a turn, as it is stored.
    pub(crate) async fn tell_end(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        turn: TurnId,
    ) -> Result<()> {
        if let Some(answer) = self.answer_of_turn(workspace, turn).await? {
            let feed = self.inner.feeds.of(conversation);
            feed.end(answer);
            self.inner.feeds.keep(&feed);
        }
        Ok(())
    }
}

/// What a panic says.
fn said_by(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    match text {
        Some(text) => format!("the turn panicked: {text}"),
        None => "the turn panicked".to_owned(),
    }
}

/// What the customer hears of a turn whose end is lost or could not be stored. Nothing is claimed of
/// its calls.
fn reply_without_claims(running: &Running, calls: &[InvocationSummary]) -> String {
    let agent = &running.agent.definition;
    if calls.is_empty() {
        agent.apology()
    } else {
        let contact = agent.fallback_contact.as_deref();
        format!(
            "{} {}",
            wording::UNKNOWN,
            wording::way_on_if_uncertain(contact)
        )
    }
}

/// The end of a turn whose own end could not be stored, with what the customer was told instead.
fn told_instead(finish: FinishTurn, reply: &str) -> FinishTurn {
    FinishTurn {
        status: TurnStatus::Failed,
        stop_reason: Some(StopReason::Internal),
        stop_detail: Some("the reply could not be stored when it came".to_owned()),
        unanswered: Some(Unanswered::Internal),
        // The customer was told neither.
        handoff: None,
        told: Some(Vec::new()),
        reply: Message {
            text: reply.to_owned(),
            ..finish.reply
        },
        ..finish
    }
}

fn log_end<T>(running: &Running, ended: &Ended, stored: &deskhand_store::Result<T>) {
    let turn_id = running.turn_id;
    let detail = ended.finished.stop_detail.as_deref();
    match (stored, ended.finished.stop_reason) {
        (Err(error), _) => tracing::error!(%turn_id, %error, "a turn's end could not be stored"),
        (Ok(_), Some(StopReason::ModelUnavailable)) => {
            tracing::error!(%turn_id, detail, "no model answered");
        }
        (Ok(_), Some(reason)) => tracing::warn!(%turn_id, %reason, detail, "turn stopped"),
        (Ok(_), None) => {
            tracing::info!(%turn_id, model_calls = ended.model_calls, "turn completed");
        }
    }
}
