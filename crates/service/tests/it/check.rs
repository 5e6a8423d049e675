//! `POST /v1/actions/check` without HTTP: drafts of every state, and the same findings on a save.

use deskhand_domain::findings::Finding;
use deskhand_service::ServiceError;
use serde_json::{Value, json};

use crate::world::{World, fields, world};

/// The documentation page's action, marked as the look-up it is, with these fields changed. Null
/// takes one away.
fn order(changes: Value) -> Value {
    let mut action = json!({
        "name": "check_order_status",
        "display_name": "Check order status",
        "description": "Check the status of a customer's order. Use when the customer asks about their order status, delivery tracking, or where their package is. Requires the order number.",
        "webhook_url": "https://api.example.com/deskhand/orders",
        "effect": "read",
        "parameters": {
            "type": "object",
            "properties": {
                "customer_email": {"type": "string", "description": "Customer's email address"},
                "order_number": {"type": "string", "description": "Order number to look up (e.g., ORD-12345)"}
            },
            "required": ["order_number"]
        }
    });
    for (field, value) in fields(changes) {
        action[field] = value;
    }
    action
}

fn brief(findings: &[Finding]) -> Vec<(&str, &str, &str)> {
    findings
        .iter()
        .map(|f| (f.severity.as_str(), f.code.as_str(), f.field.as_str()))
        .collect()
}

async fn check(world: &World, given: Value) -> Vec<Finding> {
    world
        .service
        .check_action(world.workspace, fields(given))
        .await
        .unwrap()
}

#[tokio::test]
async fn the_documentation_pages_action_is_clean() {
    let world = world().await;
    assert_eq!(check(&world, order(json!({}))).await, []);
    let as_printed = check(&world, order(json!({"effect": null}))).await;
    assert_eq!(
        brief(&as_printed),
        [("info", "read_marked_write", "effect")]
    );
}

#[tokio::test]
async fn order_lookup_is_caught() {
    let world = world().await;
    let findings = check(&world, order(json!({"description": "Order lookup"}))).await;
    assert_eq!(
        brief(&findings),
        [
            ("warning", "description_vague", "description"),
            ("warning", "description_no_when", "description"),
        ]
    );
}

#[tokio::test]
async fn an_empty_draft_is_told_what_is_missing() {
    let world = world().await;
    let findings = check(&world, json!({})).await;
    assert_eq!(
        brief(&findings),
        [
            ("error", "invalid_field", "name"),
            ("error", "invalid_field", "display_name"),
            ("error", "invalid_field", "description"),
            ("error", "invalid_field", "webhook_url"),
            ("error", "invalid_field", "parameters"),
        ]
    );
    assert_eq!(findings[0].message, "name is required.");
}

#[tokio::test]
async fn what_is_wrong_and_what_could_be_better_come_in_one_answer() {
    let world = world().await;
    let findings = check(
        &world,
        order(json!({
            "name": "Check Order",
            "description": "Order lookup",
            "descripton": "a typing error",
            "webhook_url": "http://api.example.com/",
            "timeout_seconds": "soon",
            "confirmation": "maybe",
            "headers": [{"name": "host", "value": "x"}],
            "parameters": {"type": "object", "properties": {"a": {"type": "text"}}},
            "examples": [""],
        })),
    )
    .await;
    let mut found = brief(&findings);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("error", "invalid_field", "confirmation"),
            ("error", "invalid_field", "descripton"),
            ("error", "invalid_field", "examples.0"),
            ("error", "invalid_field", "headers.0.name"),
            ("error", "invalid_field", "name"),
            ("error", "invalid_field", "parameters.properties.a.type"),
            ("error", "invalid_field", "timeout_seconds"),
            ("error", "url_refused", "webhook_url"),
            ("warning", "description_no_when", "description"),
            ("warning", "description_vague", "description"),
        ]
    );
    let refused = findings
        .iter()
        .find(|f| f.code.as_str() == "url_refused")
        .unwrap();
    assert!(refused.message.contains("scheme_not_https"), "{refused:?}");
}

