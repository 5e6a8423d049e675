use serde_json::json;

use super::*;

#[test]
fn other_spellings_of_what_was_said_pass() {
    for (said, value, words) in [
        (
            "Where's my order? Order number is ORD-12345",
            "ORD-12345",
            "ORD-12345",
        ),
        ("it's ord 12345", "ORD-12345", "ord 12345"),
        ("it's ord12345!", "ORD-12345", "ord12345"),
        ("number 12345", "12345", "12345"),
        ("it's ORD-12345", "12345", "12345"),
        ("ＯＲＤ－１２３４５", "ORD-12345", "ＯＲＤ－１２３４５"),
        ("رقم الطلب ١٢٣٤٥", "12345", "١٢٣٤٥"),
        ("call +44 20 7946 0958", "+442079460958", "44 20 7946 0958"),
        ("call +442079460958", "+44 20 7946 0958", "442079460958"),
        ("call (020) 7946-0958", "02079460958", "020) 7946-0958"),
        (
            "I am ADA@Example.com.",
            "ada@example.com",
            "ADA@Example.com",
        ),
        (
            "ada at example dot com",
            "ada@example.com",
            "ada at example dot com",
        ),
        (
            "it's ada dot lovelace at mail dot example dot org thanks",
            "ada.lovelace@mail.example.org",
            "ada dot lovelace at mail dot example dot org",
        ),
        ("flat twenty-one B", "Flat 21B", "flat twenty-one B"),
        ("two adults", "2 adults", "two adults"),
        (
            "reach me at ada at example dot com. Thanks",
            "ada@example.com",
            "ada at example dot com",
        ),
        (
            "ada [at] example [dot] com",
            "ada@example.com",
            "ada [at] example [dot] com",
        ),
        (
            "Ada @ Example . com",
            "ada@example.com",
            "Ada @ Example . com",
        ),
        (
            "mail: ada@example.com.",
            "ada@example.com",
            "ada@example.com",
        ),
        ("ask @ada, please", "@ada", "ada"),
        ("my name there is ada@!", "ada@!", "ada"),
        ("2.5 kg of it", "2.5 kg", "2.5 kg"),
        ("2.5 kg of it", "2.5kg", "2.5 kg"),
        ("ORD-123.45", "ORD-12345", "ORD-123.45"),
        ("Нужен заказ АБ-77", "аб77", "АБ-77"),
        ("हमारा नंबर १२३४ है", "1234", "१२३४"),
        (
            "one two three four five",
            "12345",
            "one two three four five",
        ),
        ("order #W2378156 please", "#W2378156", "W2378156"),
        ("o r d 1 2 3 4 5", "ORD-12345", "o r d 1 2 3 4 5"),
        ("注文番号はA12345です", "A12345", "A12345"),
    ] {
        assert_eq!(talk(&[said]).words(value), words, "{value} after {said}");
    }
}

#[test]
fn what_was_not_said_is_refused() {
    for (said, value) in [
        ("Where is my order?", "ORD-12345"),
        ("my order is ORD-12345", "12"),
        ("my order is ORD-12345", "ORD-1234"),
        ("my order is ORD-12345", "ORD-123456"),
        ("my order is ORD-12345", "RD-12345"),
        ("my order is 1 2345", "12"),
        ("my order is ORD-12345", "ORD-54321"),
        ("I am ada", "ada@example.com"),
        ("I am at example.com, ada", "ada@example.com"),
        ("it was 12.50", "1250"),
        ("it was 12.50", "12"),
        ("it was 12,500", "12"),
        ("it was 12,500", "500"),
        ("at 12:30", "12"),
        ("on 2026-05-12", "12"),
        ("½ of it", "12"),
        ("it is 2.5 kg", "25 kg"),
        ("it cost 12.50 USD", "1250 USD"),
        ("it cost $12.50", "$1250"),
        ("it cost $20", "€20"),
        ("it cost €1,250.50", "$1,250.50"),
        ("ada@example.com.au", "ada@example.com"),
        ("jo.ada@example.com", "ada@example.com"),
        ("jo+ada@example.com", "ada@example.com"),
        ("jo dot ada at example dot com", "ada@example.com"),
        ("ada at example dot com dot au", "ada@example.com"),
        ("jose\u{301}.ada@example.com", "ada@example.com"),
        ("ada@example.com", "ada@"),
        ("adaexample.com", "ada@example.com"),
        ("ada, see example.com", "ada@example.com"),
        ("the total is 5", "-5"),
        ("version 2.10.4", "2.10"),
        ("ORD-1 and 2345", "ORD-12346"),
    ] {
        assert_eq!(
            talk(&[said]).refuses(value),
            RefusedReason::NotSaid,
            "{value} after {said}"
        );
    }
}

