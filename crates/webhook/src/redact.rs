//! Secrets of a call that its endpoint sends back are taken out before anyone sees the response.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// What stands in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// A part of a header value at least this long is a secret by itself (the token of `Bearer token`).
const PART_CHARS: usize = 8;
/// A whole value shorter than this is no secret, and replacing it would garble everything else.
const WHOLE_CHARS: usize = 4;

/// The secrets of one call.
pub(crate) struct Redactor {
    /// Longest first, so that a secret goes before its own parts.
    secrets: Vec<Zeroizing<String>>,
}

impl Redactor {
    pub(crate) fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets: Vec<Zeroizing<String>> = Vec::new();
        for value in values {
            let whole = Some(value.trim()).filter(|text| text.chars().count() >= WHOLE_CHARS);
            let parts = value
                .split_whitespace()
                .filter(|part| part.chars().count() >= PART_CHARS);
            for secret in whole.into_iter().chain(parts) {
                if !secrets.iter().any(|known| known.as_str() == secret) {
                    secrets.push(Zeroizing::new(secret.to_owned()));
                }
            }
        }
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets }
    }

    /// Replaces every secret in a piece of text, also where it is spelled with JSON's escapes.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = self.plain(text);
        for secret in &self.secrets {
            let quoted = Zeroizing::new(Value::String(secret.to_string()).to_string());
            let escaped = quoted.trim_matches('"');
            if escaped != secret.as_str() {
                text = text.replace(escaped, REDACTED);
            }
        }
        text
    }

    /// Replaces every secret in a response body. One that hides behind escapes of any other kind is
    /// found by parsing; then the body is written anew.
    pub(crate) fn body(&self, text: &str) -> String {
        let text = self.text(text);
        if self.secrets.is_empty() || !text.contains('\\') {
            return text;
        }
        match serde_json::from_str::<Value>(&text) {
            Ok(value) => {
                let clean = self.value(value.clone());
                if clean == value {
                    text
                } else {
                    clean.to_string()
                }
            }
            Err(_) => text,
        }
    }

    /// Replaces every secret in the strings and keys of a parsed value.
    pub(crate) fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.plain(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(map) => Value::Object(
                map.into_iter()
                    .map(|(key, item)| (self.plain(&key), self.value(item)))
                    .collect::<Map<_, _>>(),
            ),
            // A secret of digits may come back as a number.
            Value::Number(number)
                if self
                    .secrets
                    .iter()
                    .any(|s| s.as_str() == number.to_string()) =>
            {
                Value::String(REDACTED.to_owned())
            }
            other => other,
        }
    }

    pub(crate) fn plain(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), REDACTED);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_whole_value_and_its_long_parts_are_taken_out() {
        let redactor = Redactor::new(["Bearer sk_live_12345678"]);
        assert_eq!(
            redactor.text("got Bearer sk_live_12345678."),
            "got [redacted]."
        );
        assert_eq!(
            redactor.text("got sk_live_12345678, Bearer"),
            "got [redacted], Bearer"
        );
    }

    #[test]
    fn escaped_spellings_are_found() {
        let redactor = Redactor::new(["p\"a\\ss/word"]);
        assert_eq!(
            redactor.body(r#"{"a":"p\"a\\ss/word"}"#),
            r#"{"a":"[redacted]"}"#
        );
        assert_eq!(
            redactor.body(r#"{"a":"\u0070\"a\\ss\/word"}"#),
            r#"{"a":"[redacted]"}"#
        );
    }

    #[test]
    fn keys_leaves_and_numbers_of_a_value_are_cleaned() {
        let redactor = Redactor::new(["12345678", "topsecret"]);
        let clean =
            redactor.value(json!({"topsecret": ["xtopsecretx", 12_345_678, 7, true, null]}));
        assert_eq!(
            clean,
            json!({"[redacted]": ["x[redacted]x", "[redacted]", 7, true, null]})
        );
    }

    #[test]
    fn short_values_do_not_garble_the_rest() {
        assert_eq!(Redactor::new(["a", ""]).text("banana"), "banana");
    }
}
