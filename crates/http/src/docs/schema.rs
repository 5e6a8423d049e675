//! JSON Schemas for people.

use serde_json::Value;

use super::fields;
use super::html::{Html, anchor, slice, text};

/// The type in a few words, with links.
pub(super) fn kind(html: &mut Html, schema: &Value) {
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        html.link(&anchor("schema", name), name);
        return;
    }
    if let Some(choices) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        for (i, choice) in choices.iter().enumerate() {
            if i > 0 {
                html.text(" or ");
            }
            kind(html, choice);
        }
        return;
    }
    if let Some(words) = schema["enum"].as_array() {
        for (i, word) in words.iter().enumerate() {
            if i > 0 {
                html.raw(" ");
            }
            html.element("code", &plain(word));
        }
        return;
    }
    if !schema["const"].is_null() {
        html.element("code", &plain(&schema["const"]));
        return;
    }
    let names: Vec<&str> = match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().map(text).collect(),
        _ => vec!["anything"],
    };
    for (i, name) in names.iter().enumerate() {
        if i > 0 {
            html.text(" or ");
        }
        html.text(name);
        if *name == "array" && schema["items"].is_object() {
            html.text(" of ");
            kind(html, &schema["items"]);
        }
    }
    bounds(html, schema);
}

/// A table of the properties of an object, one for each kind of it; for anything else, its type.
pub(super) fn table(html: &mut Html, schema: &Value) {
    if schema["oneOf"][0]["title"].is_string() {
        for kind in slice(&schema["oneOf"]) {
            html.element("h4", text(&kind["title"]));
            html.paragraphs(text(&kind["description"]));
            let data = &kind["properties"]["data"]["contentSchema"];
            table(html, if data.is_object() { data } else { kind });
        }
        return;
    }
    if !schema["properties"].is_object() {
        html.raw("<p>");
        kind(html, schema);
        html.raw("</p>");
        return;
    }
    html.raw("<table><thead><tr><th>Field</th><th>Type</th><th></th></tr></thead><tbody>");
    for (name, property) in fields(&schema["properties"]) {
        html.raw("<tr><td>");
        html.element("code", name);
        if slice(&schema["required"]).iter().any(|own| own == name) {
            html.raw(" <span class=\"required\">required</span>");
        }
        html.raw("</td><td>");
        kind(html, property);
        html.raw("</td><td>");
        html.inline(text(&property["description"]));
        if let Some(default) = property.get("default") {
            html.text(" Default: ");
            html.element("code", &default.to_string());
        }
        html.raw("</td></tr>");
    }
    html.raw("</tbody></table>");
}

fn bounds(html: &mut Html, schema: &Value) {
    let limits = [
        ("format", ""),
        ("minimum", "at least "),
        ("maximum", "at most "),
        ("maxLength", "characters: at most "),
        ("maxItems", "entries: at most "),
        ("pattern", ""),
    ];
    for (keyword, word) in limits {
        if let Some(value) = schema.get(keyword).filter(|value| **value != 0) {
            html.text(", ");
            html.text(word);
            html.element("code", &plain(value));
        }
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
