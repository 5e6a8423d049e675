//! Links that sign somebody in, once. Made by whoever runs the server.

use std::time::Duration;

use deskhand_domain::account::User;
use deskhand_domain::secret::Secret;
use serde::Deserialize;

use super::{Browser, SignedIn, after, hash};
use crate::{Result, Service, ServiceError};

/// What a sign-in link carries.
#[derive(Clone, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// What follows `#` in the link.
    pub token: String,
}

impl Service {
    /// Makes a link that signs this person in, once.
    pub async fn new_sign_in_link(&self, user: &User, lasts: Duration) -> Result<Secret> {
        let token = self.token();
        let until = after(self.now(), lasts);
        self.store()
            .insert_sign_in_link(user.workspace_id, user.id, hash(token.expose()), until)
            .await?;
        Ok(self.link("sign-in", &token))
    }

    /// Uses such a link.
    pub async fn sign_in_by_link(
        &self,
        request: LinkRequest,
        browser: Browser,
    ) -> Result<SignedIn> {
        let (token, session) = self.new_session(browser);
        let redeemed = self
            .store()
            .redeem_sign_in_link(hash(&request.token), &session)
            .await?;
        match redeemed {
            Some(open) => Ok(SignedIn::new(token, open)),
            None => Err(ServiceError::Denied {
                code: "link_invalid",
                message: "This link has been used or has expired. Sign in with your password, or ask \
                          for another link.",
            }),
        }
    }
}
