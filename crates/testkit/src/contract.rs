//! The description of the API, held against what the API does: every answer that a [`crate::TestApp`]
//! gives has a status that its operation has, and a body that fits the schema with nothing over.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::Answer;

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::new(deskhand_http::openapi()));

/// Fields of answers that a request may hand back; the document does not tell of them.
const READ_ONLY: &[&str] = &[
    "id",
    "version",
    "created_at",
    "updated_at",
    "warnings",
    "circuit",
    "disabled",
];

/// An OpenAPI document whose schemas are closed: a property that they do not name is refused.
pub struct Contract {
    document: Value,
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

/// One operation of it.
pub struct Operation<'a> {
    /// Its `operationId`.
    pub id: &'a str,
    /// The method in lower case.
    pub method: &'a str,
    /// The path with its parameters in braces.
    pub path: &'a str,
    value: &'a Value,
}

/// That of this build.
pub fn contract() -> &'static Contract {
    &CONTRACT
}

impl Contract {
    fn new(mut document: Value) -> Self {
        if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
            schemas.values_mut().for_each(close);
        }
        Self {
            document,
            compiled: Mutex::default(),
        }
    }

    /// Every operation.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths
            .flat_map(|(path, item)| {
                item.as_object()
                    .into_iter()
                    .flatten()
                    .map(move |(method, value)| Operation {
                        id: value["operationId"].as_str().unwrap_or_default(),
                        method,
                        path,
                        value,
                    })
            })
            .collect()
    }

    /// The operation that a request is for; `Err` holds whether there is the path at all.
    pub fn operation(&self, method: &str, target: &str) -> Result<Operation<'_>, bool> {
        let path = target.split('?').next().unwrap_or(target);
        let mut fitting: Vec<Operation<'_>> = self
            .operations()
            .into_iter()
            .filter(|operation| fits(operation.path, path))
            .collect();
        // What is named in full goes before what has a parameter in its place.
        fitting.sort_by_key(|operation| operation.path.matches('{').count());
        let Some(best) = fitting.first().map(|operation| operation.path) else {
            return Err(false);
        };
        fitting
            .into_iter()
            .find(|operation| {
                operation.path == best && method.eq_ignore_ascii_case(operation.method)
            })
            .ok_or(true)
    }

    /// Holds one exchange against the document.
    ///
    /// # Panics
    /// If it does not fit.
    pub fn check(&self, method: &str, target: &str, body: &[u8], answer: &Answer) {
        let told = format!(
            "{method} {target} answered {}: {}",
            answer.status, answer.text
        );
        let operation = match self.operation(method, target) {
            Ok(operation) => operation,
            // The pages beside the API are no operations.
            Err(false) if !target.starts_with("/v1/") => return,
            Err(path_exists) => {
                let status = if path_exists { 405 } else { 404 };
                assert_eq!(answer.status, status, "{told}");
                if method != "HEAD" {
                    let problem = json!({"$ref": "#/components/schemas/Problem"});
                    self.fits(&problem, &answer.body, &told);
                }
                return;
            }
        };
        let response = &operation.value["responses"][answer.status.to_string()];
        assert!(
            response.is_object(),
            "a status that is not described: {told}"
        );
        self.check_body(response, answer, &told);
        if (200..300).contains(&answer.status) {
            self.check_request(&operation, body, &told);
        }
    }

    fn check_body(&self, response: &Value, answer: &Answer, told: &str) {
        let Some(contents) = response["content"].as_object() else {
            assert!(
                answer.text.is_empty(),
                "a body that is not described: {told}"
            );
            return;
        };
        let kind = answer.header("content-type").unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default();
        let (_, content) = contents
            .iter()
            .find(|(name, _)| name.split(';').next() == Some(essence))
            .unwrap_or_else(|| panic!("a media type that is not described, {kind}: {told}"));
        if essence == "text/event-stream" {
            for event in events(&answer.text) {
                self.check_event(&content["schema"], &event, told);
            }
        } else if essence.ends_with("json") {
            self.fits(&content["schema"], &answer.body, told);
        }
    }

    /// `schema` describes an event; what its data holds stands there as `contentSchema`.
    fn check_event(&self, schema: &Value, event: &Value, told: &str) {
        let told = format!("{event}: {told}");
        self.fits(schema, event, &told);
        let name = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next());
        let kinds = &self.document["components"]["schemas"][name.expect("a reference")]["oneOf"];
        let kind = kinds
            .as_array()
            .into_iter()
            .flatten()
            .map(|kind| &kind["properties"])
            .find(|kind| kind["event"]["const"] == event["event"])
            .expect("it fits one of them");
        let mut schema = kind["data"]["contentSchema"].clone();
        close(&mut schema);
        let data = event["data"].as_str().expect("it fits");
        let data: Value = serde_json::from_str(data).expect("data is JSON");
        self.fits(&schema, &data, &told);
    }

    /// What was accepted must be what the document lets a client send.
    fn check_request(&self, operation: &Operation<'_>, body: &[u8], told: &str) {
        let request = &operation.value["requestBody"];
        if body.is_empty() {
            assert_ne!(request["required"], true, "it needs no body: {told}");
            return;
        }
        let schema = &request["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "a body that is not described: {told}");
        let mut body: Value = serde_json::from_slice(body).expect("what was accepted is JSON");
        if let Some(fields) = body.as_object_mut() {
            // What answers carry may be handed back, where it is not what is asked for.
            let schema = self.resolved(schema);
            let asked = |name: &str| schema["properties"].get(name).is_some();
            fields.retain(|name, _| asked(name) || !READ_ONLY.contains(&name.as_str()));
        }
        self.fits(schema, &body, &format!("{body} was accepted: {told}"));
    }

    /// Whether the document lets a client send this.
    ///
    /// # Panics
    /// If there is no such operation.
    pub fn lets_send(&self, method: &str, target: &str, body: &Value) -> bool {
        let operation = self.operation(method, target).expect("an operation");
        let schema = &operation.value["requestBody"]["content"]["application/json"]["schema"];
        self.compile(schema).is_valid(body)
    }

    /// Whether the document lets a client ask with this parameter.
    ///
    /// # Panics
    /// If there is no such operation or parameter.
    pub fn lets_ask(&self, path: &str, name: &str, value: &Value) -> bool {
        let operation = self.operation("GET", path).expect("an operation");
        let parameters = operation.value["parameters"].as_array();
        let parameter = parameters
            .into_iter()
            .flatten()
            .find(|parameter| parameter["name"] == name)
            .expect("a parameter");
        self.compile(&parameter["schema"]).is_valid(value)
    }

    /// What a reference leads to, if it is one.
    fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        schema["$ref"]
            .as_str()
            .and_then(|to| self.document.pointer(to.trim_start_matches('#')))
            .unwrap_or(schema)
    }

    fn fits(&self, schema: &Value, value: &Value, told: &str) {
        let validator = self.compile(schema);
        let errors: Vec<String> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}\n{told}", errors.join("\n"));
    }

    fn compile(&self, schema: &Value) -> Arc<Validator> {
        let key = schema.to_string();
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let validator = compiled.entry(key).or_insert_with(|| {
            let whole = json!({
                "allOf": [schema],
                "components": self.document["components"],
            });
            let validator = jsonschema::draft202012::options()
                .should_validate_formats(true)
                .build(&whole);
            Arc::new(validator.expect("a valid schema"))
        });
        Arc::clone(validator)
    }
}

