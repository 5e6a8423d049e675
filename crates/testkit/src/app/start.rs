//! How a whole Deskhand is brought up, and on which database.

use super::{
    ADMIN_KEY, Arc, FakeDns, MasterKey, ModelServer, Node, Secret, SeededEntropy, Server,
    SocketAddr, SqliteStore, TempDir, TestApp, TestClock, WebhookServer, pages, server,
};
use crate::postgres_database;

impl TestApp {
    /// Starts one.
    pub async fn start() -> Self {
        Self::start_with_exceptions(&[]).await
    }

    /// Starts one whose operator also lets calls go to these addresses.
    ///
    /// # Panics
    /// If any part cannot be started.
    pub async fn start_with_exceptions(more: &[SocketAddr]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("deskhand.db");
        let url = match wants_postgres() {
            true => postgres_database().expect("PostgreSQL is installed"),
            false => format!("sqlite://{}", path.display()),
        };
        Self::start_on(url, directory, more).await
    }

    /// Starts one on PostgreSQL; `None` where it is not installed.
    ///
    /// # Panics
    /// If any part cannot be started.
    pub async fn start_on_postgres() -> Option<Self> {
        let directory = tempfile::tempdir().expect("a directory");
        Some(Self::start_on(postgres_database()?, directory, &[]).await)
    }

    /// Starts one on SQLite, whatever the other tests run on.
    ///
    /// # Panics
    /// If any part cannot be started.
    pub async fn start_on_sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("deskhand.db");
        Self::start_on(format!("sqlite://{}", path.display()), directory, &[]).await
    }

    async fn start_on(database_url: String, directory: TempDir, more: &[SocketAddr]) -> Self {
        let models = ModelServer::start().await;
        let webhook = WebhookServer::start(&["127.0.0.1", "shop.example.com"]).await;
        let dns = Arc::new(FakeDns::new());
        let clock = Arc::new(TestClock::at("2026-11-23T12:00:00Z"));
        let entropy = Arc::new(SeededEntropy::new(2));
        let exceptions: Vec<String> = std::iter::once(&webhook.address())
            .chain(more)
            .map(ToString::to_string)
            .collect();
        let exceptions = exceptions.join(",");
        let store = SqliteStore::open(&database_url, &MasterKey::new([7; 32]), entropy.clone())
            .await
            .expect("a database");
        let store = Arc::new(store);
        let (listener, address) = server::free_port().await;
        let node = Node {
            exceptions,
            ca_pem: webhook.ca_pem().as_bytes().to_vec(),
            models_url: models.url(),
            public_url: format!("http://{address}"),
            dns: dns.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
        };
        let service = node.start(store.clone());
        service
            .bootstrap(Some(&Secret::new(ADMIN_KEY)))
            .await
            .expect("a first workspace");
        let server = Server::on(listener, service.clone(), pages());
        Self {
            models,
            webhook,
            dns,
            clock,
            store,
            service,
            node,
            entropy,
            server,
            database_url,
            directory,
        }
    }
}

/// Whether the tests that name no database are to run on PostgreSQL.
#[expect(
    clippy::disallowed_methods,
    reason = "what stands around a test is no setting of the server"
)]
fn wants_postgres() -> bool {
    std::env::var("DESKHAND_TEST_DATABASE").is_ok_and(|database| database == "postgres")
}
