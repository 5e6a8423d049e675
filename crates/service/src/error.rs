//! What can go wrong in a use case, named by what the caller does next.

use std::time::Duration;

use deskhand_domain::action::FieldError;
use deskhand_domain::id::{ConversationId, TurnId};
use deskhand_store::StoreError;

/// Why a request was not carried out. Codes are stable; each has a page under `docs/errors/`.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is nothing of that id in this workspace.
    #[error("not found")]
    NotFound,
    /// The input has to be mended, field by field.
    #[error("{}", listed(.0))]
    Invalid(Vec<FieldError>),
    /// Something else stands against it.
    #[error("{message}")]
    Conflict {
        /// Stable code.
        code: &'static str,
        /// For the client: what, and the mend.
        message: String,
    },
    /// It was there, and its time is over.
    #[error("{message}")]
    Gone {
        /// Stable code.
        code: &'static str,
        /// For the client: what, and the way on.
        message: String,
    },
    /// What was shown opens nothing, such as a link that has been used.
    #[error("{message}")]
    Denied {
        /// Stable code.
        code: &'static str,
        /// For the client: what, and the way on.
        message: &'static str,
    },
    /// The email address and the password are not those of an account.
    #[error("wrong email address or password")]
    WrongCredentials,
    /// Too many failed sign-ins.
    #[error("too many failed sign-ins")]
    TooManyAttempts {
        /// When to try again.
        retry_after: Duration,
    },
    /// A contact token proves nothing. The text says which rule it breaks.
    #[error("the contact token {0}")]
    ContactToken(String),
    /// Too much at once; try again later.
    #[error("{message}")]
    TooMany {
        /// For the client: of what.
        message: &'static str,
        /// When to try again.
        retry_after: Duration,
    },
    /// The server stops in the middle of a turn. Its message is stored; the next start or another server
    /// goes on with it.
    #[error("the turn {1} is handed over, as the server is stopping")]
    HandedOver(ConversationId, TurnId),
    /// The database cannot do it now. The text is for the operator's log only.
    #[error("{0}")]
    Unavailable(String),
    /// The server stops, and its database is closed.
    #[error("the database is shutting down")]
    Closed,
    /// The server itself failed. The text is for the operator's log only.
    #[error("{0}")]
    Internal(String),
}

fn listed(errors: &[FieldError]) -> String {
    let each: Vec<_> = errors
        .iter()
        .map(|error| format!("{} {}", error.field, error.message))
        .collect();
    each.join("; ")
}

/// Shorthand for this crate's results.
pub type Result<T> = std::result::Result<T, ServiceError>;

impl ServiceError {
    /// One field that has to be mended.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// Whether it may be otherwise once the database is well again.
    pub(crate) fn is_of_the_database(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Closed)
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Taken { field } => Self::Conflict {
                code: "name_taken",
                message: format!("{field} is already in use; choose another"),
            },
            StoreError::LastAdminKey => Self::Conflict {
                code: "last_admin_key",
                message: "no other admin key that has not expired is left; make another one first"
                    .to_owned(),
            },
            StoreError::LastMember => Self::Conflict {
                code: "last_member",
                message: "This is the only account of the workspace. Invite somebody else first."
                    .to_owned(),
            },
            StoreError::Conflict(message) => Self::Conflict {
                code: "conflict",
                message: message.to_owned(),
            },
            StoreError::ClaimLost => Self::Conflict {
                code: "idempotency_in_progress",
                message:
                    "another server may be carrying out the request by now; ask again in a moment"
                        .to_owned(),
            },
            StoreError::TurnRunning => Self::Conflict {
                code: "conflict",
                message: "a turn is already running in the conversation".to_owned(),
            },
            StoreError::Database(error) if error.is_known() => Self::Unavailable(error.to_string()),
            StoreError::Closed => Self::Closed,
            other => Self::Internal(other.to_string()),
        }
    }
}
