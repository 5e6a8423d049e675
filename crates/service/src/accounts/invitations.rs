//! Asking colleagues to join.

use deskhand_domain::account::{self, Invitation};
use deskhand_domain::id::{InvitationId, UserId, WorkspaceId};
use deskhand_domain::limits;
use deskhand_domain::secret::Secret;
use deskhand_store::{AcceptInvitation, Listed, Page};
use serde::Deserialize;

use super::{Browser, Fields, SignedIn, after, hash, unless_taken};
use crate::{Result, Service, ServiceError};

/// Who is asked.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationRequest {
    /// What they will sign in with.
    #[cfg_attr(feature = "schema", schemars(length(min = 3)))]
    pub email: String,
}

/// An invitation with its link, which is not kept.
#[derive(Debug)]
pub struct Invited {
    /// As stored.
    pub invitation: Invitation,
    /// To be passed on; whoever has it can join.
    pub link: Secret,
}

/// An invitation, as it is accepted.
#[derive(Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AcceptRequest {
    /// What follows `#` in the link.
    pub token: String,
    /// What the person is called: 1 to 80 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub name: String,
    /// 8 to 128 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 8, max = 128)))]
    pub password: String,
}

impl Service {
    /// Makes an invitation in place of an earlier one to the same address. Nothing is sent: whoever
    /// asked passes the link on.
    pub async fn invite(
        &self,
        workspace: WorkspaceId,
        request: InvitationRequest,
    ) -> Result<Invited> {
        let mut fields = Fields::default();
        let Some(email) = fields.email(&request.email) else {
            return Err(fields.refuse());
        };
        let (token, now) = (self.token(), self.now());
        let invitation = Invitation {
            id: InvitationId::new(now, self.entropy()),
            workspace_id: workspace,
            email,
            created_at: now,
            expires_at: after(now, limits::INVITATION_DURATION),
        };
        self.store()
            .insert_invitation(&invitation, hash(token.expose()))
            .await
            .map_err(unless_taken)?;
        let link = self.link("join", &token);
        Ok(Invited { invitation, link })
    }

    /// Lists invitations that are not accepted yet, newest first, those that have expired included.
    pub async fn invitations(
        &self,
        workspace: WorkspaceId,
        page: Page<InvitationId>,
    ) -> Result<Listed<Invitation>> {
        Ok(self.store().invitations(workspace, page).await?)
    }

    /// Takes one back: its link stops working.
    pub async fn withdraw_invitation(
        &self,
        workspace: WorkspaceId,
        id: InvitationId,
    ) -> Result<()> {
        Ok(self.store().delete_invitation(workspace, id).await?)
    }

    /// Makes the account of somebody who was asked, and signs it in.
    pub async fn accept_invitation(
        &self,
        request: AcceptRequest,
        browser: Browser,
    ) -> Result<SignedIn> {
        let mut fields = Fields::default();
        let name = fields.take("name", account::name(&request.name));
        let password = fields.take("password", account::new_password(&request.password));
        let (Some(name), Some(password)) = (name, password) else {
            return Err(fields.refuse());
        };
        let token = hash(&request.token);
        // Hashing a password is dear; whoever has no token does not make us.
        if !self.store().invitation_works(token, self.now()).await? {
            return Err(invalid());
        }
        let password_hash = self.hash_password(password).await?;
        let (session_token, session) = self.new_session(browser);
        let accept = AcceptInvitation {
            token,
            user_id: UserId::new(session.now, self.entropy()),
            name,
            password_hash,
            session,
        };
        let accepted = self
            .store()
            .accept_invitation(&accept)
            .await
            .map_err(unless_taken)?;
        match accepted {
            Some(open) => Ok(SignedIn::new(session_token, open)),
            None => Err(invalid()),
        }
    }
}

fn invalid() -> ServiceError {
    ServiceError::Denied {
        code: "invitation_invalid",
        message: "This invitation has been used, taken back, or has expired. Ask for another one.",
    }
}
