//! The part of the trait that is about people.

use async_trait::async_trait;
use deskhand_domain::account::{Email, Invitation, Member, Session, User};
use deskhand_domain::id::{InvitationId, SessionId, UserId, WorkspaceId};
use deskhand_domain::workspace::Workspace;
use jiff::Timestamp;

use super::Database;
use super::store::job;
use crate::{
    AcceptInvitation, AccountChanges, AccountStore, Credentials, Listed, NewSession, OpenSession,
    Page, Result, SetUp, SetUpDone, TokenHash, account, workspace,
};

#[async_trait]
impl AccountStore for Database {
    async fn has_users(&self) -> Result<bool> {
        job!(self.read, |conn| account::any_user(conn))
    }

    async fn put_setup_token(&self, token: TokenHash, expires_at: Timestamp) -> Result<bool> {
        job!(self.write, |conn| account::put_setup_token(
            conn, token, expires_at
        ))
    }

    async fn setup_token_works(&self, token: TokenHash, now: Timestamp) -> Result<bool> {
        job!(self.read, |conn| account::setup_token_works(
            conn, token, now
        ))
    }

    async fn set_up(&self, set_up: &SetUp) -> Result<SetUpDone> {
        let data_key = self.vault.make_data_key(set_up.workspace.id)?;
        let new = set_up.clone();
        job!(self.write, |conn| account::set_up(conn, &new, &data_key))
    }

    async fn workspace(&self, id: WorkspaceId) -> Result<Workspace> {
        job!(self.read, |conn| workspace::one(conn, id))
    }

    async fn change_workspace(
        &self,
        id: WorkspaceId,
        name: Option<&str>,
        widget_origins: Option<&[String]>,
    ) -> Result<()> {
        let name = name.map(str::to_owned);
        let origins = widget_origins.map(<[String]>::to_vec);
        job!(self.write, |conn| workspace::change(
            conn,
            id,
            name.as_deref(),
            origins.as_deref()
        ))
    }

    async fn credentials_by_email(&self, email: &Email) -> Result<Option<Credentials>> {
        let email = email.clone();
        job!(self.read, |conn| account::credentials_by_email(
            conn, &email
        ))
    }

    async fn credentials(&self, workspace: WorkspaceId, id: UserId) -> Result<Credentials> {
        job!(self.read, |conn| account::credentials(conn, workspace, id))
    }

    async fn update_account(
        &self,
        workspace: WorkspaceId,
        id: UserId,
        changes: &AccountChanges,
    ) -> Result<User> {
        let changes = changes.clone();
        job!(self.write, |conn| account::update_account(
            conn, workspace, id, &changes
        ))
    }

    async fn members(&self, workspace: WorkspaceId, page: Page<UserId>) -> Result<Listed<Member>> {
        job!(self.browse, |conn| account::members(conn, workspace, &page))
    }

    async fn delete_member(&self, workspace: WorkspaceId, id: UserId) -> Result<()> {
        job!(self.write, |conn| account::delete_member(
            conn, workspace, id
        ))
    }

    async fn insert_session(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        session: &NewSession,
    ) -> Result<OpenSession> {
        let new = session.clone();
        job!(self.write, |conn| account::insert_session(
            conn, workspace, user, &new
        ))
    }

    async fn session_by_hash(
        &self,
        hash: TokenHash,
        now: Timestamp,
    ) -> Result<Option<OpenSession>> {
        job!(self.read, |conn| account::session_by_hash(conn, hash, now))
    }

    async fn touch_session(
        &self,
        workspace: WorkspaceId,
        id: SessionId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        job!(self.write, |conn| account::touch_session(
            conn, workspace, id, now, expires_at
        ))
    }

    async fn sessions(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        now: Timestamp,
        page: Page<SessionId>,
    ) -> Result<Listed<Session>> {
        job!(self.browse, |conn| account::sessions(
            conn, workspace, user, now, &page
        ))
    }

    async fn delete_session(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        id: SessionId,
    ) -> Result<()> {
        job!(self.write, |conn| account::delete_session(
            conn, workspace, user, id
        ))
    }

    async fn insert_sign_in_link(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        token: TokenHash,
        expires_at: Timestamp,
    ) -> Result<()> {
        job!(self.write, |conn| account::insert_sign_in_link(
            conn, workspace, user, token, expires_at
        ))
    }

    async fn redeem_sign_in_link(
        &self,
        token: TokenHash,
        session: &NewSession,
    ) -> Result<Option<OpenSession>> {
        let new = session.clone();
        job!(self.write, |conn| account::redeem_sign_in_link(
            conn, token, &new
        ))
    }

    async fn insert_invitation(&self, invitation: &Invitation, token: TokenHash) -> Result<()> {
        let new = invitation.clone();
        job!(self.write, |conn| account::insert_invitation(
            conn, &new, token
        ))
    }

    async fn invitations(
        &self,
        workspace: WorkspaceId,
        page: Page<InvitationId>,
    ) -> Result<Listed<Invitation>> {
        job!(self.browse, |conn| account::invitations(
            conn, workspace, &page
        ))
    }

    async fn delete_invitation(&self, workspace: WorkspaceId, id: InvitationId) -> Result<()> {
        job!(self.write, |conn| account::delete_invitation(
            conn, workspace, id
        ))
    }

    async fn invitation_works(&self, token: TokenHash, now: Timestamp) -> Result<bool> {
        job!(self.read, |conn| account::invitation_works(
            conn, token, now
        ))
    }

    async fn accept_invitation(&self, accept: &AcceptInvitation) -> Result<Option<OpenSession>> {
        let accept = accept.clone();
        job!(self.write, |conn| account::accept_invitation(conn, &accept))
    }
}