#[test]
fn the_span_counts_characters() {
    let found = talk(&["héllo 👋🏽 ord\u{a0}12345 ok"]).accepts("ORD-12345");
    assert_eq!(found.span, Some((9, 18)));
    assert_eq!(found.text.as_deref(), Some("ord\u{a0}12345"));
    assert!(found.reference.unwrap().starts_with("msg_"));
}

#[test]
fn the_latest_message_is_named() {
    let talk = talk(&["my order is ORD-1", "agent: Sorry?", "I said ORD-1"]);
    assert_eq!(talk.accepts("ORD-1").span, Some((7, 12)));
}

#[test]
fn halves_from_two_messages_are_not_a_value() {
    talk(&["my order begins with ORD-12", "and ends with 345"]).refuses("ORD-12345");
}

#[test]
fn the_example_in_a_description_is_no_evidence() {
    let property =
        json!({"type": "string", "description": "Order number to look up (e.g., ORD-12345)"});
    talk(&["Where is my package?"])
        .property(property.clone())
        .refuses("ORD-12345");
    talk(&["Where is my package?"])
        .property(property.clone())
        .refuses("pending");
    talk(&["It's called Pending"])
        .property(property)
        .accepts("pending");
}

#[test]
fn what_the_agent_said_is_no_evidence() {
    for lines in [
        [
            "Where is my package?",
            "agent: Is it order ORD-12345?",
            "no",
        ],
        [
            "Where is my package?",
            "agent: Is it order ORD-12345?",
            "yes, but the other one",
        ],
        [
            "Where is my package?",
            "agent: Is it order ORD-12345?",
            "yes it's ORD-777",
        ],
        [
            "Where is my package?",
            "agent: Is it ORD-12345 or ORD-777?",
            "yes",
        ],
        [
            "Where is my package?",
            "agent: What is your order number, e.g. ORD-12345?",
            "sure",
        ],
        [
            "Where is my package?",
            "agent: Do you have it? Numbers look like 'ORD-12345'.",
            "yes",
        ],
        [
            "Where is my package?",
            "agent: Please give me the number (like ORD-12345).",
            "ok",
        ],
        ["Where is my package?", "agent: It is ORD-12345.", "What?"],
    ] {
        talk(&lines).refuses("ORD-12345");
    }
    talk(&["agent: Is it order ORD-12345?"]).refuses("ORD-12345");
    talk(&["agent: Is it ORD-12345?", "hm", "yes"]).refuses("ORD-12345");
}

#[test]
fn unless_the_customer_then_agreed() {
    for answer in [
        "yes",
        "Yes please",
        "that's right",
        "Correct.",
        "yep, do it",
        "👍",
    ] {
        let talk = talk(&[
            "Where is it?",
            "agent: Do you mean order ORD-12345?",
            answer,
        ]);
        let found = talk.accepts("ord 12345");
        assert_eq!(found.source, ProvenanceSource::Message);
        assert_eq!(found.text.as_deref(), Some("ORD-12345"), "{answer}");
    }
    assert_eq!(
        talk(&["agent: Shall I book a table for two?", "sure"]).words(2),
        "two"
    );
    assert_eq!(
        talk(&["agent: Tomorrow at 3 pm, right?", "right"]).words("2026-05-06T15:00"),
        "Tomorrow at 3 pm"
    );
}

