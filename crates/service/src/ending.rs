//! The end of a turn: run to its end whatever happens in it, stored, told to listeners, logged.

use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::conversation::{Message, Speaker, StopReason, TurnStatus, Unanswered};
use deskhand_domain::crash;
use deskhand_domain::id::MessageId;
use deskhand_domain::wording;
use deskhand_store::{FinishTurn, StoreError};
use tokio::time::Instant;

use crate::chat::{ChatAnswer, InvocationSummary};
use crate::live::TurnEvent;
use crate::turns::{Ended, Running};
use crate::{Result, Service};

/// Tries to store the end of a turn.
const END_TRIES: u32 = 5;
/// The wait before the second; it doubles with each.
const END_RETRY_WAIT: Duration = Duration::from_millis(100);

impl Service {
    /// Runs a turn that has begun. Whatever happens in it, it is ended, with a reply.
    pub(crate) async fn run_to_the_end(&self, running: Arc<Running>) -> Result<ChatAnswer> {
        let _running = self.inner.metrics.running();
        let began = Instant::now();
        let service = self.clone();
        let inner = Arc::clone(&running);
        let task = tokio::spawn(async move { service.run(&inner).await });
        let mut ended = match task.await {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(turn_id = %running.turn_id, %error, "a turn broke off");
                self.broken(&running, error.to_string()).await
            }
        };
        let now = self.now();
        let finish = FinishTurn {
            owner: self.node(),
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
        crash::point(crash::TURN_ENDED);
        if let (Ok(()), Some(taken)) = (&stored, ended.taken.take()) {
            self.remember(&running, taken, finish.reply);
        }
        log_end(&running, &ended, &stored);
        self.inner.metrics.turn(
            ended.finished.status,
            ended.finished.stop_reason,
            began.elapsed(),
        );
        let (status, reply) = match &stored {
            Ok(()) => (ended.finished.status, ended.finished.reply),
            Err(_) => (
                TurnStatus::Failed,
                reply_without_claims(&running, &ended.invocations),
            ),
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
        self.tell_of_conversation(&running.conversation);
        stored?;
        Ok(answer)
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

    /// Stores the end of a turn. A database that fails for a moment is asked again: until the end is
    /// stored, nothing more can be said in the conversation.
    async fn store_end(&self, finish: &FinishTurn) -> deskhand_store::Result<()> {
        let mut wait = END_RETRY_WAIT;
        for tries in 1.. {
            match self.store().finish_turn(finish).await {
                Err(StoreError::Database(error)) if tries < END_TRIES => {
                    tracing::warn!(turn_id = %finish.turn_id, %error, "a turn's end is to be stored again");
                }
                // An earlier try came through after all, and only its answer was lost.
                Err(StoreError::Conflict(_)) if tries > 1 => break,
                other => return other,
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
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
