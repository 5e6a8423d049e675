use deskhand_domain::prompt::Tool;
use deskhand_domain::report::Report;
use serde_json::{Value, json};

use super::{object, success, tool};

/// The action of the documentation page.
pub(super) fn check_order() -> Tool {
    tool(
        "check_order_status",
        "Check order status",
        "Check the status of a customer's order. Use when the customer asks about their order status, delivery tracking, or where their package is. Requires the order number.",
        object(
            json!({
                "customer_email": {"type": "string", "description": "Customer's email address"},
                "order_number": {"type": "string", "description": "Order number to look up (e.g., ORD-12345)"}
            }),
            &["order_number"],
        ),
    )
}

pub(super) fn cancel_order() -> Tool {
    tool(
        "cancel_order",
        "Cancel order",
        "Cancel an order that has not shipped yet. Use when the customer wants to cancel an order or no longer wants it.",
        object(
            json!({
                "order_number": {"type": "string", "description": "The order to cancel, e.g. ORD-12345"},
                "reason": {"type": "string", "description": "Why the customer cancels"}
            }),
            &["order_number"],
        ),
    )
}

pub(super) fn request_refund() -> Tool {
    tool(
        "request_refund",
        "Request a refund",
        "Start a refund for an order. Use when the customer wants their money back.",
        object(
            json!({
                "order_number": {"type": "string", "pattern": "^ORD-[0-9]+$", "description": "Order number"},
                "amount": {"type": "number", "minimum": 0.01, "description": "Amount to refund in US dollars"},
                "reason": {"type": "string", "description": "Why the customer wants a refund"}
            }),
            &["order_number", "amount", "reason"],
        ),
    )
}

pub(super) fn shop() -> Vec<Tool> {
    vec![check_order(), cancel_order(), request_refund()]
}

pub(super) fn shop_endpoint(name: &str, arguments: &Value) -> Report {
    let order = arguments["order_number"].as_str().unwrap_or_default();
    match (name, order) {
        ("check_order_status", "ORD-12345") => success(json!({
            "order_number": "ORD-12345", "status": "shipped",
            "tracking_number": "1Z999AA10123456784", "estimated_delivery": "March 25"
        })),
        ("check_order_status", "ORD-222") => success(json!({
            "order_number": "ORD-222", "status": "in_transit", "carrier": "UPS", "eta": "2026-12-01"
        })),
        ("cancel_order", "ORD-12345") => {
            Report::declined("This order has already shipped and can't be cancelled.")
        }
        ("cancel_order", "ORD-222") => success(json!({"status": "cancelled"})),
        ("cancel_order", "ORD-5") => Report::Unknown {
            message: "I couldn't complete that in time, and I can't confirm whether it went through."
                .to_owned(),
        },
        ("request_refund", _) => Report::Accepted {
            message: "Your refund has been started.".to_owned(),
            result: None,
            progress: None,
            left_out_bytes: None,
            note: None,
        },
        ("check_order_status", "ORD-500") => Report::Failed {
            message: "I'm sorry, I wasn't able to complete that just now. You can try again in a few minutes.".to_owned(),
        },
        _ => Report::declined("Order not found"),
    }
}

pub(super) fn salon() -> Vec<Tool> {
    vec![
        tool(
            "book_appointment",
            "Book an appointment",
            "Book an appointment at the salon. Use when a customer wants to come in for a haircut, colour or styling.",
            object(
                json!({
                    "service": {"type": "string", "enum": ["haircut", "colour", "styling"], "description": "What to book"},
                    "date": {"type": "string", "format": "date", "description": "Day of the appointment"},
                    "guests": {"type": "integer", "minimum": 1, "maximum": 6, "description": "How many people"}
                }),
                &["service", "date"],
            ),
        ),
        tool(
            "cancel_appointment",
            "Cancel an appointment",
            "Cancel an existing appointment. Use when a customer can't make it to their appointment.",
            object(
                json!({"booking_code": {"type": "string", "description": "Booking code such as BK7-QX21"}}),
                &["booking_code"],
            ),
        ),
    ]
}

pub(super) fn salon_endpoint(name: &str, arguments: &Value) -> Report {
    match name {
        "book_appointment" => success(json!({
            "status": "booked", "booking_code": "BK7-QX21",
            "date": arguments["date"], "service": arguments["service"]
        })),
        _ => success(json!({"message": "Your appointment is cancelled. See you another time"})),
    }
}

pub(super) fn account() -> Vec<Tool> {
    vec![
        tool(
            "change_email",
            "Change account email",
            "Change the email address of an account. Use when the customer wants to use another email address.",
            object(
                json!({
                    "new_email": {"type": "string", "format": "email", "description": "The new email address"},
                    "newsletter": {"type": "boolean", "description": "Whether to get the newsletter there"}
                }),
                &["new_email", "newsletter"],
            ),
        ),
        tool(
            "create_ticket",
            "Open a support ticket",
            "Open a support ticket for the technical team. Use when the customer reports a technical problem, a bug or an error.",
            object(
                json!({
                    "description": {"type": "string", "description": "What is wrong, in the customer's words"},
                    "priority": {"type": "string", "enum": ["low", "normal", "high"], "description": "How urgent it is"}
                }),
                &["description"],
            ),
        ),
    ]
}

pub(super) fn account_endpoint(name: &str, arguments: &Value) -> Report {
    match name {
        "change_email" => success(json!({"updated": true, "email": arguments["new_email"]})),
        _ => success(json!({"ticket_id": "T-81", "status": "open"})),
    }
}

/// Actions with several parameters that look alike.
pub(super) fn stay() -> Vec<Tool> {
    let account = |whose: &str| json!({"type": "string", "description": format!("{whose} account (e.g. AC-10001)")});
    vec![
        tool(
            "book_room",
            "Book a room",
            "Book a hotel room. Use when the guest wants to reserve a room.",
            object(
                json!({
                    "check_in": {"type": "string", "format": "date", "description": "First day"},
                    "check_out": {"type": "string", "format": "date", "description": "Last day"},
                    "guests": {"type": "integer", "minimum": 1, "description": "Number of guests"}
                }),
                &["check_in", "check_out", "guests"],
            ),
        ),
        tool(
            "transfer",
            "Transfer money",
            "Transfer money between accounts. Use when the customer wants to send or transfer money.",
            object(
                json!({
                    "amount": {"type": "number", "description": "Amount to transfer"},
                    "from_account": account("Paying"),
                    "to_account": account("Receiving")
                }),
                &["amount", "from_account", "to_account"],
            ),
        ),
        tool(
            "see_doctor",
            "See a doctor",
            "Make a medical appointment. Use when the patient wants to see a doctor.",
            object(
                json!({
                    "date": {"type": "string", "format": "date", "description": "Day of the appointment"},
                    "start": {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$", "description": "Time of the appointment"},
                    "reason": {"type": "string", "description": "Reason for the visit"}
                }),
                &["date", "start", "reason"],
            ),
        ),
    ]
}

pub(super) fn stay_endpoint(_: &str, _: &Value) -> Report {
    success(json!({"reference": "HB-9"}))
}
