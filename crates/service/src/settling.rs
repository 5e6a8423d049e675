//! Settling what a call left open, and telling the customer.

use deskhand_domain::action::FieldError;
use deskhand_domain::check::in_short;
use deskhand_domain::conversation::{Conversation, Speaker};
use deskhand_domain::id::{InvocationId, WorkspaceId};
use deskhand_domain::invocation::{Invocation, InvocationStatus, Settlement, Settler};
use deskhand_domain::report::visible_result;
use deskhand_domain::wording::{self, Told};
use deskhand_domain::{crash, limits};
use deskhand_store::{CalledAction, Say, SettleInvocation, Settled, StoreError};
use serde::Deserialize;

use crate::{Result, Service, ServiceError};

/// What an operator has found out about an invocation that is `unknown`.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// Whether it went through.
    pub status: SettleAs,
    /// How that is known, for whoever reads of it later. 1 to 1,000 characters.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"\S"), length(max = limits::SETTLEMENT_NOTE_CHARS)))]
    pub note: String,
}

/// Where an operator settles it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SettleAs {
    /// It went through.
    Succeeded,
    /// It did not.
    Failed,
}

/// What became of settling.
pub(crate) enum Settling {
    /// Done, and the customer told.
    Now(Box<Invocation>),
    /// It stood elsewhere, and still does.
    Stands {
        invocation: Box<Invocation>,
        same_report: bool,
    },
}

impl Service {
    /// Settles an invocation that is `unknown` by what an operator has found out, and tells its
    /// customer.
    pub async fn settle_unknown(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
        settle: Settle,
    ) -> Result<Invocation> {
        let note = settle.note.trim();
        let chars = note.chars().count();
        if !(1..=limits::SETTLEMENT_NOTE_CHARS).contains(&chars) {
            let most = limits::SETTLEMENT_NOTE_CHARS;
            let message = format!("must be 1 to {most} characters long; it is {chars}");
            return Err(ServiceError::Invalid(vec![FieldError::new(
                "note", message,
            )]));
        }
        let stored = self.store().invocation(workspace, id).await?;
        let settle = SettleInvocation {
            workspace_id: workspace,
            id,
            from: &[InvocationStatus::Unknown],
            status: match settle.status {
                SettleAs::Succeeded => InvocationStatus::Succeeded,
                SettleAs::Failed => InvocationStatus::Failed,
            },
            by: Settler::Operator,
            note: Some(note.to_owned()),
            result: None,
            error: None,
            report_hash: None,
            at: self.now(),
            follow_up: None,
        };
        match self.settle(&stored, settle).await? {
            Settling::Now(invocation) => Ok(*invocation),
            Settling::Stands { invocation, .. } => Err(ServiceError::Conflict {
                code: "invocation_not_unknown",
                message: format!(
                    "Only an invocation that is unknown is settled; this one is {}.",
                    invocation.status
                ),
            }),
        }
    }

    /// Settles one that stood as `before`, together with what its customer is to hear of it.
    pub(crate) async fn settle(
        &self,
        before: &Invocation,
        mut settle: SettleInvocation,
    ) -> Result<Settling> {
        let after = Invocation {
            status: settle.status,
            result: settle.result.clone(),
            error: settle.error.clone(),
            settlement: Some(Settlement {
                by: settle.by,
                note: None,
                at: settle.at,
            }),
            ..before.clone()
        };
        let follow_up = self.follow_up(&after).await?;
        settle.follow_up = follow_up.as_ref().map(|(_, say)| say.clone());
        match self.store().settle_invocation(&settle).await? {
            Settled::Now { invocation, said } => {
                crash::point(crash::SETTLEMENT_COMMITTED);
                self.events_wait();
                self.tell_of_invocation(&invocation);
                if let (true, Some((conversation, say))) = (said, &follow_up) {
                    self.tell_of_said(conversation, say, Some(&invocation));
                }
                tracing::info!(
                    invocation_id = %invocation.id,
                    action = invocation.action,
                    status = %invocation.status,
                    by = %settle.by,
                    "invocation settled"
                );
                Ok(Settling::Now(invocation))
            }
            Settled::Stands {
                invocation,
                same_report,
            } => Ok(Settling::Stands {
                invocation,
                same_report,
            }),
        }
    }

    /// What its customer is to hear of an invocation that is settled, and where; `None` for one that was
    /// decided in no conversation.
    pub(crate) async fn follow_up(
        &self,
        settled: &Invocation,
    ) -> deskhand_store::Result<Option<(Conversation, Say)>> {
        let Some(conversation) = settled.conversation_id else {
            return Ok(None);
        };
        let workspace = settled.workspace_id;
        let conversation = self.store().conversation(workspace, conversation).await?;
        let contact = match self.store().agent(workspace, conversation.agent_id).await {
            Ok(agent) => agent.definition.fallback_contact,
            // Somebody removed it meanwhile.
            Err(StoreError::NotFound) => None,
            Err(error) => return Err(error),
        };
        let action = self.action_called(settled).await?;
        let visible = settled.result.as_ref().map(|result| {
            let fields = action
                .as_ref()
                .and_then(|action| action.definition.result_fields.as_deref());
            visible_result(result, fields)
        });
        let told = Told {
            display_name: action
                .as_ref()
                .map_or(&settled.action, |action| &action.definition.display_name),
            about: Some(in_short(&settled.parameters, &settled.provenance)),
            status: settled.status,
            failure: None,
            result: visible.as_ref(),
            error: settled.error.as_deref(),
        };
        let text = wording::follow_up(&told, contact.as_deref());
        let say = self.to_say(&conversation, Speaker::Agent, text, Some(settled));
        Ok(Some((conversation, say)))
    }

    /// The action of an invocation as it is now, or was last.
    pub(crate) async fn action_called(
        &self,
        of: &Invocation,
    ) -> deskhand_store::Result<Option<CalledAction>> {
        let found = self
            .store()
            .called_actions(of.workspace_id, vec![(of.action_id, None)])
            .await?;
        Ok(found.into_iter().next())
    }
}