#[tokio::test]
async fn any_json_object_is_answered() {
    let world = world().await;
    for value in [
        json!(null),
        json!(7),
        json!("x"),
        json!([]),
        json!([1, "a", {}]),
        json!({"a": {"b": 1}}),
    ] {
        for field in [
            "id",
            "name",
            "display_name",
            "description",
            "webhook_url",
            "parameters",
            "enabled",
            "timeout_seconds",
            "headers",
            "effect",
            "idempotent",
            "confirmation",
            "requires_verified_contact",
            "long_running",
            "result_fields",
            "examples",
            "mock_response",
            "version",
            "nothing",
        ] {
            let mut given = order(json!({}));
            given[field] = value.clone();
            let findings = check(&world, given).await;
            for finding in findings {
                assert!(
                    !finding.message.is_empty() && !finding.suggestion.is_empty(),
                    "{finding:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_host_is_looked_up() {
    let world = world().await;
    world
        .dns
        .answer("inside.example.com", &["93.184.216.34", "10.1.2.3"]);
    let gone = check(
        &world,
        order(json!({"webhook_url": "https://gone.example.com/"})),
    )
    .await;
    assert_eq!(
        brief(&gone),
        [("warning", "does_not_resolve", "webhook_url")]
    );
    let inside = check(
        &world,
        order(json!({"webhook_url": "https://inside.example.com/"})),
    )
    .await;
    assert_eq!(brief(&inside), [("error", "url_refused", "webhook_url")]);
    assert!(
        inside[0].message.contains("address_not_public"),
        "{inside:?}"
    );
    assert!(!format!("{inside:?}").contains("10.1.2.3"));
}

#[tokio::test]
async fn the_warnings_of_a_save_are_the_findings_of_a_check() {
    let world = world().await;
    let draft =
        order(json!({"description": "Order lookup", "webhook_url": "https://gone.example.com/"}));
    let found = check(&world, draft.clone()).await;
    let saved = world
        .service
        .create_action(world.workspace, fields(draft))
        .await
        .unwrap()
        .saved;
    assert_eq!(saved.warnings, found);
    assert_eq!(found.len(), 3, "{found:?}");
    let change = fields(json!({"webhook_url": "https://api.example.com/"}));
    let changed = world
        .service
        .update_action(world.workspace, saved.view.action.id, change)
        .await
        .unwrap();
    assert_eq!(changed.warnings.len(), 2, "{:?}", changed.warnings);
}

#[tokio::test]
async fn another_actions_words_and_name_are_seen_and_ones_own_are_not() {
    let world = world().await;
    let saved = world
        .service
        .create_action(world.workspace, fields(order(json!({}))))
        .await
        .unwrap()
        .saved;
    assert_eq!(saved.warnings, []);
    let near = check(&world, order(json!({"name": "track_order"}))).await;
    assert_eq!(
        brief(&near),
        [("warning", "description_overlap", "description")]
    );
    assert!(near[0].message.contains("check_order_status"));
    let again = check(&world, order(json!({}))).await;
    assert_eq!(brief(&again), [("error", "name_taken", "name")]);
    let own = check(
        &world,
        order(json!({"id": saved.view.action.id.to_string(), "name": "track_order"})),
    )
    .await;
    assert_eq!(own, []);
}

#[tokio::test]
async fn an_id_from_elsewhere_is_a_finding() {
    let world = world().await;
    for id in [json!("act_nothing"), json!("agt_01"), json!(3)] {
        let findings = check(&world, order(json!({"id": id}))).await;
        assert_eq!(brief(&findings), [("error", "invalid_field", "id")]);
    }
}

#[tokio::test]
async fn a_stored_secret_counts_for_its_own_action_only() {
    let world = world().await;
    let with_secret = order(json!({"headers": [{"name": "x-api-key", "secret": "canary"}]}));
    let id = world
        .service
        .create_action(world.workspace, fields(with_secret))
        .await
        .unwrap()
        .saved
        .view
        .action
        .id;
    let headers = json!([{"name": "x-api-key", "has_secret": true}]);
    let own = check(
        &world,
        order(json!({"id": id.to_string(), "headers": headers})),
    )
    .await;
    assert_eq!(own, []);
    let other = check(
        &world,
        order(json!({"name": "track", "headers": headers, "enabled": true})),
    )
    .await;
    assert!(
        brief(&other).contains(&("error", "invalid_field", "headers.0")),
        "{other:?}"
    );
}

#[tokio::test]
async fn an_invalid_field_still_refuses_a_save() {
    let world = world().await;
    let result = world
        .service
        .create_action(
            world.workspace,
            fields(order(json!({"webhook_url": "http://api.example.com/"}))),
        )
        .await;
    match result {
        Err(ServiceError::Invalid(errors)) => {
            assert_eq!(errors[0].field, "webhook_url");
            assert!(
                errors[0]
                    .message
                    .starts_with("is refused by rule scheme_not_https: ")
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn another_workspaces_actions_are_not_compared_with() {
    let world = world().await;
    let elsewhere = world.another_workspace().await;
    let made = world
        .service
        .create_action(elsewhere, fields(order(json!({}))))
        .await
        .unwrap();
    let same = check(&world, order(json!({}))).await;
    assert_eq!(same, []);
    let id = made.saved.view.action.id.to_string();
    let foreign = check(&world, order(json!({"id": id}))).await;
    assert_eq!(brief(&foreign), [("error", "invalid_field", "id")]);
}
