use serde_json::json;

use super::*;

fn source(judged: &Grounding, path: &str) -> ProvenanceSource {
    judged
        .accepted
        .iter()
        .find(|p| p.path == path)
        .unwrap_or_else(|| panic!("{path} in {judged:?}"))
        .source
}

#[test]
fn the_owners_own_words_are_exempt() {
    let talk = talk(&["hello"]);
    for property in [
        json!({"enum": ["24h", "48h"]}),
        json!({"const": "24h"}),
        json!({"type": "string", "default": "24h"}),
        json!({"anyOf": [{"type": "null"}, {"enum": ["24h"]}]}),
        json!({"oneOf": [{"const": "24h"}, {"const": "48h"}]}),
        json!({"allOf": [{"$ref": "#/properties/w"}]}),
    ] {
        let schema =
            json!({"type": "object", "properties": {"v": property, "w": {"enum": ["24h"]}}});
        let judged = talk
            .clone()
            .schema(schema.clone())
            .judge(json!({"v": "24h"}));
        assert_eq!(source(&judged, "/v"), ProvenanceSource::Schema, "{schema}");
        assert_eq!(
            talk.clone()
                .schema(schema)
                .judge(json!({"v": "25h"}))
                .refused
                .len(),
            1
        );
    }
    let number = talk
        .clone()
        .property(json!({"type": "number", "default": 1.0}));
    assert_eq!(number.accepts(1).source, ProvenanceSource::Schema);
    number.refuses(2);
    let list = talk.property(json!({"type": "array", "default": [1, 2]}));
    assert_eq!(list.judge(json!({"v": [1, 2]})).accepted.len(), 2);
    assert_eq!(list.judge(json!({"v": [1, 3]})).refused.len(), 2);
}

#[test]
fn a_pattern_or_an_example_asks_for_evidence() {
    for property in [
        json!({"type": "string", "pattern": "^[A-Z]+$"}),
        json!({"type": "string", "description": "Code (e.g. ABC)"}),
        json!({"type": "string", "description": "Code, such as 'ABC'"}),
        json!({"type": "string", "examples": ["ABC"]}),
        json!({"anyOf": [{"type": "string", "pattern": "^[A-Z]+$"}, {"type": "null"}]}),
        json!({"$ref": "#/$defs/code"}),
        json!({"type": "array", "description": "Codes, e.g. ABC", "items": {"type": "string"}}),
    ] {
        let schema = json!({
            "type": "object", "properties": {"v": property}, "$defs": {"code": {"type": "string", "pattern": "^[A-Z]+$"}},
        });
        let value = if property["type"] == "array" {
            json!(["ABC"])
        } else {
            json!("ABC")
        };
        let judge = |line: &str| {
            talk(&[line])
                .schema(schema.clone())
                .judge(json!({"v": value}))
        };
        assert_eq!(judge("hello").refused.len(), 1, "{schema}");
        assert_eq!(judge("it is abc").accepted.len(), 1, "{schema}");
    }
    talk(&["hello"])
        .property(json!({"type": "string", "description": "The code"}))
        .accepts("ABC");
}

#[test]
fn verbatim_and_free_are_inherited_until_overruled() {
    let schema = json!({"type": "object", "properties": {
        "strict": {"type": "object", "x-grounding": "verbatim", "properties": {
            "a": {"type": "string"}, "b": {"type": "string", "x-grounding": "free"}, "c": {"enum": ["S", "M"]},
        }},
        "loose": {"type": "array", "x-grounding": "free", "items": {"type": "object", "properties": {
            "n": {"type": "integer"}, "s": {"type": "string", "x-grounding": "verbatim"},
        }}},
        "size": {"enum": ["S", "M"], "x-grounding": "verbatim"},
    }});
    let judged = talk(&["my name is Ada"]).schema(schema).judge(json!({
        "strict": {"a": "Bob", "b": "Bob 1", "c": "S"},
        "loose": [{"n": 5, "s": "Ada"}, {"n": 6, "s": "Bob"}],
        "size": "S",
    }));
    let refused: Vec<&str> = judged.refused.iter().map(|r| r.path.as_str()).collect();
    assert_eq!(refused, ["/strict/a", "/loose/1/s", "/size"]);
    assert_eq!(source(&judged, "/strict/c"), ProvenanceSource::Schema);
}