impl Operation<'_> {
    /// Whether it is described as open to anybody.
    pub fn is_public(&self) -> bool {
        self.value["security"] == json!([])
    }

    /// The scopes of which a key needs one.
    pub fn scopes(&self) -> Vec<&str> {
        let alternatives = self.value["security"].as_array().into_iter().flatten();
        alternatives
            .filter_map(|one| one["key"][0].as_str())
            .collect()
    }

    /// Whether a visitor's token does as well as a key.
    pub fn takes_visitors(&self) -> bool {
        let alternatives = self.value["security"].as_array().into_iter().flatten();
        alternatives
            .into_iter()
            .any(|one| !one["visitor"].is_null())
    }

    /// The status of its success.
    pub fn success(&self) -> &str {
        let responses = self.value["responses"].as_object();
        responses
            .and_then(|responses| responses.keys().find(|status| status.starts_with('2')))
            .map_or("", String::as_str)
    }
}

/// Whether a path is one of this template.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) =
        (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(path)
            .all(|(part, given)| part.starts_with('{') && !given.is_empty() || *part == given)
}

/// The events of a stream, each as its fields. Heartbeats, which are comments, are left out.
fn events(text: &str) -> Vec<Value> {
    text.split("\n\n")
        .map(|block| {
            let fields = block.lines().filter_map(|line| line.split_once(": "));
            fields
                .filter(|(name, _)| !name.is_empty())
                .map(|(name, value)| (name.to_owned(), json!(value)))
                .collect::<Map<_, _>>()
        })
        .filter(|event| !event.is_empty())
        .map(Value::Object)
        .collect()
}

/// Forbids properties that the schema does not name, down to the last.
fn close(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut() else {
        return;
    };
    let open = [
        "$ref",
        "allOf",
        "additionalProperties",
        "unevaluatedProperties",
    ];
    if fields.contains_key("properties") && !open.iter().any(|word| fields.contains_key(*word)) {
        fields.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    for (word, inner) in fields.iter_mut() {
        match (word.as_str(), inner) {
            ("properties", Value::Object(properties)) => close_all(properties),
            ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(schemas)) => {
                schemas.iter_mut().for_each(close);
            }
            ("items" | "additionalProperties", schema) => close(schema),
            _ => {}
        }
    }
}

fn close_all(properties: &mut Map<String, Value>) {
    properties.values_mut().for_each(close);
}

#[cfg(test)]
#[path = "contract_tests.rs"]
mod tests;
