//! Conversations with agents of several shops. The other side of the calls is a table.

mod handoff;
mod properties;
mod results;
mod shops;
mod stories;

use std::borrow::Cow;
use std::sync::Arc;

use deskhand_domain::prompt::{Entry, Prompt, Tool, ToolResult};
use deskhand_domain::report::Report;
use serde_json::{Value, json};

use super::respond;

/// What an endpoint answers to a call.
type Endpoint = fn(&str, &Value) -> Report;

/// Plays the customer's lines and writes down all that is said and done. Every line is answered
/// within one round of calls.
fn talk(tools: &[Tool], endpoint: Endpoint, lines: &[&str]) -> String {
    let mut prompt = Prompt {
        instructions: "You work for a small shop. Today is 2026-11-23.".to_owned(),
        entries: Vec::new(),
        tools: tools.iter().cloned().map(Arc::new).collect(),
    };
    let mut transcript = String::new();
    for line in lines {
        transcript += &format!("> {line}\n");
        prompt.entries.push(Entry::Customer {
            text: (*line).into(),
        });
        let mut answer = respond(&prompt);
        assert_eq!(answer, respond(&prompt), "the same input, the same answer");
        if !answer.calls.is_empty() {
            let results = answer
                .calls
                .iter()
                .map(|call| {
                    transcript += &format!("  {} {}\n", call.name, call.arguments);
                    let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
                    let tool = tools.iter().find(|tool| tool.name == call.name).unwrap();
                    let refused =
                        properties::refused(&prompt.entries, tool, arguments.as_object().unwrap());
                    assert!(refused.is_empty(), "{refused:?}");
                    ToolResult {
                        call_id: call.id.clone(),
                        invocation_id: None,
                        name: call.name.clone(),
                        content: endpoint(&call.name, &arguments).to_value(),
                    }
                })
                .collect::<Vec<_>>()
                .into();
            prompt.entries.push(Entry::Agent {
                text: answer.text.into(),
                calls: answer.calls.into(),
            });
            prompt.entries.push(Entry::Results { results });
            answer = respond(&prompt);
        }
        assert!(answer.calls.is_empty(), "calls again after the results");
        transcript += &format!("{}\n", answer.text);
        prompt.entries.push(Entry::Agent {
            text: answer.text.into(),
            calls: Cow::default(),
        });
    }
    transcript
}

fn tool(name: &str, display_name: &str, description: &str, parameters: Value) -> Tool {
    Tool {
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        description: description.to_owned(),
        parameters,
        examples: Vec::new(),
    }
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn success(result: Value) -> Report {
    Report::succeeded(Some(&result), None)
}
