//! A whole Deskhand between the doubles: the real API on a real port, over a real database file, a
//! real webhook client that reaches the receiver by an operator's exception, and a model behind the
//! model server.

mod http;
mod node;
mod pages;
mod people;
mod server;
mod start;
mod talk;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deskhand_domain::clock::Clock;
use deskhand_domain::id::{KeyId, WorkspaceId};
use deskhand_domain::secret::Secret;
use deskhand_domain::workspace::{ApiKey, Scope, Workspace};
use deskhand_service::Service;
use deskhand_store::{MasterKey, SqliteStore, Store};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

pub use self::http::{Answer, request};
use self::node::Node;
pub use self::pages::pages;
pub use self::people::{PASSWORD, cookie, token};
pub use self::server::Server;
pub use self::talk::Talk;
use crate::contract::contract;
use crate::{FakeDns, ModelServer, SeededEntropy, TestClock, WebhookServer};

/// The admin key of the first workspace.
pub const ADMIN_KEY: &str = "test-admin-key-0123456789-0123456789";
/// The key the model provider is called with.
pub const MODEL_KEY: &str = "sk-model-key-canary-8c1f27";

/// The address that calls are said to come from (a documentation address, RFC 5737).
pub const EGRESS_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

/// A running Deskhand. When it is dropped, the test fails if the model client broke the protocol or
/// an answer that was queued for the model was never asked for.
pub struct TestApp {
    /// The model provider.
    pub models: ModelServer,
    /// The owner's system.
    pub webhook: WebhookServer,
    /// DNS, as calls see it.
    pub dns: Arc<FakeDns>,
    /// The time, as the service sees it. It moves 1 ms with every request made by this type.
    pub clock: Arc<TestClock>,
    /// The database.
    pub store: Arc<SqliteStore>,
    /// The use cases, for what the API does not offer.
    pub service: Service,
    node: Node,
    entropy: Arc<SeededEntropy>,
    server: Server,
    database_url: String,
    directory: TempDir,
}

impl TestApp {
    /// Another node on the same database, or a later run of the server. Nothing listens there.
    pub fn another_node(&self) -> Service {
        self.node.start(self.store.clone())
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

    /// Where the API listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Whether its database is a PostgreSQL.
    pub fn is_on_postgres(&self) -> bool {
        self.database_url.starts_with("postgres")
    }

    /// Where the files of an SQLite database are.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Makes one request as the admin. A body of null is no body.
    pub async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send_as(Some(ADMIN_KEY), method, path, body).await
    }

    /// Makes one request with this key, or with none.
    pub async fn send_as(
        &self,
        key: Option<&str>,
        method: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        let mut headers = Vec::new();
        let bearer = key.map(|key| format!("Bearer {key}"));
        if let Some(bearer) = &bearer {
            headers.push(("authorization", bearer.as_str()));
        }
        let body = match body {
            Value::Null => Vec::new(),
            body => {
                headers.push(("content-type", "application/json"));
                body.to_string().into_bytes()
            }
        };
        self.send_raw(method, path, &headers, body).await
    }

