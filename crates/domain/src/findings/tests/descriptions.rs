//! Descriptions that say enough, and ones that do not.

use super::*;

/// What is found in a description, without what concerns the rest.
fn judge(name: &str, description: &str) -> Vec<&'static str> {
    found(&named(name, description))
        .iter()
        .filter(|f| f.field == "description")
        .map(|f| f.code.as_str())
        .collect()
}

#[test]
fn good_descriptions_are_left_alone() {
    for (name, description) in [
        (
            "check_order_status",
            "Check the status of a customer's order. Use when the customer asks about their order status, delivery tracking, or where their package is. Requires the order number.",
        ),
        (
            "cancel_order",
            "Cancel an order that has not shipped yet. Use when the customer wants to cancel or no longer needs their order.",
        ),
        (
            "request_refund",
            "Start a refund for a delivered order. Use when the customer received a damaged or wrong item and wants their money back.",
        ),
        (
            "book_appointment",
            "Books an appointment with the dentist. Use this when a patient wants to come in for a check-up or has a toothache.",
        ),
        (
            "reschedule_appointment",
            "Moves an existing appointment to another day. Use when the patient can't make it and wants another time.",
        ),
        (
            "find_stylist",
            "Find which stylists are free on a given day. Use when a guest asks who is working or wants a certain person.",
        ),
        (
            "reset_password",
            "Sends a link to set a new password. Use when the user cannot log in or forgot the password.",
        ),
        (
            "report_outage",
            "Reports a power outage at an address. Use when a customer says the lights are out or there is no electricity.",
        ),
        (
            "get_meter_reading",
            "Returns the latest meter reading of a household. Use if the customer asks how much energy they have used.",
        ),
        (
            "reboot_router",
            "Reboots the customer's router from afar. Use when their internet is slow or down and they have tried the cable.",
        ),
        (
            "track_parcel",
            "Track a parcel by its number. When a customer wonders where a delivery is, this gives its last stop.",
        ),
        (
            "get_flight_status",
            "Gives the departure time and gate of a flight. Only for passengers asking about a flight of today.",
        ),
        (
            "change_seat",
            "Change the seat on a booking. Call this when a passenger asks for a window or an aisle.",
        ),
        (
            "lost_baggage",
            "Opens a case for baggage that did not arrive. Use for missing or delayed suitcases.",
        ),
        (
            "mow_lawn",
            "Mow the lawn of a garden we look after. Use when the owner says the grass is too high.",
        ),
        (
            "groom_dog",
            "Reserve a grooming slot for a dog or a cat. For customers who want their pet washed or trimmed.",
        ),
        (
            "library_renew",
            "Renew a borrowed book for two more weeks. Whenever a reader wants to keep a book longer.",
        ),
        (
            "get_invoice",
            "Send a copy of an invoice by email. Use on request, for instance when the bookkeeping needs it again.",
        ),
        (
            "pause_membership",
            "Pause a gym membership for up to three months, if the member is ill or travelling.",
        ),
        (
            "check_stock",
            "Check if a size is in stock at a store near the customer. Use before they drive there.",
        ),
        (
            "estimate_repair",
            "Estimate what a bicycle repair will cost. Use to answer questions about prices of repairs.",
        ),
        (
            "order_replacement",
            "Order a replacement for a broken part under warranty. Use after the customer has described the fault.",
        ),
        (
            "escalate_to_human",
            "Hand the conversation over to a colleague. Use if the customer is upset or asks for a person.",
        ),
        (
            "get_exam_result",
            "Look up the grade of an exam. Use when a student asks whether they passed.",
        ),
        (
            "block_card",
            "Block a bank card at once. Use when the cardholder has lost the card or sees payments they did not make.",
        ),
        (
            "get_balance",
            "Show the balance of an account. In response to questions about how much money there is.",
        ),
        (
            "donation_receipt",
            "Email a receipt for a donation. Use when a donor needs proof for the tax office.",
        ),
        (
            "create_ticket",
            "Create a support ticket with a short summary. Use when nothing else here solves the problem.",
        ),
        (
            "bestellung_pruefen",
            "Prüft den Stand einer Bestellung. Verwenden, wenn der Kunde wissen will, wo sein Paket ist.",
        ),
        (
            "consultar_pedido",
            "Consulta el estado de un pedido. Úsala cuando el cliente pregunte por su pedido.",
        ),
        (
            "suivre_colis",
            "Donne la position d'un colis. À utiliser quand le client demande où est sa commande.",
        ),
        (
            "chumon",
            "注文の状況を調べます。お客様が注文や配送について尋ねたときに使います。",
        ),
    ] {
        assert_eq!(
            judge(name, description),
            Vec::<&str>::new(),
            "{description}"
        );
    }
}

