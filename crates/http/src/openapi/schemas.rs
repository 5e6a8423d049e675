//! JSON Schemas of the types that the API carries. What is read and what is written may differ for
//! one type (defaults, fields left out), so there are two collections until the end.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Makes a schema, adding what it refers to.
pub(crate) type Make = fn(&mut Schemas) -> Value;

const OUTPUTS: &str = "#/components/schemas/";
const INPUTS: &str = "#/components/inputs/";

/// The schemas collected so far.
pub(crate) struct Schemas {
    read: SchemaGenerator,
    written: SchemaGenerator,
    /// Inputs that are no type's.
    own: Map<String, Value>,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let at = |path: &'static str| {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.meta_schema = None;
                settings.definitions_path = path.into();
            })
        };
        Self {
            read: at("/components/inputs").for_deserialize().into_generator(),
            written: at("/components/schemas").for_serialize().into_generator(),
            own: Map::new(),
        }
    }

    /// Of what a request carries.
    pub(crate) fn input<T: JsonSchema>(&mut self) -> Value {
        self.read.subschema_for::<T>().to_value()
    }

    /// Of what an answer carries.
    pub(crate) fn output<T: JsonSchema>(&mut self) -> Value {
        self.written.subschema_for::<T>().to_value()
    }

    /// Of a parameter outside the body: ids and words are the same both ways.
    pub(super) fn parameter<T: JsonSchema>(&mut self) -> Value {
        self.output::<T>()
    }

    /// Takes out the schema of an answer that was referred to, to be put elsewhere.
    pub(super) fn take_output(&mut self, name: &str) -> Value {
        let definitions = self.written.definitions_mut();
        definitions.remove(name).unwrap_or_default()
    }

    /// All that was referred to, by its name under `components/schemas`, and `document` with its
    /// references set to those names.
    pub(super) fn finish(mut self, document: &mut Value) -> Map<String, Value> {
        let mut all = self.written.take_definitions(true);
        let mut inputs = self.read.take_definitions(true);
        inputs.extend(self.own);
        for schema in all.values_mut().chain(inputs.values_mut()) {
            tidy(schema);
        }
        let names: BTreeMap<String, String> = inputs
            .iter()
            .map(|(name, schema)| {
                let here = Value::String(schema.to_string().replace(INPUTS, OUTPUTS));
                let taken = all
                    .get(name)
                    .is_some_and(|other| Value::String(other.to_string()) != here);
                let becomes = if taken {
                    format!("{name}Input")
                } else {
                    name.clone()
                };
                (name.clone(), becomes)
            })
            .collect();
        for (name, mut schema) in inputs {
            rename(&mut schema, &names);
            all.insert(names[&name].clone(), schema);
        }
        rename(document, &names);
        all.sort_keys();
        all
    }
}

/// The input from which something is made: the definition `T`, where what may be left out may also
/// be null. `change` puts right what is written otherwise than it is stored.
pub(crate) fn made<T: JsonSchema>(
    schemas: &mut Schemas,
    name: &str,
    change: impl FnOnce(&mut Schemas, &mut Value),
) -> Value {
    let reference = json!({"$ref": format!("{INPUTS}{name}")});
    if schemas.own.contains_key(name) {
        return reference;
    }
    let mut schema = definition::<T>(schemas);
    change(schemas, &mut schema);
    let required: Vec<String> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    if let Some(properties) = schema["properties"].as_object_mut() {
        for (name, property) in properties {
            if !required.contains(name) {
                or_null(property);
            }
        }
    }
    schema["additionalProperties"] = json!(false);
    schemas.own.insert(name.to_owned(), schema);
    reference
}

/// What a parameter that names an action holds.
pub(crate) fn action_name(_: &mut Schemas) -> Value {
    json!({"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"})
}

/// The input that changes something: the same with nothing required and no defaults, for what is
/// left out stays as it is. `change` puts right what may be written otherwise then.
pub(crate) fn changed(
    schemas: &mut Schemas,
    made: &str,
    name: &str,
    change: impl FnOnce(&mut Value),
) -> Value {
    let mut schema = schemas.own[made].clone();
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("required");
        if let Some(Value::Object(properties)) = fields.get_mut("properties") {
            for property in properties.values_mut().filter_map(Value::as_object_mut) {
                property.remove("default");
            }
        }
    }
    change(&mut schema);
    schemas.own.insert(name.to_owned(), schema);
    json!({"$ref": format!("{INPUTS}{name}")})
}

/// The schema of `T` itself, not a reference to it.
fn definition<T: JsonSchema>(schemas: &mut Schemas) -> Value {
    let reference = schemas.input::<T>();
    let name = T::schema_name();
    match schemas.read.definitions_mut().remove(&*name) {
        Some(schema) => schema,
        None => reference,
    }
}

fn or_null(property: &mut Value) {
    let Some(fields) = property.as_object_mut() else {
        return; // `true`: null is as welcome as anything.
    };
    match fields.get_mut("type") {
        Some(Value::Array(kinds)) => {
            if !kinds.iter().any(|kind| kind == "null") {
                kinds.push(json!("null"));
            }
        }
        Some(kind) => *kind = json!([kind.take(), "null"]),
        None => {
            if let Some(reference) = fields.remove("$ref") {
                fields.insert(
                    "anyOf".to_owned(),
                    json!([{"$ref": reference}, {"type": "null"}]),
                );
            }
        }
    }
}

/// Rewrites what schemars says in ways that are hard to read or that nobody needs.
pub(super) fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            words(fields);
            no_defaults_for_required(fields);
            if fields.get("default") == Some(&Value::Null) {
                fields.remove("default");
            }
            fields.values_mut().for_each(tidy);
            // Formats of Rust integers, not of JSON Schema.
            let kind = fields.get("format").and_then(Value::as_str);
            if kind.is_some_and(|kind| kind.contains("int") || kind == "double") {
                fields.remove("format");
            }
            if let Some(Value::String(text)) = fields.get_mut("description") {
                *text = text
                    .replace("[`", "`")
                    .replace("`]", "`")
                    .replace('\n', " ");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// What is always there has no default.
fn no_defaults_for_required(fields: &mut Map<String, Value>) {
    let Some(Value::Array(required)) = fields.get("required").cloned() else {
        return;
    };
    let Some(Value::Object(properties)) = fields.get_mut("properties") else {
        return;
    };
    for name in required.iter().filter_map(Value::as_str) {
        if let Some(Value::Object(property)) = properties.get_mut(name) {
            property.remove("default");
        }
    }
}

/// A choice between constants, each with its meaning, becomes an `enum` whose description has them.
fn words(fields: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = fields.get("oneOf") else {
        return;
    };
    let words: Option<Vec<&str>> = choices
        .iter()
        .map(|choice| choice.get("const").and_then(Value::as_str))
        .collect();
    let Some(words) = words else { return };
    let mut text = fields
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    for choice in choices {
        if let (Some(word), Some(meaning)) =
            (choice["const"].as_str(), choice["description"].as_str())
        {
            text.push_str(&format!(" `{word}`: {}", meaning.trim()));
        }
    }
    let words = json!(words);
    fields.remove("oneOf");
    fields.insert("type".to_owned(), json!("string"));
    fields.insert("enum".to_owned(), words);
    fields.insert("description".to_owned(), json!(text.trim()));
}

fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(INPUTS)
            {
                let becomes = names.get(name).map_or(name, String::as_str);
                *reference = format!("{OUTPUTS}{becomes}");
            }
            fields.values_mut().for_each(|value| rename(value, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        _ => {}
    }
}
