//! The parameters a model has to fill.

use serde_json::Value;

use super::words::Words;
use super::{Finding, FindingCode, Severity};
use crate::grounding::examples_in;
use crate::parameters::{properties, required_names, server_filled};

/// Last words of the names of parameters that take an id.
const IDS: Words =
    Words("id ids number no num nr code ref reference sku vin imei iban plate registration serial");
/// Numbers that everyone knows how to write.
const KNOWN_NUMBERS: Words = Words("phone telephone mobile cell fax house street");
/// Keywords that say by themselves what a value looks like.
const SHAPES: Words = Words("pattern enum const format examples example");
/// Root keywords that may declare properties in another place.
const COMPOSED: Words = Words(
    "allOf anyOf oneOf $ref $dynamicRef if dependentSchemas patternProperties \
     additionalProperties unevaluatedProperties",
);

/// Longest name of a property that every provider takes.
const NAME_CHARS: usize = 64;

pub(super) fn findings(schema: &Value) -> Vec<Finding> {
    let required = required_names(schema);
    let filled = server_filled(schema);
    let mut findings = Vec::new();
    for (name, property) in properties(schema) {
        // The model never sees what the server fills in.
        if filled.iter().any(|filled| filled.property == *name) {
            continue;
        }
        if !is_taken(name) {
            findings.push(name_refused(name));
        }
        let description = property.get("description").and_then(Value::as_str);
        let described = description.is_some_and(|text| !text.trim().is_empty());
        let by_reference = property.get("$ref").is_some();
        if required.contains(&name.as_str()) && !described && !by_reference {
            findings.push(no_description(name, property));
        } else if wants_example(name, property, description.unwrap_or_default()) {
            findings.push(no_example(name, description));
        }
    }
    findings.extend(undeclared(schema, &required));
    findings
}

/// Whether every provider takes a property of this name.
fn is_taken(name: &str) -> bool {
    (1..=NAME_CHARS).contains(&name.len()) && name.chars().all(is_taken_char)
}

fn is_taken_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
}

fn name_refused(name: &str) -> Finding {
    let chars = name.chars().take(NAME_CHARS);
    let other: String = chars
        .map(|c| if is_taken_char(c) { c } else { '_' })
        .collect();
    // Letters that are left out leave no word behind.
    let mend = match name.is_ascii() {
        true => {
            format!("Call it \"{other}\", or something else of letters a to z, digits, _, . and -.")
        }
        false => "Give it a name of letters a to z, digits, _, . and -.".to_owned(),
    };
    Finding::new(
        Severity::Warning,
        FindingCode::ParameterNameRefused,
        format!("parameters.properties.{name}"),
        format!(
            "Some model providers, Anthropic among them, refuse a parameter that is called \"{name}\". \
             An agent with this action could not answer at all there."
        ),
        mend,
    )
}

fn no_description(name: &str, property: &Value) -> Finding {
    let words = name.replace('_', " ");
    let sample = if is_id(name) && has_no_shape(property) {
        format!("The customer's {words} (e.g., {})", sample_of(name))
    } else {
        format!("The {words} that the customer gives")
    };
    Finding::new(
        Severity::Warning,
        FindingCode::ParameterNoDescription,
        format!("parameters.properties.{name}"),
        format!(
            "{name} is required and has no description, so the agent cannot tell what to ask the customer for."
        ),
        format!("Describe it in the customer's words, such as \"{sample}\"."),
    )
}

fn wants_example(name: &str, property: &Value, description: &str) -> bool {
    property.get("type").and_then(Value::as_str) == Some("string")
        && is_id(name)
        && has_no_shape(property)
        && examples_in(description).is_empty()
}

fn no_example(name: &str, description: Option<&str>) -> Finding {
    let described = description
        .map(|text| text.trim().trim_end_matches('.'))
        .filter(|text| !text.is_empty())
        .map_or_else(|| name.replace('_', " "), str::to_owned);
    Finding::new(
        Severity::Info,
        FindingCode::ParameterNoExample,
        format!("parameters.properties.{name}"),
        format!("{name} takes an id, and nothing shows what one looks like."),
        format!(
            "Add an example of the right shape to its description, such as \"{described} (e.g., {})\", or a pattern.",
            sample_of(name)
        ),
    )
}

fn undeclared(schema: &Value, required: &[&str]) -> Vec<Finding> {
    let composed = COMPOSED.iter().any(|key| {
        schema
            .get(key)
            .is_some_and(|value| value != &Value::Bool(false))
    });
    if composed {
        return Vec::new();
    }
    required
        .iter()
        .filter(|name| !properties(schema).any(|(declared, _)| declared == *name))
        .map(|name| {
            Finding::new(
                Severity::Warning,
                FindingCode::RequiredUndeclared,
                "parameters.required",
                format!(
                    "required names {name}, which is not among the properties. No call can fulfil that."
                ),
                format!(
                    "Declare {name} under properties with a type and a description, or take it out of required."
                ),
            )
        })
        .collect()
}

fn is_id(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(['_', '-', '.']).collect();
    let camel = name.ends_with("Id") || name.ends_with("ID") || name.ends_with("Number");
    (camel || words.last().is_some_and(|last| IDS.has(last)))
        && !words.iter().any(|word| KNOWN_NUMBERS.has(word))
}

fn has_no_shape(property: &Value) -> bool {
    !SHAPES.iter().any(|key| property.get(key).is_some())
}

/// Something that looks like such an id: the first letters of its name and a number.
fn sample_of(name: &str) -> String {
    let letters: String = name
        .split(['_', '-'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphabetic)
        .take(3)
        .collect();
    if letters.is_empty() {
        "AB-12345".to_owned()
    } else {
        format!("{}-12345", letters.to_ascii_uppercase())
    }
}
