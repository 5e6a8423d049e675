//! One's own account and sessions.

use deskhand_domain::account::{self, Session, User};
use deskhand_domain::id::SessionId;
use deskhand_store::{AccountChanges, Listed, OpenSession, Page};
use serde::Deserialize;

use super::{Browser, Fields, unless_taken};
use crate::{Result, Service, ServiceError};

/// What is to change of one's own account. What is left out stays.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AccountRequest {
    /// For people: 1 to 80 characters.
    pub name: Option<String>,
    /// What to sign in with. Takes `current_password`.
    pub email: Option<String>,
    /// The password as it is now.
    pub current_password: Option<String>,
    /// The password as it is to be: 8 to 128 characters. Takes `current_password`.
    pub password: Option<String>,
}

impl Service {
    /// Changes somebody's own account. With a new password, all their other sessions end.
    pub async fn update_account(
        &self,
        own: &OpenSession,
        request: AccountRequest,
        browser: &Browser,
    ) -> Result<User> {
        let mut fields = Fields::default();
        let name = request
            .name
            .and_then(|name| fields.take("name", account::name(&name)));
        let email = request.email.and_then(|email| fields.email(&email));
        let password = request
            .password
            .and_then(|password| fields.take("password", account::new_password(&password)));
        let email = email.filter(|email| *email != own.user.email);
        let sensitive = email.is_some() || password.is_some();
        if sensitive && request.current_password.is_none() {
            let mend = "is required to change the email address or the password";
            fields.take::<()>("current_password", Err(mend));
        }
        if !fields.0.is_empty() {
            return Err(fields.refuse());
        }
        if sensitive {
            let current = request.current_password.unwrap_or_default();
            self.check_own_password(own, &current, browser).await?;
        }
        let password = match password {
            Some(password) => Some((self.hash_password(password).await?, own.session.id)),
            None => None,
        };
        let changes = AccountChanges {
            name,
            email,
            password,
        };
        let (workspace, user) = (own.user.workspace_id, own.user.id);
        self.store()
            .update_account(workspace, user, &changes)
            .await
            .map_err(unless_taken)
    }

    async fn check_own_password(
        &self,
        own: &OpenSession,
        password: &str,
        browser: &Browser,
    ) -> Result<()> {
        let (workspace, user) = (own.user.workspace_id, own.user.id);
        let stored = self.store().credentials(workspace, user).await?;
        let key = stored.user.email.key();
        match self
            .check_password(&key, password, Some(&stored), browser)
            .await
        {
            Err(ServiceError::WrongCredentials) => {
                Err(ServiceError::field("current_password", "is not right"))
            }
            checked => checked,
        }
    }

    /// Lists somebody's sessions, newest first.
    pub async fn sessions(
        &self,
        own: &OpenSession,
        page: Page<SessionId>,
    ) -> Result<Listed<Session>> {
        let (workspace, user) = (own.user.workspace_id, own.user.id);
        Ok(self
            .store()
            .sessions(workspace, user, self.now(), page)
            .await?)
    }

    /// Ends one of somebody's sessions.
    pub async fn end_session(&self, own: &OpenSession, id: SessionId) -> Result<()> {
        let (workspace, user) = (own.user.workspace_id, own.user.id);
        Ok(self.store().delete_session(workspace, user, id).await?)
    }
}
