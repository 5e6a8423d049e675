//! How to do it from a shell.

use serde_json::Value;

use super::html::{slice, text};

/// A command that makes the request of the example.
pub(super) fn command(method: &str, path: &str, operation: &Value, document: &Value) -> String {
    let mut path = path.to_owned();
    for parameter in slice(&operation["parameters"]) {
        if parameter["in"] == "path" {
            let name = text(&parameter["name"]);
            path = path.replace(
                &format!("{{{name}}}"),
                &sample_id(&parameter["schema"], document),
            );
        }
    }
    let mut lines = vec![match method {
        "get" => format!("curl \"$DESKHAND{path}\""),
        method => format!("curl -X {} \"$DESKHAND{path}\"", method.to_uppercase()),
    }];
    let security = slice(&operation["security"]);
    if security.iter().any(|one| one["key"].is_array()) {
        lines.push("-H \"Authorization: Bearer $KEY\"".to_owned());
    } else {
        if !security.is_empty() {
            lines.push("-b \"$COOKIE\"".to_owned());
        }
        if text(&operation["responses"]["403"]["description"]).contains("`cross_site`") {
            lines.push("-H \"Origin: $DESKHAND\"".to_owned());
        }
    }
    let example = &operation["requestBody"]["content"]["application/json"]["example"];
    if !example.is_null() {
        lines.push("-H \"Content-Type: application/json\"".to_owned());
        lines.push(format!("-d {}", quoted(&format!("{example:#}"))));
    }
    lines.join(" \\\n  ")
}

/// What an id of this kind begins with, and dots.
fn sample_id(schema: &Value, document: &Value) -> String {
    let name = text(&schema["$ref"]).rsplit('/').next().unwrap_or_default();
    let pattern = text(&document["components"]["schemas"][name]["pattern"]);
    let prefix = pattern.trim_start_matches('^').split('[').next();
    format!("{}...", prefix.unwrap_or_default())
}

/// A word for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_quote_in_the_body_does_not_end_it() {
        let operation = json!({
            "security": [{"key": ["chat"]}],
            "requestBody": {"content": {"application/json": {"example": "Where's it?"}}}
        });
        assert_eq!(
            command("post", "/v1/x", &operation, &json!({})),
            "curl -X POST \"$DESKHAND/v1/x\" \\\n  -H \"Authorization: Bearer $KEY\" \\\n  \
             -H \"Content-Type: application/json\" \\\n  -d '\"Where'\\''s it?\"'"
        );
    }

    #[test]
    fn ids_stand_in_the_path() {
        let document = json!({"components": {"schemas": {"AgentId": {"pattern": "^agt_[0-7]x$"}}}});
        let operation = json!({"parameters": [
            {"in": "path", "name": "id", "schema": {"$ref": "#/components/schemas/AgentId"}}
        ]});
        assert_eq!(
            command("get", "/v1/agents/{id}", &operation, &document),
            "curl \"$DESKHAND/v1/agents/agt_...\""
        );
    }
}
