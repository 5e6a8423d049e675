//! Apps on a database of a chosen kind, whatever the other tests run on.

use super::TestApp;
use crate::postgres_database;

impl TestApp {
    /// Starts one on PostgreSQL; `None` where it is not installed.
    ///
    /// # Panics
    /// If any part cannot be started.
    pub async fn start_on_postgres() -> Option<Self> {
        let directory = tempfile::tempdir().expect("a directory");
        Some(Self::start_on(postgres_database()?, directory, &[]).await)
    }

    /// Starts one on SQLite.
    ///
    /// # Panics
    /// If any part cannot be started.
    pub async fn start_on_sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("deskhand.db");
        Self::start_on(format!("sqlite://{}", path.display()), directory, &[]).await
    }
}