    /// Makes one request exactly so. The answer is held against the description of the API.
    pub async fn send_raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        self.clock.advance(Duration::from_millis(1));
        let answer = request(self.server.address, method, path, headers, body.clone()).await;
        contract().check(method, path, &body, &answer);
        answer
    }

    /// `GET` as the admin.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, Value::Null).await
    }

    /// `POST` as the admin.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, body).await
    }

    /// `PATCH` as the admin.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, body).await
    }

    /// `PUT` as the admin, without a body.
    pub async fn put(&self, path: &str) -> Answer {
        self.send("PUT", path, Value::Null).await
    }

    /// `DELETE` as the admin.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, Value::Null).await
    }

    /// The documentation page's action as it is sent to be made, with these fields changed.
    pub fn order_action(&self, changes: Value) -> Value {
        let mut action = json!({
            "name": "check_order_status",
            "display_name": "Check order status",
            "description": "Check the status of a customer's order. Use when the customer asks about their order status, delivery tracking, or where their package is. Requires the order number.",
            "webhook_url": self.webhook.url("/orders"),
            "parameters": {
                "type": "object",
                "properties": {
                    "customer_email": {"type": "string", "description": "Customer's email address"},
                    "order_number": {"type": "string", "description": "Order number to look up (e.g., ORD-12345)"}
                },
                "required": ["order_number"]
            }
        });
        overlay(&mut action, changes);
        action
    }

    /// Makes that action.
    pub async fn action(&self, changes: Value) -> Value {
        self.post("/v1/actions", self.order_action(changes))
            .await
            .expect(201)
    }

    /// Makes an agent, with these fields changed.
    pub async fn agent(&self, changes: Value) -> Value {
        let mut agent = json!({"name": "Shop helper"});
        overlay(&mut agent, changes);
        self.post("/v1/agents", agent).await.expect(201)
    }

    /// Lets an agent use an action, both as answered when they were made.
    pub async fn attach(&self, agent: &Value, action: &Value) {
        let path = format!("/v1/agents/{}/actions/{}", id(agent), id(action));
        let answer = self.put(&path).await;
        assert_eq!(answer.status, 204, "{answer:?}");
    }

    /// A conversation about to begin with a new agent that has one action: the documentation page's,
    /// with these fields changed.
    pub async fn shop(&self, changes: Value) -> Talk<'_> {
        self.shop_with(json!({}), [changes]).await
    }

    /// The same with more actions and a changed agent.
    pub async fn shop_with(
        &self,
        agent: Value,
        actions: impl IntoIterator<Item = Value>,
    ) -> Talk<'_> {
        let agent = self.agent(agent).await;
        for changes in actions {
            let action = self.action(changes).await;
            self.attach(&agent, &action).await;
        }
        Talk::new(self, id(&agent))
    }

    /// The newest invocation, with its attempts.
    ///
    /// # Panics
    /// If there is none.
    pub async fn last_invocation(&self) -> Value {
        let listed = self.get("/v1/invocations?limit=1").await.expect(200);
        let path = format!("/v1/invocations/{}", id(&listed["data"][0]));
        self.get(&path).await.expect(200)
    }

    /// Makes another workspace; returns it with an admin key for it.
    ///
    /// # Panics
    /// If the database refuses.
    pub async fn workspace(&self, name: &str) -> (WorkspaceId, String) {
        let now = self.clock.now();
        let workspace = Workspace {
            id: WorkspaceId::new(now, &*self.entropy),
            name: name.to_owned(),
            created_at: now,
        };
        self.store
            .insert_workspace(&workspace)
            .await
            .expect("a workspace");
        let key = self.key(workspace.id, Scope::Admin, |_| {}).await;
        (workspace.id, key)
    }

    /// The workspace of [`ADMIN_KEY`].
    ///
    /// # Panics
    /// If the database does not answer.
    pub async fn first_workspace(&self) -> WorkspaceId {
        let first = self.store.first_workspace().await.expect("an answer");
        first.expect("a first workspace").id
    }

    /// Makes a key straight in the database.
    ///
    /// # Panics
    /// If the database refuses.
    pub async fn key(
        &self,
        workspace: WorkspaceId,
        scope: Scope,
        change: impl FnOnce(&mut ApiKey),
    ) -> String {
        let now = self.clock.now();
        let mut key = ApiKey {
            id: KeyId::new(now, &*self.entropy),
            workspace_id: workspace,
            name: scope.to_string(),
            prefix: "test".to_owned(),
            scope,
            agent_id: None,
            expires_at: None,
            created_at: now,
        };
        change(&mut key);
        let text = format!("test-{}", key.id);
        let hash = Sha256::digest(text.as_bytes()).into();
        self.store.insert_key(&key, hash).await.expect("a key");
        text
    }

    /// Lets this much time pass for every timer at once, in no time. Only on a runtime with one
    /// thread, at a moment when nothing but the waited-for thing is under way.
    pub async fn let_pass(&self, time: Duration) {
        tokio::time::pause();
        tokio::time::advance(time).await;
        tokio::time::resume();
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.models.assert_protocol();
            let left = self.models.left();
            assert_eq!(
                left, 0,
                "answers were queued for the model that it never gave"
            );
        }
    }
}

/// The id of something as answered.
///
/// # Panics
/// If it has none.
pub fn id(of: &Value) -> &str {
    of["id"].as_str().expect("an id")
}

fn overlay(onto: &mut Value, changes: Value) {
    let (Value::Object(onto), Value::Object(changes)) = (onto, changes) else {
        panic!("changes are an object");
    };
    for (name, value) in changes {
        onto.insert(name, value);
    }
}
