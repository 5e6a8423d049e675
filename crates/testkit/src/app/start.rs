//! Apps on a database of a chosen kind, whatever the other tests run on, and later runs on the same one.

use std::sync::Arc;

use deskhand_service::Service;
use deskhand_store::{MasterKey, SqliteStore};

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

    /// A later run of the server, which opens the same database anew. Nothing listens there.
    ///
    /// # Panics
    /// If the database cannot be opened.
    pub async fn another_process(&self) -> Service {
        let store = SqliteStore::open(
            &self.database_url,
            &MasterKey::new([7; 32]),
            self.entropy.clone(),
        )
        .await
        .expect("the database");
        self.node.start(Arc::new(store))
    }
}
