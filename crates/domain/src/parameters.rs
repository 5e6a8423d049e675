//! An action's parameter schema (JSON Schema 2020-12): what may be saved, what the model sees of it,
//! what the server fills in, and the closed form that calls are validated against.

mod for_providers;

use serde_json::{Map, Value, json};

pub use self::for_providers::for_providers;

use crate::action::FieldError;
use crate::contact::Contact;
use crate::limits;

/// A property that the server fills in and the model never sees.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerFilled {
    /// The property's name.
    pub property: String,
    /// Where its value comes from.
    pub from: FilledFrom,
    /// Whether the schema requires it.
    pub required: bool,
}

/// Where a server-filled value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum FilledFrom {
    /// `x-source`: a field of the contact, such as `contact.email`.
    Contact(String),
    /// `const`: the owner's own value.
    Const(Value),
}

impl ServerFilled {
    /// The value for this contact; `None` where the contact does not have it.
    pub fn value(&self, contact: &Contact) -> Option<Value> {
        match &self.from {
            FilledFrom::Contact(path) => contact.source(path),
            FilledFrom::Const(value) => Some(value.clone()),
        }
    }
}

/// What is wrong with a schema's shape and extensions, field by field. Whether it is valid JSON
/// Schema is for the caller to say, who has a compiler for it.
pub fn check(schema: &Value) -> Vec<FieldError> {
    let Some(root) = schema.as_object() else {
        return vec![FieldError::new(
            "parameters",
            "must be a JSON Schema object",
        )];
    };
    let mut errors = Vec::new();
    if root.get("type").and_then(Value::as_str) != Some("object") {
        errors.push(FieldError::new("parameters.type", "must be \"object\""));
    }
    if let Some(dialect) = root.get("$schema")
        && !dialect.as_str().is_some_and(|uri| {
            uri.trim_end_matches('#') == "https://json-schema.org/draft/2020-12/schema"
        })
    {
        errors.push(FieldError::new(
            "parameters.$schema",
            "must be https://json-schema.org/draft/2020-12/schema or left out",
        ));
    }
    let bytes = schema.to_string().len();
    if bytes > limits::SCHEMA_BYTES {
        errors.push(FieldError::new(
            "parameters",
            format!("is {bytes} bytes of JSON; at most {}", limits::SCHEMA_BYTES),
        ));
        return errors;
    }
    let mut walk = Walk {
        properties: 0,
        errors,
    };
    walk.schema(schema, "parameters", 1, false);
    if walk.properties > limits::SCHEMA_PROPERTIES {
        walk.errors.push(FieldError::new(
            "parameters",
            format!(
                "has {} properties; at most {}",
                walk.properties,
                limits::SCHEMA_PROPERTIES
            ),
        ));
    }
    walk.errors
}

/// The keywords whose value is one sub-schema.
const ONE: &[&str] = &[
    "items",
    "contains",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
];
/// The keywords whose value is a list of sub-schemas.
const MANY: &[&str] = &["prefixItems", "allOf", "anyOf", "oneOf"];
/// The keywords whose value is a map of sub-schemas.
const NAMED: &[&str] = &[
    "properties",
    "patternProperties",
    "dependentSchemas",
    "$defs",
    "definitions",
];

struct Walk {
    properties: usize,
    errors: Vec<FieldError>,
}

impl Walk {
    fn schema(&mut self, schema: &Value, at: &str, depth: usize, is_top_property: bool) {
        let Some(map) = schema.as_object() else {
            return;
        };
        if depth > limits::SCHEMA_DEPTH {
            self.errors.push(FieldError::new(
                at,
                format!("is nested more than {} levels deep", limits::SCHEMA_DEPTH),
            ));
            return;
        }
        self.extensions(map, at, is_top_property);
        for key in ["$ref", "$dynamicRef"] {
            if let Some(target) = map.get(key).and_then(Value::as_str)
                && !target.starts_with('#')
            {
                self.errors.push(FieldError::new(
                    format!("{at}.{key}"),
                    "must point inside this schema, such as #/$defs/address",
                ));
            }
        }
        for key in ONE {
            if let Some(child) = map.get(*key) {
                self.schema(child, &format!("{at}.{key}"), depth + 1, false);
            }
        }
        for key in MANY {
            for (i, child) in map
                .get(*key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .enumerate()
            {
                self.schema(child, &format!("{at}.{key}.{i}"), depth + 1, false);
            }
        }
        for key in NAMED {
            for (name, child) in map
                .get(*key)
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                if *key == "properties" {
                    self.properties += 1;
                }
                let top = depth == 1 && *key == "properties";
                self.schema(child, &format!("{at}.{key}.{name}"), depth + 1, top);
            }
        }
    }

