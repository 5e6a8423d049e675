//! What goes over the wire, and what is kept of it.

use deskhand_domain::invocation::InvocationStatus;
use deskhand_testkit::Reply;
use serde_json::json;

use crate::rig::{Rig, write};

#[tokio::test]
async fn a_call_sends_exactly_the_headers_of_the_contract() {
    let rig = Rig::new().await;
    rig.server.reply(Reply::json(
        200,
        &json!({"success": true, "result": {"status": "shipped"}}),
    ));
    let call = write();
    let id = call.invocation_id;
    let report = rig.call(call).await;

    assert_eq!(
        report.outcome.status,
        InvocationStatus::Succeeded,
        "{report:#?}"
    );
    assert_eq!(report.outcome.result, Some(json!({"status": "shipped"})));
    let requests = rig.server.requests();
    assert_eq!(requests.len(), 1);
    let names: Vec<&str> = requests[0]
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "host",
            "content-type",
            "accept",
            "user-agent",
            "content-length",
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
            "idempotency-key",
            "deskhand-contact",
        ]
    );
    assert_eq!(requests[0].header("host"), Some("hook.example.com"));
    assert_eq!(
        requests[0].header("webhook-id"),
        Some(id.to_string().as_str())
    );
    assert_eq!(
        requests[0].header("idempotency-key"),
        Some(format!("\"{id}\"").as_str())
    );
    assert_eq!(requests[0].header("deskhand-contact"), Some("asserted"));
    assert_eq!(requests[0].body, br#"{"action":"check_order_status"}"#);
}
