//! A service with an empty workspace, a database in memory and DNS that knows what it is told.

use std::sync::Arc;

use deskhand_domain::clock::{Clock, Entropy};
use deskhand_domain::id::WorkspaceId;
use deskhand_domain::workspace::Workspace;
use deskhand_model::{Models, ModelsConfig};
use deskhand_service::{Parts, Service};
use deskhand_store::{MasterKey, SqliteStore, Store};
use deskhand_testkit::{FakeDns, SeededEntropy, TestClock};
use deskhand_webhook::{Client, ClientConfig, EgressPolicy};
use serde_json::{Map, Value};

pub struct World {
    pub service: Service,
    pub workspace: WorkspaceId,
    pub dns: Arc<FakeDns>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl World {
    /// One more workspace in the same database.
    pub async fn another_workspace(&self) -> WorkspaceId {
        let now = self.clock.now();
        let id = WorkspaceId::new(now, &*self.entropy);
        let workspace = Workspace {
            id,
            name: "Another".to_owned(),
            created_at: now,
        };
        self.store.insert_workspace(&workspace).await.unwrap();
        id
    }
}

pub async fn world() -> World {
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(7));
    let clock: Arc<dyn Clock> = Arc::new(TestClock::at("2026-11-23T12:00:00Z"));
    let dns = Arc::new(FakeDns::new());
    dns.answer("api.example.com", &["93.184.216.34"]);
    let webhook = Client::new(ClientConfig {
        policy: EgressPolicy::default(),
        resolver: Arc::clone(&dns) as _,
        native_roots: false,
        extra_roots_pem: None,
        clock: Arc::clone(&clock),
        entropy: Arc::clone(&entropy),
    })
    .unwrap();
    let store: Arc<dyn Store> = Arc::new(
        SqliteStore::open(
            "sqlite::memory:",
            &MasterKey::new([7; 32]),
            Arc::clone(&entropy),
        )
        .await
        .unwrap(),
    );
    let service = Service::new(Parts {
        public_url: "https://desk.example.com".to_owned(),
        callback_duration: deskhand_domain::limits::CALLBACK_DURATION,
        egress_addresses: Vec::new(),
        store: Arc::clone(&store),
        webhook,
        models: Models::new(ModelsConfig {
            default: "builtin".to_owned(),
            url: None,
            api_key: None,
        })
        .unwrap(),
        clock: Arc::clone(&clock),
        entropy: Arc::clone(&entropy),
    });
    let workspace = service
        .bootstrap(None)
        .await
        .unwrap()
        .unwrap()
        .key
        .workspace_id;
    World {
        service,
        workspace,
        dns,
        store,
        clock,
        entropy,
    }
}

pub fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is no object"),
    }
}
