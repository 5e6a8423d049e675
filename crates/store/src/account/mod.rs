//! People: what the rest of the server asks of a database about them.

mod invitation;
mod link;
mod session;
mod setup;
mod user;

use async_trait::async_trait;
use deskhand_domain::account::{Email, Invitation, Member, Session, User};
use deskhand_domain::id::{InvitationId, SessionId, UserId, WorkspaceId};
use deskhand_domain::secret::Secret;
use deskhand_domain::workspace::Workspace;
use jiff::Timestamp;

use crate::{Listed, Page, Result};

/// SHA-256 of a token.
pub type TokenHash = [u8; 32];

/// A session about to begin. Whose it is, is said elsewhere.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Of its token.
    pub hash: TokenHash,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// The session that the browser had before; it ends.
    pub replaces: Option<TokenHash>,
    /// The present moment.
    pub now: Timestamp,
    /// When it ends unless used.
    pub expires_at: Timestamp,
}

/// A session with whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// The session.
    pub session: Session,
    /// The person.
    pub user: User,
    /// Where they belong.
    pub workspace: Workspace,
}

/// An account with what its password is checked against.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The person.
    pub user: User,
    /// Argon2id, in PHC form.
    pub password_hash: Secret,
}

/// The first account about to be made.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// Of the link's token.
    pub token: TokenHash,
    /// The workspace: made, or its name given to the one that is there.
    pub workspace: Workspace,
    /// The person. They belong to the workspace above, or to the one that is there.
    pub first: Credentials,
    /// They are signed in at once.
    pub session: NewSession,
}

/// What became of it.
#[derive(Debug, Clone)]
pub enum SetUpDone {
    /// It is made, and the token used.
    Done(Box<OpenSession>),
    /// There is an account already.
    AlreadySetUp,
    /// The token is none, or has expired.
    TokenInvalid,
}

/// An invitation about to be accepted.
#[derive(Debug, Clone)]
pub struct AcceptInvitation {
    /// Of the link's token.
    pub token: TokenHash,
    /// The id of the new account.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Argon2id, in PHC form.
    pub password_hash: Secret,
    /// They are signed in at once.
    pub session: NewSession,
}

/// What changes of an account; nothing else does.
#[derive(Debug, Clone, Default)]
pub struct AccountChanges {
    /// For people.
    pub name: Option<String>,
    /// What they sign in with.
    pub email: Option<Email>,
    /// Argon2id, in PHC form. All sessions but this one end with it.
    pub password: Option<(Secret, SessionId)>,
}

/// Accounts, sessions, and the links that lead to them.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Whether there is any account, in whichever workspace.
    async fn has_users(&self) -> Result<bool>;
    /// Makes this the one set-up token. False, and nothing is stored, where there is an account.
    async fn put_setup_token(&self, token: TokenHash, expires_at: Timestamp) -> Result<bool>;
    /// Whether a set-up token could be used now.
    async fn setup_token_works(&self, token: TokenHash, now: Timestamp) -> Result<bool>;
    /// Makes the first account, and its workspace where there is none.
    async fn set_up(&self, set_up: &SetUp) -> Result<SetUpDone>;

    /// One workspace.
    async fn workspace(&self, id: WorkspaceId) -> Result<Workspace>;
    /// Changes its name, and the origins from which its widgets may be used, where they are given.
    async fn change_workspace(
        &self,
        id: WorkspaceId,
        name: Option<&str>,
        widget_origins: Option<&[String]>,
    ) -> Result<()>;

    /// The account of an email address, in whichever workspace.
    async fn credentials_by_email(&self, email: &Email) -> Result<Option<Credentials>>;
    /// An account with what its password is checked against.
    async fn credentials(&self, workspace: WorkspaceId, id: UserId) -> Result<Credentials>;
    /// Changes an account. `Taken { field: "email" }`.
    async fn update_account(
        &self,
        workspace: WorkspaceId,
        id: UserId,
        changes: &AccountChanges,
    ) -> Result<User>;
    /// Lists the people of a workspace.
    async fn members(&self, workspace: WorkspaceId, page: Page<UserId>) -> Result<Listed<Member>>;
    /// Removes an account with its sessions. `LastMember` if it is the only one.
    async fn delete_member(&self, workspace: WorkspaceId, id: UserId) -> Result<()>;

    /// Begins a session. `NotFound` if there is no such account any more.
    async fn insert_session(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        session: &NewSession,
    ) -> Result<OpenSession>;
    /// The session of a token, in whichever workspace, unless it has ended.
    async fn session_by_hash(&self, hash: TokenHash, now: Timestamp)
    -> Result<Option<OpenSession>>;
    /// Notes that a session was used.
    async fn touch_session(
        &self,
        workspace: WorkspaceId,
        id: SessionId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()>;
    /// Lists somebody's sessions that have not ended.
    async fn sessions(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        now: Timestamp,
        page: Page<SessionId>,
    ) -> Result<Listed<Session>>;
    /// Ends a session of this person.
    async fn delete_session(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        id: SessionId,
    ) -> Result<()>;

    /// Stores a link that signs somebody in, once.
    async fn insert_sign_in_link(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        token: TokenHash,
        expires_at: Timestamp,
    ) -> Result<()>;
    /// Uses one up and begins a session. `None` if there is none such, or it has expired.
    async fn redeem_sign_in_link(
        &self,
        token: TokenHash,
        session: &NewSession,
    ) -> Result<Option<OpenSession>>;

    /// Stores an invitation in place of an earlier one to the same address. `Taken { field: "email" }`
    /// if there is an account with it in the workspace.
    async fn insert_invitation(&self, invitation: &Invitation, token: TokenHash) -> Result<()>;
    /// Lists invitations that are not accepted, those that have expired included.
    async fn invitations(
        &self,
        workspace: WorkspaceId,
        page: Page<InvitationId>,
    ) -> Result<Listed<Invitation>>;
    /// Takes one back.
    async fn delete_invitation(&self, workspace: WorkspaceId, id: InvitationId) -> Result<()>;
    /// Whether an invitation could be accepted now, in whichever workspace.
    async fn invitation_works(&self, token: TokenHash, now: Timestamp) -> Result<bool>;
    /// Makes the account, signs it in, and uses the invitation up. `None` if there is none such, or it
    /// has expired. `Taken { field: "email" }`.
    async fn accept_invitation(&self, accept: &AcceptInvitation) -> Result<Option<OpenSession>>;
}

pub(crate) use self::invitation::{
    accept as accept_invitation, delete as delete_invitation, insert as insert_invitation,
    list as invitations, works as invitation_works,
};
pub(crate) use self::link::{insert as insert_sign_in_link, redeem as redeem_sign_in_link};
pub(crate) use self::session::{
    by_hash as session_by_hash, delete as delete_session, insert as insert_session,
    list as sessions, touch as touch_session,
};
pub(crate) use self::setup::{
    alone, any_user, put as put_setup_token, set_up, works as setup_token_works,
};
pub(crate) use self::user::{
    by_email as credentials_by_email, credentials, delete as delete_member, list as members,
    update as update_account,
};
