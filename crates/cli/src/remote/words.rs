//! Invocations in words, from the API's JSON. Text from elsewhere may hold control characters; none
//! reaches the terminal.

use serde_json::Value;

use crate::terminal::Style;

/// A text without control characters, on one line.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// The same with its line breaks kept.
pub(crate) fn plain_lines(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
        .collect()
}

/// A text field, empty where there is none.
pub(crate) fn text(of: &Value, field: &str) -> String {
    plain(of[field].as_str().unwrap_or_default())
}

/// `order_number=ORD-12345`.
pub(crate) fn parameters(invocation: &Value) -> String {
    let all = invocation["parameters"].as_object();
    let all = all.into_iter().flatten().map(|(name, value)| match value {
        Value::String(value) => plain(&format!("{name}={value}")),
        other => plain(&format!("{name}={other}")),
    });
    all.collect::<Vec<_>>().join(" ")
}

/// `succeeded in 41 ms`, or `failed (timeout) in 30000 ms`.
pub(crate) fn outcome(invocation: &Value) -> String {
    let mut words = text(invocation, "status");
    if let Some(code) = invocation["failure"]["code"].as_str() {
        words.push_str(&format!(" ({})", plain(code)));
    }
    if let Some(ms) = invocation["duration_ms"].as_u64() {
        words.push_str(&format!(" in {ms} ms"));
    }
    words
}

/// How an outcome looks.
pub(crate) fn style(invocation: &Value) -> Style {
    match invocation["status"].as_str() {
        Some("succeeded" | "completed") => Style::Good,
        Some("failed") => Style::Bad,
        Some("declined" | "cancelled") => Style::Faint,
        _ => Style::Doubtful,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_invocation_reads_well() {
        let call = json!({
            "status": "failed",
            "failure": {"code": "timeout"},
            "duration_ms": 30000,
            "parameters": {"order_number": "ORD-1", "count": 2},
        });
        assert_eq!(outcome(&call), "failed (timeout) in 30000 ms");
        assert_eq!(parameters(&call), "order_number=ORD-1 count=2");
    }

    #[test]
    fn no_control_character_reaches_the_terminal() {
        let call = json!({"status": "\u{1b}[2Jsucceeded", "parameters": {"a": "\u{7}\r\n"}});
        let shown = outcome(&call) + &parameters(&call) + &plain_lines("a\u{9b}b");
        assert!(!shown.chars().any(char::is_control));
        assert_eq!(plain_lines("a\nb"), "a\nb");
    }
}