#[test]
fn whole_leaves_of_contact_and_results_count() {
    let contact = Contact {
        email: Some("ada@example.com".to_owned()),
        phone: Some("+44 20 7946 0958".to_owned()),
        attributes: object(json!({"plan": {"seats": 12}})),
        ..Contact::default()
    };
    let talk = talk(&["Where is it?"]).contact(contact).result(json!({
        "orders": [{"id": "ORD-7", "note": "Ask for ORD-99 or 4 others", "total": "12.50", "at": "2026-05-01T12:00:00Z"}],
        "a/b": 77,
    }));
    let email = talk.accepts("ADA@example.com");
    assert_eq!(
        (email.source, email.reference.as_deref()),
        (ProvenanceSource::Contact, Some("contact.email"))
    );
    assert_eq!(
        talk.accepts("+442079460958").reference.as_deref(),
        Some("contact.phone")
    );
    assert_eq!(
        talk.accepts(12).reference.as_deref(),
        Some("contact.attributes.plan.seats")
    );
    let order = talk.accepts("ord 7");
    assert_eq!(
        (order.source, order.pointer.as_deref()),
        (ProvenanceSource::Result, Some("/orders/0/id"))
    );
    assert!(order.reference.unwrap().starts_with("inv_"));
    assert_eq!(talk.accepts(77).pointer.as_deref(), Some("/a~1b"));
    assert_eq!(
        talk.accepts(12.5).pointer.as_deref(),
        Some("/orders/0/total")
    );
    assert_eq!(
        talk.accepts("2026-05-01T12:00:00+00:00").pointer.as_deref(),
        Some("/orders/0/at")
    );
    for value in [
        "ORD-99",
        "7",
        "1250",
        "example.com1",
        "2026-05-01",
        "4",
        "20 7946 0958",
    ] {
        talk.refuses(value);
    }
    talk.refuses(99);
    talk.refuses(4);
}

#[test]
fn free_words_are_traced_or_called_derived() {
    let talk = talk(&["It arrived broken and I am cross"]);
    assert_eq!(talk.words("arrived broken"), "arrived broken");
    let paraphrase = talk.accepts("damaged on arrival");
    assert_eq!(
        (paraphrase.source, paraphrase.span),
        (ProvenanceSource::Derived, None)
    );
    assert_eq!(talk.accepts(true).source, ProvenanceSource::Schema);
    assert_eq!(talk.accepts(Value::Null).source, ProvenanceSource::Schema);
}

#[test]
fn an_amount_in_a_result_keeps_its_currency() {
    let talk = talk(&["the same again"]).result(json!({"fee": "$20"}));
    assert_eq!(talk.accepts("$20").source, ProvenanceSource::Result);
    assert_eq!(talk.refuses("€20"), RefusedReason::NotSaid);
}

/// An account's number keeps its zeros; the same without them is another account's.
#[test]
fn a_result_with_leading_zeros_does_not_vouch_for_the_number_without() {
    let talk = talk(&["Close that account"]).result(json!({"account": "002134"}));
    assert_eq!(talk.refuses("2134"), RefusedReason::NotSaid);
    assert_eq!(talk.accepts("002134").source, ProvenanceSource::Result);
}

/// Looking for a value takes time, and a call may have a thousand of them.
#[test]
fn a_call_that_is_made_up_is_not_looked_for_to_its_end() {
    let made_up: Vec<Value> = (0..200).map(|n| json!(format!("X-{n}"))).collect();
    let talk = talk(&["My order is ORD-1"]);
    let mut items = made_up.clone();
    items.insert(0, json!("ORD-1"));
    items.push(json!("ORD-1"));
    let judged = talk.judge(json!({"v": items}));
    assert_eq!(judged.accepted.len(), 1);
    // What is not found any more is refused too, and nothing goes missing.
    assert_eq!(judged.refused.len(), made_up.len() + 1);
}
