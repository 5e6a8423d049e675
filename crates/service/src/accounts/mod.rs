//! People: the first account, signing in and out, colleagues, invitations.

mod account;
mod invitations;
mod limit;
mod links;
mod members;
mod password;
mod setup;
mod sign_in;

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskhand_domain::account::{Email, User};
use deskhand_domain::action::FieldError;
use deskhand_domain::id::SessionId;
use deskhand_domain::limits;
use deskhand_domain::secret::Secret;
use deskhand_domain::workspace::Workspace;
use deskhand_store::{NewSession, OpenSession, TokenHash};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use self::account::AccountRequest;
pub use self::invitations::{AcceptRequest, InvitationRequest, Invited};
pub(crate) use self::limit::SignInLimit;
pub use self::links::LinkRequest;
pub(crate) use self::password::Passwords;
pub use self::setup::SetupRequest;
pub use self::sign_in::SignInRequest;
use crate::{Service, ServiceError};

/// Random bytes in a token.
const TOKEN_BYTES: usize = 32;

/// Who asks, as far as a connection tells.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Where the request comes from.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub user_agent: Option<String>,
    /// The token of the session that it has now. It ends when another begins.
    pub session: Option<Secret>,
}

/// Who is signed in, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CurrentSession {
    /// Identifies the session.
    pub id: SessionId,
    /// Who it is.
    pub user: User,
    /// Where they belong.
    pub workspace: Workspace,
    /// When it ends, unless it is used before.
    #[cfg_attr(feature = "schema", schemars(with = "deskhand_domain::schema::Moment"))]
    pub expires_at: Timestamp,
}

/// A session that has just begun, with its token, which is not kept.
#[derive(Debug)]
pub struct SignedIn {
    /// For the cookie.
    pub token: Secret,
    /// Who and where.
    pub session: CurrentSession,
}

impl From<OpenSession> for CurrentSession {
    fn from(open: OpenSession) -> Self {
        Self {
            id: open.session.id,
            user: open.user,
            workspace: open.workspace,
            expires_at: open.session.expires_at,
        }
    }
}

impl SignedIn {
    fn new(token: Secret, open: OpenSession) -> Self {
        Self {
            token,
            session: open.into(),
        }
    }
}

impl Service {
    /// The origin under which browsers reach this server, such as `https://deskhand.example.com`.
    pub fn public_url(&self) -> &str {
        &self.inner.parts.public_url
    }

    /// A link of ours. What follows `#` is not sent to servers, and so is in nobody's logs.
    fn link(&self, page: &str, token: &Secret) -> Secret {
        Secret::new(format!("{}/{page}#{}", self.public_url(), token.expose()))
    }

    fn token(&self) -> Secret {
        let mut random = [0u8; TOKEN_BYTES];
        self.entropy().fill(&mut random);
        Secret::new(URL_SAFE_NO_PAD.encode(random))
    }

    /// A session about to begin, and its token.
    fn new_session(&self, browser: Browser) -> (Secret, NewSession) {
        let token = self.token();
        let now = self.now();
        let session = NewSession {
            id: SessionId::new(now, self.entropy()),
            hash: hash(token.expose()),
            user_agent: browser
                .user_agent
                .map(|text| text.chars().take(limits::USER_AGENT_CHARS).collect()),
            replaces: browser.session.map(|token| hash(token.expose())),
            now,
            expires_at: after(now, limits::SESSION_DURATION),
        };
        (token, session)
    }
}

/// Tokens have 256 random bits, so a plain SHA-256 does not help whoever reads it.
fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

fn after(now: Timestamp, time: std::time::Duration) -> Timestamp {
    SignedDuration::try_from(time)
        .ok()
        .and_then(|time| now.checked_add(time).ok())
        .unwrap_or(Timestamp::MAX)
}

/// Collects what is wrong with each field of a request.
#[derive(Default)]
struct Fields(Vec<FieldError>);

impl Fields {
    fn take<T>(&mut self, field: &str, parsed: Result<T, impl Into<String>>) -> Option<T> {
        parsed
            .map_err(|mend| self.0.push(FieldError::new(field, mend)))
            .ok()
    }

    fn email(&mut self, text: &str) -> Option<Email> {
        self.take("email", Email::parse(text))
    }

    /// What is wrong, if a part is missing.
    fn refuse(self) -> ServiceError {
        ServiceError::Invalid(self.0)
    }
}

/// An address that has an account already.
fn unless_taken(error: deskhand_store::StoreError) -> ServiceError {
    match error {
        deskhand_store::StoreError::Taken { field: "email" } => ServiceError::Conflict {
            code: "email_taken",
            message:
                "There is an account with this email address already. Sign in with it, or use \
                      another address."
                    .to_owned(),
        },
        other => other.into(),
    }
}
