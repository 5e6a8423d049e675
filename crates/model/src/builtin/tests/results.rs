//! Results of several shapes, in words.

use serde_json::{Map, Value, json};

use super::super::report::succeeded;

fn told(result: Value) -> String {
    succeeded(&result, &[], &Map::new(), "get_item")
}

#[test]
fn known_shapes_read_as_sentences() {
    for (result, text) in [
        (json!(null), "Done! I've taken care of that for you."),
        (json!({}), "Done! I've taken care of that for you."),
        (
            json!({"success": true}),
            "Done! I've taken care of that for you.",
        ),
        (json!("all set"), "All set."),
        (
            json!({"message": "Your table is ready!"}),
            "Your table is ready!",
        ),
        (
            json!({"order": {"status": "delivered", "deliveryDate": "2027-01-05"}}),
            "Your item has been delivered! It arrived on January 5, 2027.",
        ),
        (
            json!({"trackingNumber": "1Z9", "carrier": "UPS"}),
            "Your tracking number is 1Z9 (UPS).",
        ),
        (
            json!({"total": 19.5, "currency": "EUR"}),
            "The total is €19.50.",
        ),
        (json!({"in_stock": false}), "Your item is not in stock."),
        (
            json!({"in_stock": true, "colours": ["red", "blue", "green"]}),
            "Your item is in stock. The colours are red, blue and green.",
        ),
        (
            json!(["red", "blue"]),
            "Here is what I found: red and blue.",
        ),
        (json!([]), "I've checked, and there is nothing there."),
        (
            json!({"status": "weird_thing"}),
            "Your item has the status \u{201c}weird thing\u{201d}.",
        ),
        (
            json!({"a": 1, "b": 2, "c": 3, "d": 4, "e": {"f": "g"}}),
            "Here are the details: a: 1, b: 2, c: 3, d: 4, e: f g.",
        ),
    ] {
        assert_eq!(told(result), text);
    }
}

#[test]
fn a_long_text_is_cut() {
    assert!(told(json!({"message": "x ".repeat(5_000)})).chars().count() < 700);
}
