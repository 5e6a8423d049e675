//! What a name promises, against effect and confirmation.

use super::super::name::{Promise, promise};
use super::*;

#[test]
fn names_read_as_people_read_them() {
    use Promise::{Change, GraveChange, LookUp, Unclear};
    for (name, expected) in [
        ("check_order_status", LookUp),
        ("get_invoice", LookUp),
        ("find_store", LookUp),
        ("list_orders", LookUp),
        ("search_products", LookUp),
        ("track_parcel", LookUp),
        ("look_up_policy", LookUp),
        ("order_lookup", LookUp),
        ("order_status", LookUp),
        ("refund_status", LookUp),
        ("check_refund_status", LookUp),
        ("return_policy", LookUp),
        ("shipping_rates", LookUp),
        ("get_cancellation_policy", LookUp),
        ("cancel_order", GraveChange),
        ("order_cancel", GraveChange),
        ("delete_account", GraveChange),
        ("refund", GraveChange),
        ("refund_order", GraveChange),
        ("request_refund", GraveChange),
        ("update_address", GraveChange),
        ("update_order_status", GraveChange),
        ("book_appointment", GraveChange),
        ("create_booking", GraveChange),
        ("check_in_guest", GraveChange),
        ("transfer_money", GraveChange),
        ("create_ticket", Change),
        ("send_receipt", Change),
        ("report_outage", Change),
        ("turn_on_heating", Change),
        ("orders", Unclear),
        ("weather", Unclear),
        ("opening_hours", Unclear),
        ("order_items", Unclear),
        ("a", Unclear),
    ] {
        assert_eq!(promise(name), expected, "{name}");
    }
}

fn judge(changes: Value) -> Vec<(&'static str, &'static str)> {
    found(&with(changes))
        .iter()
        .map(|f| (f.severity.as_str(), f.code.as_str()))
        .collect()
}

#[test]
fn a_change_without_confirmation_is_found() {
    assert_eq!(
        judge(json!({"name": "cancel_order"})),
        [("warning", "write_without_confirmation")]
    );
    assert_eq!(
        judge(json!({"name": "cancel_order", "confirmation": "always"})),
        []
    );
    assert_eq!(
        judge(json!({"name": "create_ticket"})),
        [("info", "write_without_confirmation")]
    );
    assert_eq!(judge(json!({"name": "orders"})), []);
}

#[test]
fn a_name_against_its_effect_is_found() {
    assert_eq!(judge(json!({})), [("info", "read_marked_write")]);
    assert_eq!(judge(json!({"effect": "read"})), []);
    assert_eq!(
        judge(json!({"name": "cancel_order", "effect": "read", "confirmation": "always"})),
        [("warning", "write_marked_read")]
    );
}

#[test]
fn a_name_that_another_action_has_is_found() {
    let definition = with(json!({"effect": "read"}));
    let other = with(json!({"description": "Something else entirely, for use when pigs fly."}));
    let findings = review(&definition, &[&other], &Observed::default());
    assert_eq!(brief(&findings), [("error", "name_taken", "name")]);
}
