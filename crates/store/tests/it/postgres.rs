//! The conformance cases on PostgreSQL, each in a database of its own.

use std::sync::Arc;

use deskhand_store::{Database, MasterKey, Store};

use crate::pg_server::postgres_database;
use crate::world::Seeded;

pub async fn open(url: &str) -> Database {
    let entropy = Arc::new(Seeded::default());
    Database::open(url, &MasterKey::new([7; 32]), entropy)
        .await
        .unwrap()
}

async fn in_a_database() -> Option<(Arc<dyn Store>, ())> {
    let store = open(&postgres_database()?).await;
    Some((Arc::new(store), ()))
}

mod server {
    crate::conformance::instantiate!(crate::postgres::in_a_database);
}