    fn extensions(&mut self, map: &Map<String, Value>, at: &str, is_top_property: bool) {
        if let Some(source) = map.get("x-source") {
            let known = source.as_str().is_some_and(|path| {
                matches!(
                    path,
                    "contact.id" | "contact.name" | "contact.email" | "contact.phone"
                ) || path
                    .strip_prefix("contact.attributes.")
                    .is_some_and(|key| !key.is_empty())
            });
            if !known {
                self.errors.push(FieldError::new(
                    format!("{at}.x-source"),
                    "must be contact.id, contact.name, contact.email, contact.phone or contact.attributes.<key>",
                ));
            } else if !is_top_property {
                self.errors.push(FieldError::new(
                    format!("{at}.x-source"),
                    "can only stand on a property at the top level",
                ));
            }
        }
        if let Some(grounding) = map.get("x-grounding")
            && !matches!(grounding.as_str(), Some("verbatim" | "free"))
        {
            self.errors.push(FieldError::new(
                format!("{at}.x-grounding"),
                "must be \"verbatim\" or \"free\"",
            ));
        }
    }
}

/// The properties that the server fills in, in the schema's order.
pub fn server_filled(schema: &Value) -> Vec<ServerFilled> {
    let required = required_names(schema);
    properties(schema)
        .filter_map(|(name, property)| {
            let from = match (
                property.get("x-source").and_then(Value::as_str),
                property.get("const"),
            ) {
                (Some(path), _) => FilledFrom::Contact(path.to_owned()),
                (None, Some(value)) => FilledFrom::Const(value.clone()),
                (None, None) => return None,
            };
            Some(ServerFilled {
                property: name.clone(),
                from,
                required: required.contains(&name.as_str()),
            })
        })
        .collect()
}

/// The names the schema requires at the top level.
pub fn required_names(schema: &Value) -> Vec<&str> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// The top-level properties, in the schema's order.
pub fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// The schema as a model sees it: without the properties the server fills in and without our own
/// `x-` keywords, and closed against properties it does not declare.
pub fn visible(schema: &Value) -> Value {
    let hidden: Vec<String> = server_filled(schema)
        .into_iter()
        .map(|filled| filled.property)
        .collect();
    let mut schema = strip_extensions(schema);
    if let Some(root) = schema.as_object_mut() {
        if let Some(properties) = root.get_mut("properties").and_then(Value::as_object_mut) {
            properties.retain(|name, _| !hidden.contains(name));
        }
        if let Some(required) = root.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| {
                !name
                    .as_str()
                    .is_some_and(|name| hidden.iter().any(|h| h == name))
            });
        }
        root.entry("properties").or_insert_with(|| json!({}));
        let composed = MANY
            .iter()
            .chain(&["$ref", "if"])
            .any(|key| root.contains_key(*key));
        if !composed {
            root.entry("additionalProperties")
                .or_insert(Value::Bool(false));
        }
    }
    schema
}

fn strip_extensions(value: &Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(key, _)| !matches!(key.as_str(), "x-source" | "x-grounding"))
                .map(|(key, item)| (key.clone(), strip_extensions(item)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(strip_extensions).collect()),
        leaf => leaf.clone(),
    }
}

/// The schema that calls are validated against: wherever an object's properties are declared and
/// nothing is said about others, others are refused (`unevaluatedProperties: false`, JSON Schema
/// 2020-12 core §11.3, which sees through `$ref` and `allOf`).
pub fn closed(schema: &Value) -> Value {
    let mut schema = schema.clone();
    close_position(&mut schema);
    schema
}

/// A place where a value is described in full.
fn close_position(schema: &mut Value) {
    close_inside(schema);
    let Some(map) = schema.as_object_mut() else {
        return;
    };
    let declares = ["properties", "$ref", "allOf", "anyOf", "oneOf"]
        .iter()
        .any(|key| map.contains_key(*key));
    let says = ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|key| map.contains_key(*key));
    if declares && !says {
        map.insert("unevaluatedProperties".to_owned(), Value::Bool(false));
    }
}

/// Closes the positions inside a schema, but not the schema itself, which may describe only a part
/// of its value.
fn close_inside(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else {
        return;
    };
    for (key, child) in map.iter_mut() {
        match key.as_str() {
            "properties" | "patternProperties" => {
                for (_, property) in child.as_object_mut().into_iter().flatten() {
                    close_position(property);
                }
            }
            "items" | "additionalProperties" => close_position(child),
            "prefixItems" => child
                .as_array_mut()
                .into_iter()
                .flatten()
                .for_each(close_position),
            "allOf" | "anyOf" | "oneOf" => child
                .as_array_mut()
                .into_iter()
                .flatten()
                .for_each(close_inside),
            "$defs" | "definitions" | "dependentSchemas" => {
                child
                    .as_object_mut()
                    .into_iter()
                    .flatten()
                    .for_each(|(_, part)| close_inside(part));
            }
            "if" | "then" | "else" => close_inside(child),
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "parameters_tests.rs"]
mod tests;
