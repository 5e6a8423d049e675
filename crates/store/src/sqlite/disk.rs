//! A disk that fails, for tests: the database is made to refuse writes as it does on one that is full
//! or read-only. In builds with debug assertions only, which are never shipped.

use std::sync::{Mutex, PoisonError};

use crate::row::Conn;
use crate::sql::SqlError;

/// How a disk fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadDisk {
    /// The database may not grow.
    Full,
    /// Nothing may be written.
    ReadOnly,
}

/// How it is with the disk.
#[derive(Debug, Default)]
pub(super) struct Disk {
    bad: Mutex<Option<Bad>>,
}

#[derive(Debug, Clone, Copy)]
struct Bad {
    /// None: it is well again.
    kind: Option<BadDisk>,
    /// Transactions that still succeed.
    after: usize,
}

impl Disk {
    /// From now on, or after so many transactions, it is so.
    pub(super) fn set(&self, kind: Option<BadDisk>, after: usize) {
        *self.lock() = Some(Bad { kind, after });
    }

    /// To be called before each transaction.
    pub(super) fn apply(&self, conn: &mut Conn) -> Result<(), SqlError> {
        let mut bad = self.lock();
        let kind = match &mut *bad {
            None => return Ok(()),
            Some(Bad { after: 0, kind }) => *kind,
            Some(Bad { after, .. }) => {
                *after -= 1;
                None
            }
        };
        conn.batch(match kind {
            None => "PRAGMA query_only = OFF; PRAGMA max_page_count = 4294967294",
            Some(BadDisk::Full) => "PRAGMA max_page_count = 1",
            Some(BadDisk::ReadOnly) => "PRAGMA query_only = ON",
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Bad>> {
        self.bad.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
