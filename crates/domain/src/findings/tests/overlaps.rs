//! Which actions of a catalogue a model could take for each other, and which it could not.

use super::*;

fn catalogue(entries: &[(&str, &str)]) -> Vec<ActionDefinition> {
    entries
        .iter()
        .map(|(name, description)| named(name, description))
        .collect()
}

const SHOP: &[(&str, &str)] = &[
    (
        "check_order_status",
        "Check the status of a customer's order. Use when the customer asks about their order status, delivery tracking, or where their package is. Requires the order number.",
    ),
    (
        "get_order",
        "Get the contents of an order: items, quantities and prices. Use when the customer asks what they bought or paid. Requires the order number.",
    ),
    (
        "cancel_order",
        "Cancel an order that has not shipped yet. Use when the customer wants to cancel their order. Requires the order number.",
    ),
    (
        "refund_order",
        "Refund an order that was delivered. Use when the customer wants their money back for an order. Requires the order number.",
    ),
    (
        "change_delivery_address",
        "Change where an order is delivered. Use when the customer gave a wrong address or has moved. Requires the order number.",
    ),
    (
        "return_item",
        "Start the return of an item. Use when the customer wants to send an item back. Requires the order number.",
    ),
    (
        "find_product",
        "Find products by name, colour or size. Use when the customer looks for something to buy.",
    ),
    (
        "check_stock",
        "Check whether a product is in stock. Use when the customer asks if something is available.",
    ),
    (
        "check_refund_status",
        "Check how far a refund is. Use when the customer asks when their money will arrive. Requires the order number.",
    ),
    (
        "create_ticket",
        "Create a ticket for a colleague. Use when nothing else here helps the customer.",
    ),
];

const PRACTICE: &[(&str, &str)] = &[
    (
        "book_appointment",
        "Book an appointment with a doctor. Use when the patient wants to come in.",
    ),
    (
        "reschedule_appointment",
        "Move an appointment to another time. Use when the patient can't make the appointment and wants a new time.",
    ),
    (
        "cancel_appointment",
        "Cancel an appointment. Use when the patient can't come to the appointment and wants no other.",
    ),
    (
        "list_appointments",
        "List a patient's coming appointments. Use when the patient asks when their next appointment is.",
    ),
    (
        "find_free_slots",
        "Find free times of a doctor. Use when the patient asks which times are free.",
    ),
    (
        "request_prescription",
        "Ask the doctor for a repeat prescription. Use when the patient's medicine is running out.",
    ),
    (
        "get_test_results",
        "Look up whether laboratory results are there. Use when the patient asks about a blood test.",
    ),
];

const BANK: &[(&str, &str)] = &[
    (
        "get_balance",
        "Show the balance of an account. Use when the customer asks how much money they have.",
    ),
    (
        "list_transactions",
        "List the latest payments of an account. Use when the customer asks what was paid or received.",
    ),
    (
        "block_card",
        "Block a card at once. Use when the card is lost or stolen.",
    ),
    (
        "unblock_card",
        "Unblock a card that was blocked. Use when the customer found the card again.",
    ),
    (
        "order_card",
        "Send a new card. Use when a card is damaged or about to expire.",
    ),
    (
        "update_billing_address",
        "Change the billing address on invoices. Use when the customer wants bills sent to another place.",
    ),
    (
        "update_shipping_address",
        "Change the shipping address of a card or device. Use when the customer moved to another home.",
    ),
    (
        "turn_on_alerts",
        "Turn on alerts for payments. Use when the customer wants a message for each payment.",
    ),
    (
        "turn_off_alerts",
        "Turn off alerts for payments. Use when the customer wants no more messages for payments.",
    ),
];

const TELECOM: &[(&str, &str)] = &[
    (
        "get_invoice",
        "Get the latest invoice. Use when the customer asks what they have to pay this month.",
    ),
    (
        "get_data_usage",
        "Get how much mobile data was used. Use when the customer asks how much data is left.",
    ),
    (
        "check_outage",
        "Check for outages at an address. Use when the customer's internet is down.",
    ),
    (
        "reboot_router",
        "Reboot the customer's router. Use when the internet is slow and there is no outage.",
    ),
    (
        "change_plan",
        "Change the customer's plan. Use when the customer wants more data or a cheaper plan.",
    ),
    (
        "cancel_plan",
        "Cancel the customer's plan. Use when the customer wants to leave.",
    ),
];

