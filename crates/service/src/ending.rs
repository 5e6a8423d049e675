//! The end of a turn: run to its end whatever happens in it, stored, told to listeners, logged.

use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::conversation::{Message, Speaker, StopReason, TurnStatus, Unanswered};
use deskhand_domain::crash;
use deskhand_domain::id::{ConversationId, MessageId, TurnId, WorkspaceId};
use deskhand_domain::limits;
use deskhand_domain::turn::Turn;
use deskhand_domain::wording;
use deskhand_store::{FinishTurn, StoreError};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::chat::{ChatAnswer, InvocationSummary};
use crate::live::TurnEvent;
use crate::recorded::came_to;
use crate::turns::{Ended, Running};
use crate::{Result, Service, ServiceError};

/// How long the end of a turn waits for a database that fails.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a turn that another server runs is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

impl Service {
    /// Runs a turn that has begun. Whatever happens in it, it is ended, with a reply.
    pub(crate) async fn run_to_the_end(&self, running: Arc<Running>) -> Result<ChatAnswer> {
        let _running = self.inner.metrics.running();
        let began = Instant::now();
        let service = self.clone();
        let inner = Arc::clone(&running);
        // Handed over, it is broken off.
        let mut task =
            AbortOnDropHandle::new(tokio::spawn(async move { service.run(&inner).await }));
        let run = tokio::select! {
            biased;
            () = running.driving.broken_off() => {
                task.abort();
                // It is waited for only so that nothing of it goes on.
                let _ = task.await;
                running.driving.stopped();
                return self.follow(&running).await;
            }
            run = &mut task => run,
        };
        let mut ended = match run {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(turn_id = %running.turn_id, %error, "a turn broke off");
                self.broken(&running, error.to_string()).await
            }
        };
        let now = self.now();
        let finish = FinishTurn {
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
        };
        crash::point(crash::TURN_ENDING);
        let stored = self.store_end(&finish).await;
        running.driving.stopped();
        if let Err(StoreError::NotOwner | StoreError::Conflict(_)) = stored {
            return self.follow(&running).await;
        }
        self.inner.turn_ended.notify_waiters();
        crash::point(crash::TURN_ENDED);
        if let (Ok(()), Some(taken)) = (&stored, ended.taken.take()) {
            self.remember(&running, taken, finish.reply.clone());
        }
        log_end(&running, &ended, &stored);
        self.inner.metrics.turn(
            ended.finished.status,
            ended.finished.stop_reason,
            began.elapsed(),
        );
        let (status, reply) = match &stored {
            Ok(()) => (ended.finished.status, ended.finished.reply),
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
        if stored.is_ok() {
            let (workspace, id) = (running.conversation.workspace_id, running.conversation.id);
            self.tell_ended(workspace, id, running.turn_id);
        }
        self.tell_of_conversation(&running.conversation);
        // Also where its end is still to be stored: the customer has an answer, and it is true.
        Ok(answer)
    }

    /// Learns how calls stand that were left open: a reply must not say less, or something else, than a
    /// follow-up that has been said meanwhile.
    pub(crate) async fn catch_up(
        &self,
        running: &Running,
        turn: &mut Turn,
        summaries: &mut [InvocationSummary],
    ) {
        if !turn.awaits_an_end() {
            return;
        }
        let workspace = running.conversation.workspace_id;
        let stored = self
            .store()
            .turn_invocations(workspace, running.turn_id)
            .await;
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => {
                // What the turn knows is still true, if not all.
                tracing::error!(turn_id = %running.turn_id, %error, "the calls of a turn cannot be read");
                return;
            }
        };
        // What is open there may only not have been stored, of a database that fails.
        for invocation in stored.into_iter().filter(|it| !it.status.is_open()) {
            let callable = running
                .callables
                .iter()
                .find(|callable| callable.action.id == invocation.action_id);
            let fields = match callable {
                Some(callable) => callable.action.definition.result_fields.as_deref(),
                // Nobody says any more what of it may be seen.
                None => Some(&[][..]),
            };
            turn.stands(&came_to(&invocation, fields));
            for known in summaries.iter_mut() {
                if known.id == invocation.id && known.status.is_open() {
                    *known = InvocationSummary::from(&invocation);
                }
            }
        }
    }

    /// The end of a turn whose task broke off, perhaps with calls under way: what is recorded of them
    /// says whether the customer may be told to try again.
    async fn broken(&self, running: &Running, detail: String) -> Ended {
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

    /// Stores the end of a turn. A database that fails for a while is asked again: until the end is
    /// stored, nothing more can be said in the conversation. `Conflict` also where an earlier try came
    /// through and only its answer was lost.
    async fn store_end(&self, finish: &FinishTurn) -> deskhand_store::Result<()> {
        let until = Instant::now() + PATIENCE;
        self.persist("a turn's end", until, async |_| {
            self.store().finish_turn(finish).await
        })
        .await
    }

    /// The turn is another server's, or has ended: nothing is said by this one. Whoever waits for its
    /// answer here gets the one that is stored.
    async fn follow(&self, running: &Running) -> Result<ChatAnswer> {
        let (workspace, id) = (running.conversation.workspace_id, running.conversation.id);
        let until = Instant::now() + limits::TURN_DURATION;
        loop {
            let ended = self.inner.turn_ended.notified();
            if let Some(answer) = self.answer_of_turn(workspace, id, running.turn_id).await? {
                running.feed.end(answer.clone());
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
        if let Some(answer) = self.answer_of_turn(workspace, conversation, turn).await? {
            self.inner.feeds.of(conversation).end(answer);
        }
        Ok(())
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
        reply: Message {
            text: reply.to_owned(),
            ..finish.reply
        },
        ..finish
    }
}

fn log_end(running: &Running, ended: &Ended, stored: &deskhand_store::Result<()>) {
    let turn_id = running.turn_id;
    let detail = ended.finished.stop_detail.as_deref();
    match (stored, ended.finished.stop_reason) {
        (Err(error), _) => tracing::error!(%turn_id, %error, "a turn's end could not be stored"),
        (Ok(()), Some(StopReason::ModelUnavailable)) => {
            tracing::error!(%turn_id, detail, "no model answered");
        }
        (Ok(()), Some(reason)) => tracing::warn!(%turn_id, %reason, detail, "turn stopped"),
        (Ok(()), None) => {
            tracing::info!(%turn_id, model_calls = ended.model_calls, "turn completed");
        }
    }
}
