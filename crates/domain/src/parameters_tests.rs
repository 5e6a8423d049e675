//! The rules of a schema, case by case.

use super::*;

fn order() -> Value {
    json!({
        "type": "object",
        "properties": {
            "order_number": {"type": "string", "description": "Order number (e.g., ORD-12345)", "x-grounding": "verbatim"},
            "email": {"type": "string", "x-source": "contact.email"},
            "channel": {"const": "chat"}
        },
        "required": ["order_number", "email"]
    })
}

#[test]
fn the_model_sees_neither_sources_nor_constants() {
    assert_eq!(
        visible(&order()),
        json!({
            "type": "object",
            "properties": {"order_number": {"type": "string", "description": "Order number (e.g., ORD-12345)"}},
            "required": ["order_number"],
            "additionalProperties": false
        })
    );
}

#[test]
fn the_server_fills_them_in() {
    let contact = Contact {
        email: Some("ada@example.com".to_owned()),
        ..Contact::default()
    };
    let filled: Vec<_> = server_filled(&order())
        .iter()
        .map(|f| (f.property.clone(), f.value(&contact), f.required))
        .collect();
    assert_eq!(
        filled,
        [
            ("email".to_owned(), Some(json!("ada@example.com")), true),
            ("channel".to_owned(), Some(json!("chat")), false),
        ]
    );
}

#[test]
fn declared_objects_are_closed_at_every_level_and_open_ones_stay_open() {
    let schema = json!({
        "type": "object",
        "properties": {
            "address": {"$ref": "#/$defs/address"},
            "tags": {"type": "object"},
            "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}}
        },
        "$defs": {"address": {"type": "object", "properties": {"street": {"type": "string"}}}}
    });
    let closed = closed(&schema);
    assert_eq!(closed["unevaluatedProperties"], json!(false));
    assert_eq!(
        closed["properties"]["address"]["unevaluatedProperties"],
        json!(false)
    );
    assert_eq!(
        closed["properties"]["lines"]["items"]["unevaluatedProperties"],
        json!(false)
    );
    assert!(
        closed["properties"]["tags"]
            .get("unevaluatedProperties")
            .is_none()
    );
    assert!(
        closed["$defs"]["address"]
            .get("unevaluatedProperties")
            .is_none()
    );
}

#[test]
fn errors_name_the_field_and_the_mend() {
    let errors = check(&json!({
        "type": "object",
        "properties": {
            "a": {"type": "string", "x-source": "contact.password"},
            "b": {"$ref": "https://example.com/schema.json"},
            "c": {"type": "object", "properties": {"d": {"x-source": "contact.email"}}},
            "e": {"x-grounding": "strict"}
        }
    }));
    let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "parameters.properties.a.x-source",
            "parameters.properties.b.$ref",
            "parameters.properties.c.properties.d.x-source",
            "parameters.properties.e.x-grounding",
        ]
    );
}

#[test]
fn size_depth_and_count_are_bounded() {
    let deep = (0..9).fold(
        json!({"type": "string"}),
        |inner, _| json!({"type": "object", "properties": {"x": inner}}),
    );
    assert!(
        check(&deep)
            .iter()
            .any(|e| e.message.contains("levels deep"))
    );
    let wide: Map<String, Value> = (0..65).map(|i| (format!("p{i}"), json!({}))).collect();
    assert!(
        check(&json!({"type": "object", "properties": wide}))
            .iter()
            .any(|e| e.message.contains("65 properties"))
    );
    let heavy = json!({"type": "object", "description": "x".repeat(33_000)});
    assert!(
        check(&heavy)
            .iter()
            .any(|e| e.message.contains("bytes of JSON"))
    );
}
