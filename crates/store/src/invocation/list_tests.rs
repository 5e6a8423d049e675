//! That no list walks the whole workspace: what SQLite says that it would do.

use super::*;
use deskhand_domain::clock::Entropy;
use deskhand_domain::id::{AgentId, ConversationId};
use deskhand_domain::invocation::{FailureCode, InvocationStatus};
use jiff::Timestamp;

#[derive(Debug)]
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

fn plan(filter: InvocationFilter) -> String {
    let page = Page {
        limit: 20,
        before: None,
    };
    let workspace = WorkspaceId::new(Timestamp::UNIX_EPOCH, &Zeros);
    crate::sqlite::tests::plan(select(workspace, &filter, None, &page))
}

fn reads_in_order(filter: InvocationFilter, index: &str) {
    let plan = plan(filter);
    assert!(plan.contains(&format!("USING INDEX {index} ")), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn by_agent() {
    let filter = InvocationFilter {
        agent_id: Some(AgentId::new(Timestamp::UNIX_EPOCH, &Zeros)),
        ..InvocationFilter::default()
    };
    reads_in_order(filter, "invocations_agent");
}

#[test]
fn by_action() {
    let filter = InvocationFilter {
        action: Some("cancel_order".to_owned()),
        ..InvocationFilter::default()
    };
    reads_in_order(filter, "invocations_action");
}

#[test]
fn by_status() {
    let filter = InvocationFilter {
        status: Some(InvocationStatus::Unknown),
        ..InvocationFilter::default()
    };
    reads_in_order(filter, "invocations_status");
}

#[test]
fn by_failure() {
    let filter = InvocationFilter {
        failure_code: Some(FailureCode::Timeout),
        ..InvocationFilter::default()
    };
    reads_in_order(filter, "invocations_failure");
}

#[test]
fn by_conversation() {
    let filter = InvocationFilter {
        conversation_id: Some(ConversationId::new(Timestamp::UNIX_EPOCH, &Zeros)),
        ..InvocationFilter::default()
    };
    reads_in_order(filter, "invocations_conversation");
}

#[test]
fn by_moment_the_id_narrows_the_key() {
    let filter = InvocationFilter {
        from: Some(Timestamp::UNIX_EPOCH),
        to: Some(Timestamp::UNIX_EPOCH),
        ..InvocationFilter::default()
    };
    let plan = plan(filter);
    assert!(
        plan.contains("(workspace_id=? AND id>? AND id<?)"),
        "{plan}"
    );
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn a_search_reads_the_newest_in_order() {
    let filter = InvocationFilter {
        action: Some("cancel_order".to_owned()),
        test: Some(false),
        text: Some("ORD-1".to_owned()),
        ..InvocationFilter::default()
    };
    let plan = plan(filter);
    assert!(plan.contains("USING INDEX invocations_action "), "{plan}");
    assert!(!plan.contains("SCAN invocations"), "{plan}");
}
