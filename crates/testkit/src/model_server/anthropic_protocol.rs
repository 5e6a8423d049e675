//! What a request for Anthropic's messages must look like.

use std::collections::HashSet;

use http::HeaderMap;
use serde_json::Value;

use super::openai_protocol::{acceptable, refused_at_the_root};

/// Everything a strict server would refuse a request for.
pub(super) fn violations(headers: &HeaderMap, body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["x-api-key", "anthropic-version"] {
        if headers.get(name).is_none_or(|value| value.is_empty()) {
            found.push(format!("no {name} header"));
        }
    }
    if !body["model"].is_string() {
        found.push("no model is named".to_owned());
    }
    if body["max_tokens"].as_u64().is_none_or(|most| most == 0) {
        found.push("no max_tokens".to_owned());
    }
    if !(body["system"].is_null() || has_text(&body["system"])) {
        found.push("a system prompt without text".to_owned());
    }
    for tool in body["tools"].as_array().into_iter().flatten() {
        let name = tool["name"].as_str().unwrap_or_default();
        if !acceptable(name) {
            found.push(format!("a tool is called {name:?}"));
        }
        if tool["input_schema"]["type"] != "object" {
            found.push(format!(
                "the parameters of {name:?} are no schema of an object"
            ));
        }
        found.extend(refused_at_the_root(name, &tool["input_schema"]));
    }
    let no_tools = body["tools"].as_array().is_none_or(Vec::is_empty);
    let is_of_tools = |block: &Value| {
        let kind = block["type"].as_str().unwrap_or_default();
        matches!(kind, "tool_use" | "tool_result")
    };
    let mut blocks = body["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|message| message["content"].as_array())
        .flatten();
    if no_tools && blocks.any(is_of_tools) {
        found.push("calls or results without a list of tools".to_owned());
    }
    match body["messages"].as_array().filter(|all| !all.is_empty()) {
        Some(messages) => conversation(messages, &mut found),
        None => found.push("there are no messages".to_owned()),
    }
    found
}

fn conversation(messages: &[Value], found: &mut Vec<String>) {
    let mut ever: HashSet<&str> = HashSet::new();
    let mut open: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let expected = if at % 2 == 0 { "user" } else { "assistant" };
        let role = message["role"].as_str().unwrap_or_default();
        if role != expected {
            found.push(format!("message {at}: the role {role:?}, not {expected:?}"));
        }
        if !has_text(&message["content"]) && !message["content"].is_array() {
            found.push(format!("message {at}: nothing in it"));
        }
        let blocks = message["content"].as_array().map_or(&[][..], Vec::as_slice);
        if message["content"].is_array() && blocks.is_empty() {
            found.push(format!("message {at}: no blocks in it"));
        }
        let mut other_seen = false;
        for block in blocks {
            match block["type"].as_str().unwrap_or_default() {
                "text" if !has_text(&block["text"]) => {
                    found.push(format!("message {at}: a block without text"));
                }
                "text" => other_seen = true,
                "tool_use" if role == "assistant" => {
                    open.extend(check_use(block, at, &mut ever, found));
                }
                "tool_result" if role == "user" => {
                    let id = block["tool_use_id"].as_str().unwrap_or_default();
                    match open.iter().position(|waiting| *waiting == id) {
                        Some(index) => drop(open.remove(index)),
                        None => found.push(format!(
                            "message {at}: a result for {id:?}, which awaits none"
                        )),
                    }
                    if other_seen {
                        found.push(format!("message {at}: a result behind other content"));
                    }
                }
                other => found.push(format!("message {at}: a block {other:?} of {role:?}")),
            }
        }
        if role == "user" {
            for id in open.drain(..) {
                found.push(format!(
                    "message {at}: no result for the call {id:?} before it"
                ));
            }
        }
    }
    for id in open {
        found.push(format!("the call {id:?} at the end got no result"));
    }
}

fn check_use<'a>(
    block: &'a Value,
    at: usize,
    ever: &mut HashSet<&'a str>,
    found: &mut Vec<String>,
) -> Option<&'a str> {
    let id = block["id"].as_str().unwrap_or_default();
    let name = block["name"].as_str().unwrap_or_default();
    let well_formed = !id.is_empty()
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if !well_formed || !ever.insert(id) {
        found.push(format!(
            "message {at}: the call id {id:?} is ill-formed or used twice"
        ));
    }
    if !acceptable(name) {
        found.push(format!("message {at}: a call of {name:?}"));
    }
    if !block["input"].is_object() {
        found.push(format!("message {at}: an input that is no JSON object"));
    }
    (!id.is_empty()).then_some(id)
}

fn has_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn conversation(messages: &Value) -> Vec<String> {
        let mut headers = HeaderMap::new();
        headers.insert("x-api-key", "k".parse().unwrap());
        headers.insert("anthropic-version", "2023-06-01".parse().unwrap());
        let tools = json!([{"name": "check", "input_schema": {"type": "object"}}]);
        let body = json!({"model": "m", "max_tokens": 10, "messages": messages, "tools": tools});
        violations(&headers, &body)
    }

    fn user(text: &str) -> Value {
        json!({"role": "user", "content": text})
    }

    fn asks(ids: &[&str]) -> Value {
        let blocks: Vec<_> = ids
            .iter()
            .map(|id| json!({"type": "tool_use", "id": id, "name": "check", "input": {}}))
            .collect();
        json!({"role": "assistant", "content": blocks})
    }

    fn results(ids: &[&str]) -> Value {
        let blocks: Vec<_> = ids
            .iter()
            .map(|id| json!({"type": "tool_result", "tool_use_id": id, "content": "{}"}))
            .collect();
        json!({"role": "user", "content": blocks})
    }

    #[test]
    fn a_result_for_every_call_is_fine() {
        let good = json!([user("Hi"), asks(&["a", "b"]), results(&["b", "a"])]);
        assert_eq!(conversation(&good), Vec::<String>::new());
    }

    #[test]
    fn everything_else_is_found() {
        for bad in [
            json!([]),
            json!([user("Hi"), asks(&["a"])]),
            json!([user("Hi"), asks(&["a"]), user("Well?")]),
            json!([user("Hi"), asks(&["a"]), results(&["b"])]),
            json!([user("Hi"), asks(&["a", "a"]), results(&["a", "a"])]),
            json!([user("Hi"), asks(&["a.b"]), results(&["a.b"])]),
            json!([user("Hi"), user("Hello?")]),
            json!([asks(&["a"]), results(&["a"])]),
            json!([user(" ")]),
            json!([user("Hi"), {"role": "assistant", "content": []}]),
            json!([user("Hi"), asks(&["a"]), {"role": "user", "content": [
                {"type": "text", "text": "And"},
                {"type": "tool_result", "tool_use_id": "a", "content": "{}"}
            ]}]),
        ] {
            assert_ne!(conversation(&bad), Vec::<String>::new(), "{bad}");
        }
        let bare = violations(&HeaderMap::new(), &json!({"messages": [user("Hi")]}));
        assert_eq!(bare.len(), 4, "{bare:?}");
    }
}