#[test]
fn actions_of_one_trade_with_uses_of_their_own_do_not_overlap() {
    for entries in [SHOP, PRACTICE, BANK, TELECOM] {
        let actions = catalogue(entries);
        for (i, a) in actions.iter().enumerate() {
            for b in &actions[i + 1..] {
                let likeness = likeness(a, b);
                assert!(likeness < 0.6, "{} and {}: {likeness:.2}", a.name, b.name);
            }
        }
    }
}

#[test]
fn near_duplicates_overlap_clearly() {
    for (a, b) in [
        (
            SHOP[0],
            (
                "track_order",
                "Track an order. Use when the customer asks about the status of their order or where their package is.",
            ),
        ),
        (
            SHOP[0],
            (
                "get_order_status",
                "Look up where an order is. Use when the customer asks about delivery, shipping or the status of their order.",
            ),
        ),
        (
            SHOP[0],
            (
                "order_lookup",
                "Check order status and delivery tracking for a package.",
            ),
        ),
        (
            SHOP[2],
            (
                "abort_order",
                "Cancels an order before it has been shipped. Use if the customer no longer wants the order.",
            ),
        ),
        (
            SHOP[3],
            (
                "reimburse_order",
                "Reimburse a delivered order. Use when a customer asks for the money back for their order.",
            ),
        ),
        (
            PRACTICE[0],
            (
                "schedule_visit",
                "Schedule an appointment with a doctor. Use when a patient would like to come in.",
            ),
        ),
        (
            BANK[0],
            (
                "account_balance",
                "Look up an account's balance. Use when the customer wants to know how much money is in the account.",
            ),
        ),
        (
            BANK[2],
            (
                "block_bank_card",
                "Blocks a bank card. Use when a card was lost or stolen.",
            ),
        ),
        (
            SHOP[7],
            (
                "product_availability",
                "See if a product is available. Use when the customer asks whether a product is in stock.",
            ),
        ),
        // The same words under another name: the description tells nothing apart.
        (
            (
                "cancel_order",
                "Does what the customer wants with an order. Use when an order is mentioned.",
            ),
            (
                "refund_order",
                "Does what the customer wants with an order. Use when an order is mentioned.",
            ),
        ),
    ] {
        let (a, b) = (named(a.0, a.1), named(b.0, b.1));
        let likeness = likeness(&a, &b);
        assert!(likeness >= 0.75, "{} and {}: {likeness:.2}", a.name, b.name);
    }
}

#[test]
fn the_other_action_is_named_in_message_and_suggestion() {
    let others = catalogue(SHOP);
    let others: Vec<&ActionDefinition> = others.iter().collect();
    let mut new = named(
        "track_order",
        "Track an order. Use when the customer asks about the status of their order or where their package is.",
    );
    new.effect = crate::action::Effect::Read;
    let findings = review(&new, &others, &Observed::default());
    assert_eq!(
        brief(&findings),
        [("warning", "description_overlap", "description")]
    );
    assert!(
        findings[0].message.contains("check_order_status"),
        "{findings:?}"
    );
    assert!(
        findings[0].suggestion.contains("check order status"),
        "{findings:?}"
    );
}

#[test]
fn an_action_that_is_off_competes_with_none() {
    let mut other = named(SHOP[0].0, SHOP[0].1);
    other.enabled = false;
    let mut new = named("get_order_status", SHOP[0].1);
    new.effect = crate::action::Effect::Read;
    assert_eq!(review(&new, &[&other], &Observed::default()), []);
}

#[test]
fn likeness_is_symmetric_and_one_for_the_same() {
    let actions = catalogue(SHOP);
    for a in &actions {
        assert!((likeness(a, a) - 1.0).abs() < 1e-9, "{}", a.name);
        for b in &actions {
            assert!((likeness(a, b) - likeness(b, a)).abs() < 1e-9);
        }
    }
}
