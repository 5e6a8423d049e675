//! Why the database did not do as asked.

use std::error::Error;

use deskhand_domain::id::InvocationId;

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
    /// Calls of the turn have come to ends of which neither its reply nor a follow-up speaks: say them
    /// too, and end it again.
    #[error("calls of the turn have come to ends that nobody has told")]
    Untold(Vec<InvocationId>),
    /// The conversation has turns that whoever begins one does not know of: read them, and begin again.
    #[error("something has been said in the conversation meanwhile")]
    Behind,
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
    Database(DatabaseError),
    /// The schema could not be brought up to date: an operator has to look at it.
    #[error("migration: {0}")]
    Migration(String),
    /// The database file could not be made.
    #[error("{path}: {cause}")]
    File {
        /// Which file.
        path: String,
        /// Why not.
        cause: std::io::Error,
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
    cause: Box<dyn Error + Send + Sync>,
    fault: Fault,
}

/// What is wrong with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Somebody else holds it, or it cannot be reached.
    Away,
    /// Its file cannot be opened.
    NotOpened,
    /// Its disk is full.
    Full,
    /// It must not be written to.
    ReadOnly,
    /// Its disk fails, or what is on it is damaged.
    Damaged,
    /// The file is something else.
    NoDatabase,
    /// The server does not know the user, or not with this password.
    NoEntry,
    /// There is no such database on the server.
    NotThere,
    /// The user may not do this.
    NoRight,
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
        matches!(self.fault, Fault::Away | Fault::NotOpened)
    }

    /// Whether there is a disk at fault, or what is on it.
    pub fn is_of_the_disk(&self) -> bool {
        matches!(
            self.fault,
            Fault::Full | Fault::ReadOnly | Fault::Damaged | Fault::NoDatabase
        )
    }

    /// What an operator can do about it.
    pub fn mend(&self) -> Option<&'static str> {
        Some(match self.fault {
            Fault::Away => {
                "look whether it runs, can be reached from here, and is held by nobody else"
            }
            Fault::NotOpened => {
                "look whether its folder is there, and whether this user may read and write the file \
                 and the folder"
            }
            Fault::Full => "make room on its disk",
            Fault::ReadOnly => {
                "let this user write to it: look at the rights of the file and its folder and at how the \
                 disk is mounted, or on a server whether it is a standby"
            }
            Fault::Damaged => {
                "its disk or its file is damaged: stop the server, keep the file with those of the same \
                 name that end in -wal and -shm, and restore a backup"
            }
            Fault::NoDatabase => "give the path of a database, or of a file that is not there yet",
            Fault::NoEntry => "look at the user and the password in the URL",
            Fault::NotThere => "make the database (createdb), or look at its name in the URL",
            Fault::NoRight => {
                "let this user make tables in it: best as the owner of the database (ALTER DATABASE … \
                 OWNER TO …)"
            }
            Fault::Other => return None,
        })
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
