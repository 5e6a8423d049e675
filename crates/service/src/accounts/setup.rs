//! The first account.

use deskhand_domain::account::{self, User};
use deskhand_domain::id::{UserId, WorkspaceId};
use deskhand_domain::limits;
use deskhand_domain::secret::Secret;
use deskhand_domain::workspace::Workspace;
use deskhand_store::{Credentials, SetUp, SetUpDone};
use serde::Deserialize;

use super::{Browser, Fields, SignedIn, after, hash, unless_taken};
use crate::{Result, Service, ServiceError};

/// The first account, as it is asked for.
#[derive(Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetupRequest {
    /// What follows `#` in the set-up link.
    pub token: String,
    /// What the workspace is to be called: 1 to 80 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub workspace_name: String,
    /// What the person is called: 1 to 80 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub name: String,
    /// What they will sign in with.
    #[cfg_attr(feature = "schema", schemars(length(min = 3)))]
    pub email: String,
    /// 8 to 128 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 8, max = 128)))]
    pub password: String,
}

impl Service {
    /// Whether there is no account yet.
    pub async fn setup_needed(&self) -> Result<bool> {
        Ok(!self.store().has_users().await?)
    }

    /// A link with which the first account is made, within a day. Those made before stop working.
    /// `None` where there is an account.
    pub async fn new_setup_link(&self) -> Result<Option<Secret>> {
        let token = self.token();
        let until = after(self.now(), limits::SETUP_LINK_DURATION);
        let kept = self
            .store()
            .put_setup_token(hash(token.expose()), until)
            .await?;
        Ok(kept.then(|| self.link("setup", &token)))
    }

    /// Makes the first account and signs it in. It gets a workspace of its own, or the one that is
    /// there, with a new name.
    pub async fn set_up(&self, request: SetupRequest, browser: Browser) -> Result<SignedIn> {
        let mut fields = Fields::default();
        let workspace = fields.take("workspace_name", account::name(&request.workspace_name));
        let name = fields.take("name", account::name(&request.name));
        let email = fields.email(&request.email);
        let password = fields.take("password", account::new_password(&request.password));
        let (Some(workspace), Some(name), Some(email), Some(password)) =
            (workspace, name, email, password)
        else {
            return Err(fields.refuse());
        };
        let token = hash(&request.token);
        // Hashing a password is dear; whoever has no token does not make us.
        if !self.setup_needed().await? {
            return Err(already());
        }
        if !self.store().setup_token_works(token, self.now()).await? {
            return Err(invalid());
        }
        let password_hash = self.hash_password(password).await?;
        let (session_token, session) = self.new_session(browser);
        let workspace = Workspace {
            id: WorkspaceId::new(session.now, self.entropy()),
            name: workspace,
            created_at: session.now,
        };
        let user = User {
            id: UserId::new(session.now, self.entropy()),
            workspace_id: workspace.id,
            name,
            email,
            created_at: session.now,
        };
        let set_up = SetUp {
            token,
            workspace,
            first: Credentials {
                user,
                password_hash,
            },
            session,
        };
        match self.store().set_up(&set_up).await.map_err(unless_taken)? {
            SetUpDone::Done(open) => Ok(SignedIn::new(session_token, *open)),
            SetUpDone::AlreadySetUp => Err(already()),
            SetUpDone::TokenInvalid => Err(invalid()),
        }
    }
}

fn already() -> ServiceError {
    ServiceError::Conflict {
        code: "already_set_up",
        message: "This server has been set up. Sign in instead.".to_owned(),
    }
}

fn invalid() -> ServiceError {
    ServiceError::Denied {
        code: "setup_token_invalid",
        message: "This set-up link does not work any more. Each start of the server prints a new one.",
    }
}
