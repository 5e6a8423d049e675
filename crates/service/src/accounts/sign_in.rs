//! Signing in with a password, and what a session's token opens.

use deskhand_domain::account::{Email, typed_password};
use deskhand_domain::limits;
use deskhand_store::{Credentials, OpenSession, StoreError};
use jiff::SignedDuration;
use serde::Deserialize;

use super::{Browser, SignedIn, after, hash};
use crate::{Result, Service, ServiceError};

/// What somebody signs in with.
#[derive(Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The address of the account.
    pub email: String,
    /// Its password.
    pub password: String,
}

impl Service {
    /// Signs somebody in. An address without an account is refused as a wrong password is, and takes
    /// as long.
    pub async fn sign_in(&self, request: SignInRequest, browser: Browser) -> Result<SignedIn> {
        let email = Email::parse(&request.email);
        let found = match &email {
            Ok(email) => self.store().credentials_by_email(email).await?,
            Err(_) => None,
        };
        let written = email.map_or(request.email, |email| email.key());
        self.check_password(&written, &request.password, found.as_ref(), &browser)
            .await?;
        let Some(Credentials { user, .. }) = found else {
            return Err(ServiceError::WrongCredentials);
        };
        let (token, session) = self.new_session(browser);
        let begun = self
            .store()
            .insert_session(user.workspace_id, user.id, &session)
            .await;
        match begun {
            Ok(open) => Ok(SignedIn::new(token, open)),
            // The account was removed a moment ago.
            Err(StoreError::NotFound) => Err(ServiceError::WrongCredentials),
            Err(error) => Err(error.into()),
        }
    }

    /// Compares a password with an account's, or with none, which takes as long. Wrong ones are
    /// counted, by account and by client, and refused unseen when they are too many.
    pub(super) async fn check_password(
        &self,
        email_key: &str,
        password: &str,
        account: Option<&Credentials>,
        browser: &Browser,
    ) -> Result<()> {
        let limit = &self.inner.sign_ins;
        let now = self.now();
        // Counted before it is looked at, so that many at once are no way round.
        let attempt = limit.begin(email_key, browser.address, now)?;
        let right = self
            .verify_password(
                typed_password(password),
                account.map(|account| account.password_hash.clone()),
            )
            .await;
        match right {
            Ok(true) => limit.succeeded(&attempt),
            Ok(false) => return Err(ServiceError::WrongCredentials),
            Err(error) => {
                limit.take_back(&attempt);
                return Err(error);
            }
        }
        Ok(())
    }

    /// The session that a token opens. Nothing is made of it: it is not used by that.
    pub async fn session_as_it_is(&self, token: &str) -> Result<Option<OpenSession>> {
        let now = self.now();
        Ok(self.store().session_by_hash(hash(token), now).await?)
    }

    /// The session that a token opens, which is used by that, and so lasts longer.
    pub async fn session(&self, token: &str) -> Result<Option<OpenSession>> {
        let now = self.now();
        let Some(mut open) = self.session_as_it_is(token).await? else {
            return Ok(None);
        };
        let session = &mut open.session;
        let unused = now.duration_since(session.last_used_at);
        let exact = SignedDuration::try_from(limits::SESSION_TOUCH).unwrap_or(SignedDuration::ZERO);
        if unused >= exact {
            session.last_used_at = now;
            session.expires_at = after(now, limits::SESSION_DURATION);
            self.store()
                .touch_session(session.workspace_id, session.id, now, session.expires_at)
                .await?;
        }
        Ok(Some(open))
    }
}
