//! What a request for OpenAI's chat completions must look like.

use std::collections::HashSet;

use serde_json::Value;

/// Everything a strict server would refuse a request for.
pub(super) fn violations(body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if !body["model"].is_string() {
        found.push("no model is named".to_owned());
    }
    for tool in body["tools"].as_array().into_iter().flatten() {
        let name = tool["function"]["name"].as_str().unwrap_or_default();
        if !acceptable(name) {
            found.push(format!("a tool is called {name:?}"));
        }
        if !tool["function"]["parameters"].is_object() {
            found.push(format!("the parameters of {name:?} are no schema"));
        }
        found.extend(refused_at_the_root(name, &tool["function"]["parameters"]));
    }
    let Some(messages) = body["messages"].as_array().filter(|all| !all.is_empty()) else {
        found.push("there are no messages".to_owned());
        return found;
    };
    let mut ever: HashSet<&str> = HashSet::new();
    let mut open: Vec<&str> = Vec::new();
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if role == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            match open.iter().position(|waiting| *waiting == id) {
                Some(index) => drop(open.remove(index)),
                None => found.push(format!(
                    "message {at}: a result for {id:?}, which awaits none"
                )),
            }
            if !message["content"].is_string() {
                found.push(format!("message {at}: a result that is not text"));
            }
            continue;
        }
        for id in open.drain(..) {
            found.push(format!(
                "message {at}: the call {id:?} before it got no result"
            ));
        }
        match role {
            "system" | "developer" | "user" if message["content"].is_null() => {
                found.push(format!("message {at}: a {role} message without content"));
            }
            "system" | "developer" | "user" => {}
            "assistant" => {
                for call in message["tool_calls"].as_array().into_iter().flatten() {
                    open.extend(check_call(call, at, &mut ever, &mut found));
                }
                if message["content"].is_null() && open.is_empty() {
                    found.push(format!(
                        "message {at}: an assistant message with nothing in it"
                    ));
                }
            }
            other => found.push(format!("message {at}: the role {other:?}")),
        }
    }
    for id in open {
        found.push(format!("the call {id:?} at the end got no result"));
    }
    found
}

/// The keywords that no schema of a tool may have at its root.
pub(super) fn refused_at_the_root(name: &str, schema: &Value) -> Vec<String> {
    ["oneOf", "anyOf", "allOf", "enum", "not"]
        .into_iter()
        .filter(|key| schema.get(key).is_some())
        .map(|key| format!("the parameters of {name:?} say {key} at the top level"))
        .collect()
}

fn check_call<'a>(
    call: &'a Value,
    at: usize,
    ever: &mut HashSet<&'a str>,
    found: &mut Vec<String>,
) -> Option<&'a str> {
    let id = call["id"].as_str().unwrap_or_default();
    let name = call["function"]["name"].as_str().unwrap_or_default();
    if id.is_empty() || !ever.insert(id) {
        found.push(format!(
            "message {at}: the call id {id:?} is empty or used twice"
        ));
    }
    if !acceptable(name) {
        found.push(format!("message {at}: a call of {name:?}"));
    }
    let arguments = call["function"]["arguments"].as_str();
    if !arguments
        .is_some_and(|text| serde_json::from_str::<Value>(text).is_ok_and(|v| v.is_object()))
    {
        found.push(format!("message {at}: arguments that are no JSON object"));
    }
    (!id.is_empty()).then_some(id)
}

/// `^[a-zA-Z0-9_-]{1,64}$`
pub(super) fn acceptable(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn conversation(messages: &Value) -> Vec<String> {
        violations(&json!({"model": "m", "messages": messages}))
    }

    fn asks(ids: &[&str]) -> Value {
        let calls: Vec<_> = ids
            .iter()
            .map(|id| json!({"id": id, "type": "function", "function": {"name": "check", "arguments": "{}"}}))
            .collect();
        json!({"role": "assistant", "content": "", "tool_calls": calls})
    }

    fn result(id: &str) -> Value {
        json!({"role": "tool", "tool_call_id": id, "content": "{}"})
    }

    #[test]
    fn a_result_for_every_call_is_fine() {
        let user = json!({"role": "user", "content": "Hi"});
        let good = json!([user, asks(&["a", "b"]), result("b"), result("a"), user]);
        assert_eq!(conversation(&good), Vec::<String>::new());
    }

    #[test]
    fn a_call_without_result_is_found() {
        let user = json!({"role": "user", "content": "Hi"});
        for bad in [
            json!([user, asks(&["a"])]),
            json!([user, asks(&["a", "b"]), result("a"), user]),
            json!([user, asks(&["a"]), user, result("a")]),
            json!([user, asks(&["a"]), result("a"), result("a")]),
            json!([user, result("a")]),
            json!([user, asks(&["a", "a"]), result("a"), result("a")]),
            json!([user, asks(&[""]), result("")]),
            json!([{"role": "bot", "content": "Hi"}]),
            json!([]),
        ] {
            assert!(!conversation(&bad).is_empty(), "{bad}");
        }
    }
}