#[test]
fn every_leaf_and_invented_key_is_looked_at() {
    let schema = json!({"type": "object", "properties": {
        "items": {"type": "array", "prefixItems": [{"enum": ["A1"]}], "items": {"type": "string"}},
        "notes": {"type": "object", "additionalProperties": {"type": "string"}},
        "a/b": {"type": "object", "properties": {"line1": {"type": "string"}}},
    }});
    let judged = talk(&["B2 and C3, note for SKU-9"])
        .schema(schema)
        .judge(json!({
            "items": ["A1", "b2", "c3", "D4", ["E5"]],
            "notes": {"SKU-9": "fine", "SKU-8": "fine", "plain": "X7"},
            "a/b": {"line1": "fine"},
        }));
    let refused: Vec<&str> = judged.refused.iter().map(|r| r.path.as_str()).collect();
    assert_eq!(
        refused,
        ["/items/3", "/items/4/0", "/notes/SKU-8", "/notes/plain"]
    );
    let accepted: Vec<&str> = judged.accepted.iter().map(|p| p.path.as_str()).collect();
    assert_eq!(
        accepted,
        [
            "/items/0",
            "/items/1",
            "/items/2",
            "/notes/SKU-9",
            "/a~1b/line1"
        ]
    );
}

#[test]
fn placeholders_never_fill_a_required_parameter() {
    for value in ["none", "N/A", "unknown", "", "your order number", "TBD"] {
        let required = talk(&["none, n/a, unknown, tbd, your order number"])
            .property(json!({"type": "string"}));
        assert_eq!(required.refuses(value), RefusedReason::Placeholder);
    }
    let allowed = talk(&["hi"]).property(json!({"enum": ["none", "gift"]}));
    assert_eq!(allowed.accepts("none").source, ProvenanceSource::Schema);
    let nested = talk(&["hi"]).schema(json!({"type": "object", "properties": {
        "v": {"type": "array", "items": {"type": "object", "properties": {"id": {}, "x": {}}, "required": ["id"]}},
    }, "required": ["v"]}));
    let judged = nested.judge(json!({"v": [{"id": "unknown", "x": "unknown"}]}));
    assert_eq!(judged.refused[0].path, "/v/0/id");
    assert_eq!(judged.accepted[0].path, "/v/0/x");
}

#[test]
fn what_the_server_fills_is_the_servers() {
    let contact = Contact {
        email: Some("ada@example.com".to_owned()),
        ..Contact::default()
    };
    let talk = talk(&["I am eve@example.com"])
        .contact(contact)
        .property(json!({"type": "string", "x-source": "contact.email"}));
    assert_eq!(
        talk.accepts("ada@example.com").source,
        ProvenanceSource::Contact
    );
    assert_eq!(talk.refuses("eve@example.com"), RefusedReason::ServerFilled);
}

#[test]
fn recursive_schemas_end() {
    let schema = json!({"type": "object", "properties": {"v": {"$ref": "#/$defs/node"}}, "$defs": {
        "node": {"type": "object", "properties": {"id": {"type": "string", "pattern": "."}, "next": {"$ref": "#/$defs/node"}}},
        "a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"},
    }, "allOf": [{"$ref": "#"}, {"$ref": "#/$defs/a"}, {"$ref": "#/nowhere"}, {"$ref": "https://example.com/x"}]});
    let judged = talk(&["one is abc"])
        .schema(schema)
        .judge(json!({"v": {"id": "abc", "next": {"id": "abd", "next": {"id": "abc"}}}}));
    assert_eq!(judged.refused[0].path, "/v/next/id");
    assert_eq!(judged.accepted.len(), 2);
}