#[test]
fn vague_ones_are_found() {
    for (name, description) in [
        ("order_lookup", "Order lookup"),
        ("check_order_status", "Order lookup"),
        ("check_order_status", "Check order status"),
        ("orders", "Orders"),
        ("orders", "For orders, refunds and so on."),
        ("orders", "Handles everything related to orders."),
        (
            "orders",
            "Manage orders. Use when the customer needs something about an order.",
        ),
        ("appointments", "This tool is used for appointments"),
        (
            "appointments",
            "Appointment management for the dental practice",
        ),
        ("crm", "Information about the customer from the database"),
        (
            "crm",
            "Helps the customer with their account. Use when the customer has a problem.",
        ),
        (
            "crm",
            "Gets the data of the customer. Use when the customer asks for information.",
        ),
        (
            "run_query",
            "Look up information in the system when the customer asks.",
        ),
        ("check_order_status", "Check the status of the order."),
        ("process", "Does things for the user in the backend"),
        ("test", "test"),
        ("api", "POST /v1/orders"),
        (
            "shipping",
            "Shipping details and tracking information for parcels",
        ),
        ("pedido", "Pedido"),
        ("chumon", "注文"),
    ] {
        assert!(
            judge(name, description).contains(&"description_vague"),
            "{description}: {:?}",
            judge(name, description)
        );
    }
}

#[test]
fn ones_that_do_not_say_when_are_found() {
    for (name, description) in [
        (
            "cancel_order",
            "Cancels an order in the shop before it ships.",
        ),
        (
            "get_order",
            "Returns the date when the order was shipped and the name of the carrier.",
        ),
        (
            "check_stock",
            "Check if an article is in stock at the nearest store.",
        ),
        (
            "reset_password",
            "Sends an email with a link to set a new password.",
        ),
        (
            "book_table",
            "Books a table at the restaurant for a number of guests.",
        ),
        (
            "get_policy",
            "Looks up an insurance policy and shows what it covers.",
        ),
        (
            "track_parcel",
            "Use this to track a parcel with the carrier's own number.",
        ),
        (
            "pay_invoice",
            "Charges the card on file with the amount of an open invoice.",
        ),
        (
            "open_gate",
            "Opens the gate of the car park for a registered plate.",
        ),
        (
            "find_property",
            "Searches flats and houses by place, price and number of rooms.",
        ),
        ("check_order_status", "Order lookup"),
        (
            "get_exam",
            "Tells the student the date and time when the exam takes place.",
        ),
    ] {
        assert!(
            judge(name, description).contains(&"description_no_when"),
            "{description}"
        );
    }
}

#[test]
fn only_the_when_is_missing_from_a_description_that_says_what() {
    for description in [
        "Cancels an order in the shop before it ships.",
        "Sends an email with a link to set a new password.",
        "Books a table at the restaurant for a number of guests.",
        "Searches flats and houses by place, price and number of rooms.",
    ] {
        assert_eq!(
            judge("some_name", description),
            ["description_no_when"],
            "{description}"
        );
    }
}

#[test]
fn an_empty_description_is_left_to_the_field_check() {
    assert_eq!(judge("cancel_order", "  "), Vec::<&str>::new());
}

#[test]
fn examples_of_what_customers_say_soften_it() {
    let definition = with(json!({
        "description": "Looks up an order and tells where the parcel is.",
        "examples": ["Where is my order?", "Has it shipped?"],
    }));
    let findings = found(&definition);
    let finding = findings
        .iter()
        .find(|f| f.code == FindingCode::DescriptionNoWhen)
        .unwrap();
    assert_eq!(finding.severity, Severity::Info);
}

#[test]
fn the_suggestion_speaks_of_this_action() {
    let findings = found(&named(
        "cancel_subscription",
        "Ends a subscription at the end of the month.",
    ));
    let finding = findings
        .iter()
        .find(|f| f.code == FindingCode::DescriptionNoWhen)
        .unwrap();
    assert_eq!(
        finding.suggestion,
        "Add when to use it, such as \"Use when the customer wants to cancel their subscription.\""
    );
    let findings = found(&named("check_order_status", "Order lookup"));
    assert_eq!(
        findings[1].suggestion,
        "Say what it does, to what, and what comes of it, such as \"Check order status … Use when the customer asks about their order status. Requires the order number.\"",
        "{findings:?}"
    );
}
