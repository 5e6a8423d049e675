//! A schema as model providers take it. OpenAI's and Anthropic's APIs refuse a whole request over one tool
//! whose schema says at its root that one of several must hold (`anyOf` and its like). Calls are checked
//! against the owner's own schema all the same; the model reads the rule instead.

use serde_json::{Map, Value, json};

/// The keywords that may not stand at the root.
const REFUSED: [&str; 6] = ["allOf", "anyOf", "oneOf", "not", "enum", "const"];
/// Those of them that may declare properties.
const BRANCHES: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// How deep branches in branches are looked at.
const DEPTH: usize = 4;

/// The schema with what is refused at its root written into its description, and with the properties that
/// were declared there declared at the root.
pub fn for_providers(visible: &Value) -> Value {
    let mut schema = visible.clone();
    let Some(root) = schema.as_object_mut() else {
        return schema;
    };
    let rules: Map<String, Value> = REFUSED
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), root.remove(*key)?)))
        .collect();
    if rules.is_empty() {
        return schema;
    }
    let mut found = Found::default();
    found.within(visible, &Value::Object(rules.clone()), DEPTH);
    let properties = root.entry("properties").or_insert_with(|| json!({}));
    if let Some(properties) = properties.as_object_mut() {
        for (name, property) in found.properties {
            properties.entry(name).or_insert(property);
        }
    }
    let said = root.get("description").and_then(Value::as_str);
    let said = said.map_or_else(String::new, |said| format!("{said}\n"));
    let rules = Value::Object(rules);
    root.insert(
        "description".to_owned(),
        json!(format!("{said}This holds too, as JSON Schema: {rules}")),
    );
    schema
}

/// The properties that branches declare.
#[derive(Default)]
struct Found {
    properties: Vec<(String, Value)>,
}

impl Found {
    fn within(&mut self, root: &Value, part: &Value, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        let target = part.get("$ref").and_then(Value::as_str);
        if let Some(target) = target.and_then(|target| root.pointer(target.strip_prefix('#')?)) {
            self.within(root, target, depth);
        }
        let declared = part.get("properties").and_then(Value::as_object);
        for (name, property) in declared.into_iter().flatten() {
            self.properties.push((name.clone(), property.clone()));
        }
        let branches = BRANCHES
            .iter()
            .filter_map(|key| part.get(*key)?.as_array())
            .flatten();
        for branch in branches {
            self.within(root, branch, depth);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_schema_stays_as_it_is() {
        let schema = json!({
            "type": "object",
            "properties": {"order": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            "additionalProperties": false
        });
        assert_eq!(for_providers(&schema), schema);
    }

    #[test]
    fn a_choice_at_the_root_becomes_words() {
        let schema = json!({
            "type": "object",
            "description": "Who it is.",
            "properties": {"order": {"type": "string"}, "mail": {"type": "string"}},
            "anyOf": [{"required": ["order"]}, {"required": ["mail"]}]
        });
        assert_eq!(
            for_providers(&schema),
            json!({
                "type": "object",
                "description": "Who it is.\nThis holds too, as JSON Schema: \
                    {\"anyOf\":[{\"required\":[\"order\"]},{\"required\":[\"mail\"]}]}",
                "properties": {"order": {"type": "string"}, "mail": {"type": "string"}}
            })
        );
    }

    #[test]
    fn what_branches_declare_can_be_given() {
        let schema = json!({
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "allOf": [
                {"properties": {"a": {"type": "integer"}, "b": {"type": "string"}}},
                {"$ref": "#/$defs/more"},
                {"oneOf": [{"properties": {"d": {"type": "number"}}}]},
                {"$ref": "#"}
            ],
            "$defs": {"more": {"properties": {"c": {"type": "boolean"}}}}
        });
        let given = for_providers(&schema);
        assert_eq!(
            given["properties"],
            json!({
                "a": {"type": "string"},
                "b": {"type": "string"},
                "c": {"type": "boolean"},
                "d": {"type": "number"}
            })
        );
        assert_eq!(given["$defs"], schema["$defs"]);
        assert!(given.get("allOf").is_none());
    }
}
