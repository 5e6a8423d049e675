//! That no list walks the whole workspace: what SQLite says that it would do.

use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{AgentId, ConversationId};
use deskhand_domain::invocation::{FailureCode, InvocationStatus};
use jiff::Timestamp;
use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::*;

#[derive(Debug)]
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

async fn plan(filter: InvocationFilter) -> String {
    let mut conn = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::migrate!().run(&mut conn).await.unwrap();
    let page = Page {
        limit: 20,
        before: None,
    };
    let workspace = WorkspaceId::new(Timestamp::UNIX_EPOCH, &Zeros);
    let sql = select(workspace, &filter, &page).into_sql();
    let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", sql.as_str()));
    let rows = sqlx::query(explained).fetch_all(&mut conn).await.unwrap();
    let details = rows.iter().map(|row| row.get::<String, _>("detail"));
    details.collect::<Vec<_>>().join("; ")
}

async fn reads_in_order(filter: InvocationFilter, index: &str) {
    let plan = plan(filter).await;
    assert!(plan.contains(&format!("USING INDEX {index} ")), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[tokio::test]
async fn by_agent() {
    let filter = InvocationFilter {
        agent_id: Some(AgentId::new(Timestamp::UNIX_EPOCH, &Zeros)),
        ..InvocationFilter::default()
    };
    reads_in_order(filter, "invocations_agent").await;
}

#[tokio::test]
async fn by_action() {
    let filter = InvocationFilter {
        action: Some("cancel_order".to_owned()),
        ..InvocationFilter::default()
    };
    reads_in_order(filter, "invocations_action").await;
}

#[tokio::test]
async fn by_status() {
    let filter = InvocationFilter {
        status: Some(InvocationStatus::Unknown),
        ..InvocationFilter::default()
    };
    reads_in_order(filter, "invocations_status").await;
}

#[tokio::test]
async fn by_failure() {
    let filter = InvocationFilter {
        failure_code: Some(FailureCode::Timeout),
        ..InvocationFilter::default()
    };
    reads_in_order(filter, "invocations_failure").await;
}

#[tokio::test]
async fn by_conversation() {
    let filter = InvocationFilter {
        conversation_id: Some(ConversationId::new(Timestamp::UNIX_EPOCH, &Zeros)),
        ..InvocationFilter::default()
    };
    reads_in_order(filter, "invocations_conversation").await;
}

#[tokio::test]
async fn by_moment_the_id_narrows_the_key() {
    let filter = InvocationFilter {
        from: Some(Timestamp::UNIX_EPOCH),
        to: Some(Timestamp::UNIX_EPOCH),
        ..InvocationFilter::default()
    };
    let plan = plan(filter).await;
    assert!(
        plan.contains("(workspace_id=? AND id>? AND id<?)"),
        "{plan}"
    );
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}
