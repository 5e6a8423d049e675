//! How much a model reads at once, and cutting a prompt down to it (PRODUCT §6): by whole turns, oldest
//! first, never a call without its result.

use std::borrow::Cow;

use deskhand_domain::limits::MODEL_ANSWER_TOKENS;
use deskhand_domain::prompt::{Entry, Prompt, Tool};
use deskhand_domain::report;
use serde_json::{Number, Value};

/// Bytes that a token is counted at. English has more to a token, most other languages do too; too
/// few only trims a little earlier.
pub const BYTES_PER_TOKEN: usize = 3;
/// The most that is ever used of a window: more of an old conversation costs and helps little.
pub const LARGEST_WINDOW_TOKENS: usize = 200_000;
/// The window of a model of which nothing is known.
pub const UNKNOWN_WINDOW_TOKENS: usize = 8_192;
/// What Ollama gives a model, whatever it could take, unless its operator says otherwise. It leaves
/// out the beginning of longer prompts, with the instructions, without a word.
const OLLAMA_WINDOW_TOKENS: usize = 4_096;
/// Not bound by anything but the time it takes to read.
pub(crate) const BUILTIN_WINDOW_TOKENS: usize = 20_000;

/// What a message costs beside its words: its role, the ids of its calls.
const ENTRY_BYTES: usize = 24;
/// What a call or result costs beside its words.
const CALL_BYTES: usize = 64;
/// A result is not shortened to less than this.
const RESULT_BYTES: usize = 256;

/// Windows by the beginning of a model's name, in tokens; the longest beginning that fits counts.
/// Models whose weights are open are served with less than they could take.
const WINDOWS: &[(&str, usize)] = &[
    ("claude", 200_000),
    ("chatgpt-4o", 128_000),
    ("gpt-3.5", 16_385),
    ("gpt-4", 8_192),
    ("gpt-4-0125", 128_000),
    ("gpt-4-1106", 128_000),
    ("gpt-4-32k", 32_768),
    ("gpt-4-turbo", 128_000),
    ("gpt-4.1", 1_000_000),
    ("gpt-4.5", 128_000),
    ("gpt-4o", 128_000),
    ("gpt-5", 272_000),
    ("o1", 200_000),
    ("o1-mini", 128_000),
    ("o3", 200_000),
    ("o4", 200_000),
    ("gemini", 1_000_000),
    ("gemini-1.0", 32_000),
    ("gemini-pro", 32_000),
    ("grok", 131_072),
    ("command-r", 128_000),
    ("command-a", 256_000),
    ("mistral-large", 128_000),
    ("deepseek", 64_000),
    ("kimi", 128_000),
    ("glm-4", 32_768),
    ("gpt-oss", 32_768),
    ("llama-3.1", 32_768),
    ("llama-3.2", 32_768),
    ("llama-3.3", 32_768),
    ("llama-4", 32_768),
    ("ministral", 32_768),
    ("mistral", 32_768),
    ("mixtral", 32_768),
    ("qwen", 32_768),
];

/// The window of a provider's model, in tokens. Organisations and marks of fine-tuning before its
/// name are passed over: `meta-llama/Llama-3.1-8B`, `ft:gpt-4o:…`.
pub(crate) fn window_tokens(provider: &str, model: &str) -> usize {
    if provider == "ollama" {
        return OLLAMA_WINDOW_TOKENS;
    }
    let name = model.to_ascii_lowercase();
    let name = name.strip_prefix("ft:").unwrap_or(&name);
    let name = name.rsplit('/').next().unwrap_or(name);
    WINDOWS
        .iter()
        .filter(|(beginning, _)| name.starts_with(beginning))
        .max_by_key(|(beginning, _)| beginning.len())
        .map_or(UNKNOWN_WINDOW_TOKENS, |(_, tokens)| *tokens)
        .min(LARGEST_WINDOW_TOKENS)
}

/// The prompt as far as it fits into a window, with room for the answer: whole turns are left out,
/// oldest first. The newest turn stays, whatever its size; if it alone is too large, the results in
/// it are shortened, and say so.
pub fn fit<'p>(prompt: &'p Prompt<'p>, window_tokens: usize) -> Cow<'p, Prompt<'p>> {
    let budget = entries_budget(prompt, window_tokens);
    let sizes: Vec<usize> = prompt.entries.iter().map(entry_bytes).collect();
    if sizes.iter().sum::<usize>() <= budget {
        return Cow::Borrowed(prompt);
    }
    let mut kept = newest_turn(&prompt.entries);
    let mut size: usize = sizes[kept..].iter().sum();
    let mut at = kept;
    while at > 0 {
        at -= 1;
        size += sizes[at];
        if size > budget {
            break;
        }
        if at == 0 || matches!(prompt.entries[at], Entry::Customer { .. }) {
            kept = at;
        }
    }
    let mut entries = prompt.entries[kept..].to_vec();
    let size: usize = sizes[kept..].iter().sum();
    if size > budget {
        shorten_results(&mut entries, size - budget);
    }
    Cow::Owned(Prompt {
        instructions: prompt.instructions.clone(),
        entries,
        tools: prompt.tools.clone(),
    })
}

