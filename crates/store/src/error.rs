//! Why the database did not do as asked.

use std::error::Error;

use crate::sql::SqlError;

/// Why the database did not do as asked, named by what the caller does next.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such row in this workspace: tell the client so.
    #[error("not found")]
    NotFound,
    /// A unique name is taken: tell the client which field.
    #[error("{field} is already in use")]
    Taken {
        /// The field whose value is taken.
        field: &'static str,
    },
    /// Something else stands against it: tell the client what.
    #[error("{0}")]
    Conflict(&'static str),
    /// The claim of an idempotency key is no longer held: this node was taken for dead, and the request
    /// may be another's now. Tell the client to ask again.
    #[error("the idempotency key is no longer held")]
    ClaimLost,
    /// The turn is another node's now: stop, and say nothing.
    #[error("it belongs to another node now")]
    NotOwner,
    /// A turn is running in the conversation: wait for its end.
    #[error("a turn is already running in the conversation")]
    TurnRunning,
    /// It is the last key that can make others: tell the client so.
    #[error("the last admin key that has not expired stays")]
    LastAdminKey,
    /// It is the only account: tell the client so.
    #[error("the last member stays")]
    LastMember,
    /// Stored data does not open or parse: an operator has to look at it.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The database itself failed: an operator has to look at it; trying again may help. Whether a
    /// write took place is not known.
    #[error("database: {0}")]
    Database(#[source] DatabaseError),
    /// The schema could not be brought up to date: an operator has to look at it.
    #[error("migration: {0}")]
    Migration(String),
    /// The database file could not be made.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The store has been closed.
    #[error("the database is shutting down")]
    Closed,
}

/// Shorthand for this crate's results.
pub type Result<T> = std::result::Result<T, StoreError>;

/// What the database itself says of a failure.
#[derive(Debug, thiserror::Error)]
#[error("{cause}")]
pub struct DatabaseError {
    #[source]
    cause: Box<dyn Error + Send + Sync>,
    fault: Fault,
}

/// What is wrong with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Somebody else holds it, or it cannot be reached.
    Away,
    /// Its disk is full, or must not be written to, or what is on it is damaged.
    Unwritable,
    /// Anything else, such as a mistake of ours.
    Other,
}

impl DatabaseError {
    pub(crate) fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: cause.into(),
            fault: Fault::Other,
        }
    }

    /// With what is wrong.
    pub(crate) fn because(self, fault: Fault) -> Self {
        Self { fault, ..self }
    }

    pub(crate) fn fault(&self) -> Fault {
        self.fault
    }

    /// Whether it is likely to pass by itself within a while: somebody else holds the database, or it
    /// cannot be reached.
    pub fn will_pass(&self) -> bool {
        self.fault == Fault::Away
    }

    /// Whether it is the database's state that is at fault, and not what was asked of it.
    pub fn is_known(&self) -> bool {
        self.fault != Fault::Other
    }
}

impl From<SqlError> for StoreError {
    fn from(error: SqlError) -> Self {
        match error {
            // Every reference carries the workspace, so this is a row of another one, or of none.
            SqlError::ForeignKey => Self::NotFound,
            SqlError::Unique(cause) | SqlError::Database(cause) => Self::Database(cause),
        }
    }
}

/// Says what a unique index refused, where the statement leaves no doubt which index it was.
pub(crate) fn unless_unique(error: SqlError, refused: StoreError) -> StoreError {
    match error {
        SqlError::Unique(_) => refused,
        error => error.into(),
    }
}
