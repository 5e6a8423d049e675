//! Long-running operations: the owner's system reports on them by a URL that came with the call.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskhand_domain::callback::CallbackReport;
use deskhand_domain::id::{InvocationId, WorkspaceId};
use deskhand_domain::invocation::{Invocation, InvocationStatus, Settler};
use deskhand_domain::secret::Secret;
use deskhand_domain::{crash, limits};
use deskhand_store::{Callback, SettleInvocation, StoreError};
use deskhand_webhook::Redactor;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::settling::Settling;
use crate::{Result, Service, ServiceError};

/// Random bytes of a token.
const TOKEN_BYTES: usize = 24;
/// Where an invocation may stand that is reported on.
const REPORTABLE: &[InvocationStatus] = &[
    InvocationStatus::Sending,
    InvocationStatus::Accepted,
    InvocationStatus::Unknown,
];

impl Service {
    /// A new URL by which the owner's system reports on an invocation. It works once this resolves.
    pub(crate) async fn new_callback_url(&self, invocation: &Invocation) -> Result<String> {
        let mut random = [0; TOKEN_BYTES];
        self.entropy().fill(&mut random);
        let token = Secret::new(URL_SAFE_NO_PAD.encode(random));
        let now = self.now();
        let expires_at = now
            .checked_add(self.inner.parts.callback_duration)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        self.store()
            .add_callback(&Callback {
                workspace_id: invocation.workspace_id,
                invocation_id: invocation.id,
                hash: hash(token.expose()),
                created_at: now,
                expires_at,
            })
            .await?;
        crash::point(crash::CALLBACK_MADE);
        Ok(self.callback_url(token.expose()))
    }

    /// The URL of a token.
    pub(crate) fn callback_url(&self, token: &str) -> String {
        format!("{}/v1/callbacks/{token}", self.inner.parts.public_url)
    }

    /// Takes a report of the owner's system, and says where the invocation stands then.
    pub async fn take_report(
        &self,
        token: &str,
        fields: Map<String, Value>,
    ) -> Result<InvocationStatus> {
        let callback = self.store().callback_by_hash(hash(token)).await?;
        let callback = callback.ok_or(ServiceError::NotFound)?;
        let report = CallbackReport::parse(fields).map_err(ServiceError::Invalid)?;
        let expired = self.now() >= callback.expires_at;
        let (workspace, id) = (callback.workspace_id, callback.invocation_id);
        let stored = self.store().invocation(workspace, id).await?;
        let redactor = self.redactor(&stored, token).await?;
        // Of what came twice, what came is compared, not what is kept of it.
        let report_hash = Some(hash(&report.canonical()));
        let (status, result, error) = match report {
            CallbackReport::Progress { .. } if expired => return Err(gone()),
            CallbackReport::Progress { text } => {
                return self
                    .note_progress(workspace, id, &redactor.text(&text))
                    .await;
            }
            CallbackReport::Completed { result } => (
                InvocationStatus::Completed,
                result.map(|result| redactor.value(result)),
                None,
            ),
            CallbackReport::Declined { error } => (
                InvocationStatus::Declined,
                None,
                Some(redactor.text(&error)),
            ),
        };
        let settled = self
            .settle(
                &stored,
                SettleInvocation {
                    workspace_id: workspace,
                    id,
                    from: if expired { &[] } else { REPORTABLE },
                    status,
                    by: Settler::Callback,
                    note: None,
                    result,
                    error,
                    report_hash,
                    at: self.now(),
                    follow_up: None,
                },
            )
            .await?;
        match settled {
            Settling::Now(invocation) => Ok(invocation.status),
            Settling::Stands {
                invocation,
                same_report: true,
            } => Ok(invocation.status),
            Settling::Stands { .. } if expired => Err(gone()),
            Settling::Stands { invocation, .. } => Err(has_ended(&invocation)),
        }
    }

    /// Gives up what nobody has reported on in time.
    pub async fn expiry_round(&self) -> Result<()> {
        loop {
            let overdue = self
                .store()
                .overdue(self.now(), limits::EXPIRIES_PER_ROUND)
                .await?;
            let mut failed = false;
            for (workspace, id) in &overdue {
                // One that cannot be given up holds up none of the others.
                if let Err(error) = self.give_up(*workspace, *id).await {
                    tracing::error!(invocation_id = %id, %error, "what is overdue could not be given up");
                    failed = true;
                }
            }
            if failed || overdue.len() < limits::EXPIRIES_PER_ROUND {
                return Ok(());
            }
        }
    }

    async fn give_up(&self, workspace: WorkspaceId, id: InvocationId) -> Result<()> {
        let stored = self.store().invocation(workspace, id).await?;
        let settle = SettleInvocation {
            workspace_id: workspace,
            id,
            from: &[InvocationStatus::Accepted],
            status: InvocationStatus::Expired,
            by: Settler::Expiry,
            note: None,
            result: None,
            error: None,
            report_hash: None,
            at: self.now(),
            follow_up: None,
        };
        // Whoever was quicker has settled it.
        self.settle(&stored, settle).await.map(drop)
    }

    async fn note_progress(
        &self,
        workspace: WorkspaceId,
        id: InvocationId,
        text: &str,
    ) -> Result<InvocationStatus> {
        let noted = self
            .store()
            .note_progress(workspace, id, text, self.now())
            .await?;
        let invocation = self.store().invocation(workspace, id).await?;
        if !noted {
            return Err(has_ended(&invocation));
        }
        self.tell_of_invocation(&invocation);
        Ok(invocation.status)
    }

    /// What of a report is not to be kept: the secrets that went out with the call.
    async fn redactor(&self, invocation: &Invocation, token: &str) -> Result<Redactor> {
        let secrets = self
            .store()
            .action_secrets(invocation.workspace_id, invocation.action_id, self.now())
            .await;
        let secrets = match secrets {
            // The action has been removed, and its secrets with it.
            Err(StoreError::NotFound) => return Ok(Redactor::new([token])),
            other => other?,
        };
        let headers = secrets.headers.iter().map(|(_, secret)| secret.expose());
        let signing = secrets.signing.iter().map(|one| one.secret.expose());
        let bare = signing
            .clone()
            .filter_map(|text| text.strip_prefix("whsec_"));
        let all = headers.chain(signing.clone()).chain(bare).chain([token]);
        Ok(Redactor::new(all))
    }
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn gone() -> ServiceError {
    ServiceError::Gone {
        code: "callback_expired",
        message: "This URL no longer works: its time is over. Tell the customer by another way."
            .to_owned(),
    }
}

fn has_ended(invocation: &Invocation) -> ServiceError {
    ServiceError::Conflict {
        code: "callback_conflict",
        message: format!(
            "The invocation is {} already, and this report says something else. What stands is kept.",
            invocation.status
        ),
    }
}
