//! The conformance cases on SQLite, in a file and in memory.

use std::sync::Arc;

use deskhand_store::{MasterKey, SqliteStore, Store};

use crate::world::Seeded;

pub async fn open(url: &str) -> SqliteStore {
    let entropy = Arc::new(Seeded::default());
    SqliteStore::open(url, &MasterKey::new([7; 32]), entropy)
        .await
        .unwrap()
}

pub fn url(dir: &tempfile::TempDir) -> String {
    format!("sqlite://{}", dir.path().join("deskhand.db").display())
}

async fn in_a_file() -> Option<(Arc<dyn Store>, tempfile::TempDir)> {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&url(&dir)).await;
    Some((Arc::new(store), dir))
}

async fn in_memory() -> Option<(Arc<dyn Store>, ())> {
    Some((Arc::new(open("sqlite::memory:").await), ()))
}

mod file {
    crate::conformance::instantiate!(crate::sqlite::in_a_file);
}

mod memory {
    crate::conformance::instantiate!(crate::sqlite::in_memory);
}