/// What is left for the conversation, in bytes, beside instructions, tools and the answer.
fn entries_budget(prompt: &Prompt<'_>, window_tokens: usize) -> usize {
    let answer = (MODEL_ANSWER_TOKENS as usize).min(window_tokens / 4);
    let tools: usize = prompt.tools.iter().map(|tool| tool_bytes(tool)).sum();
    ((window_tokens - answer) * BYTES_PER_TOKEN)
        .saturating_sub(prompt.instructions.len() + ENTRY_BYTES + tools)
}

/// Where the newest turn begins. Every message of the customer's begins one.
fn newest_turn(entries: &[Entry<'_>]) -> usize {
    entries
        .iter()
        .rposition(|entry| matches!(entry, Entry::Customer { .. }))
        .unwrap_or(0)
}

fn tool_bytes(tool: &Tool) -> usize {
    let examples: usize = tool.examples.iter().map(|example| example.len() + 4).sum();
    tool.name.len() + tool.description.len() + examples + json_bytes(&tool.parameters) + CALL_BYTES
}

fn entry_bytes(entry: &Entry<'_>) -> usize {
    let inside = match entry {
        Entry::Customer { text } => text.len(),
        Entry::Agent { text, calls } => {
            let calls: usize = calls
                .iter()
                .map(|call| call.name.len() + call.arguments.len() + CALL_BYTES)
                .sum();
            text.len() + calls
        }
        Entry::Results { results } => results
            .iter()
            .map(|result| json_bytes(&result.content) + CALL_BYTES)
            .sum(),
    };
    inside + ENTRY_BYTES
}

/// The length of a value as JSON, which is not written for it.
pub fn json_bytes(value: &Value) -> usize {
    let list = |items: usize, inside: usize| 2 + items.saturating_sub(1) + inside;
    match value {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => number_bytes(number),
        Value::String(text) => string_bytes(text),
        Value::Array(items) => list(items.len(), items.iter().map(json_bytes).sum()),
        Value::Object(fields) => {
            let inside = fields
                .iter()
                .map(|(name, value)| string_bytes(name) + 1 + json_bytes(value));
            list(fields.len(), inside.sum())
        }
    }
}

fn number_bytes(number: &Number) -> usize {
    let digits = |number: u64| number.checked_ilog10().map_or(1, |log| log as usize + 1);
    match (number.as_u64(), number.as_i64()) {
        (Some(natural), _) => digits(natural),
        (None, Some(negative)) => digits(negative.unsigned_abs()) + 1,
        (None, None) => number.to_string().len(),
    }
}

/// The length of a string as JSON (RFC 8259 section 7): what has to be escaped takes two characters where
/// there is a short form, six where there is none.
fn string_bytes(text: &str) -> usize {
    let more = text
        .bytes()
        .map(|byte| usize::from(ESCAPES[usize::from(byte)]));
    text.len() + 2 + more.sum::<usize>()
}

/// What each byte takes more where it is escaped.
const ESCAPES: [u8; 256] = {
    let mut more = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        more[byte] = match byte as u8 {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 1,
            0..=31 => 5,
            _ => 0,
        };
        byte += 1;
    }
    more
};

/// Takes so many bytes out of the results, from each its share.
fn shorten_results(entries: &mut [Entry<'_>], over: usize) {
    let mut results: Vec<(usize, &mut Value)> = entries
        .iter_mut()
        .filter_map(|entry| match entry {
            Entry::Results { results } => Some(results.to_mut()),
            _ => None,
        })
        .flatten()
        .map(|result| &mut result.content)
        .filter_map(|content| {
            let size = json_bytes(content.get("result")?);
            (size > RESULT_BYTES).then_some((size, content))
        })
        .collect();
    let total: usize = results.iter().map(|(size, _)| size).sum();
    // What each of them will say about it takes room too.
    let over = over + results.len() * CALL_BYTES;
    for (size, content) in &mut results {
        let share = size.saturating_mul(over).div_ceil(total);
        shorten(content, size.saturating_sub(share).max(RESULT_BYTES));
    }
}

fn shorten(content: &mut Value, bytes: usize) {
    let Some(report) = content.as_object_mut() else {
        return;
    };
    let Some(result) = report.get_mut("result") else {
        return;
    };
    let (kept, left_out) = report::cut(result.take(), bytes);
    *result = kept;
    let before = report.get("left_out_bytes").and_then(Value::as_u64);
    let left_out = u64::try_from(left_out).unwrap_or(u64::MAX);
    report.insert(
        "left_out_bytes".to_owned(),
        Value::from(before.unwrap_or(0).saturating_add(left_out)),
    );
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
