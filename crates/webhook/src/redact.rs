//! Secrets of a call that its endpoint sends back are taken out before anyone sees the response.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// What stands in the place of a secret.
pub const REDACTED: &str = "[redacted]";

/// A part of a header value at least this long is a secret by itself (the token of `Bearer token`),
/// and long enough that its other spellings are no chance.
const PART_CHARS: usize = 8;
/// A whole value shorter than this is no secret, and replacing it would garble everything else.
const WHOLE_CHARS: usize = 4;

/// The secrets of one call.
pub struct Redactor {
    secrets: Vec<Zeroizing<String>>,
    /// Every way the secrets are looked for; longest first, so that a secret goes before its own parts.
    spellings: Vec<Zeroizing<String>>,
}

impl Redactor {
    /// Takes these out.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets: Vec<Zeroizing<String>> = Vec::new();
        let mut add = |text: &str, at_least: usize| {
            let known = secrets.iter().any(|known| known.as_str() == text);
            if text.chars().count() >= at_least && !known {
                secrets.push(Zeroizing::new(text.to_owned()));
            }
        };
        for value in values {
            add(value.trim(), WHOLE_CHARS);
            for part in value.split_whitespace() {
                add(part, PART_CHARS);
            }
            if let Some(credentials) = basic_credentials(value) {
                add(&credentials, PART_CHARS);
                if let Some((_, password)) = credentials.split_once(':') {
                    add(password, PART_CHARS);
                }
            }
        }
        let mut spellings: Vec<_> = secrets.iter().flat_map(|s| spellings(s)).collect();
        spellings.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        spellings.dedup();
        Self { secrets, spellings }
    }

    /// Replaces every secret in a piece of text, also where it is spelled with JSON's escapes, in
    /// base64, in hex or percent-encoded.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for spelling in &self.spellings {
            if text.contains(spelling.as_str()) {
                text = text.replace(spelling.as_str(), REDACTED);
            }
        }
        self.percent_encoded(text)
    }

    /// Replaces secrets some characters of which are percent-encoded. Senders differ in which ones, so
    /// the text is decoded and searched, and what is found is cut out of the original.
    fn percent_encoded(&self, mut text: String) -> String {
        if !text.contains('%') {
            return text;
        }
        for secret in &self.secrets {
            let (decoded, starts) = percent_decoded(&text);
            let found: Vec<Range<usize>> = decoded
                .match_indices(secret.as_str())
                .map(|(at, _)| starts[at]..starts[at + secret.len()])
                .collect();
            for range in found.into_iter().rev() {
                text.replace_range(range, REDACTED);
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

    /// The same for a body that did not come to its end: it may have broken off inside a secret.
    pub(crate) fn cut_body(&self, text: &str) -> String {
        let mut text = self.body(text);
        let tail = self.spellings.iter().find_map(|spelling| {
            (PART_CHARS..spelling.len())
                .rev()
                .filter_map(|len| spelling.get(..len))
                .find(|start| text.ends_with(start))
        });
        if let Some(tail) = tail {
            text.truncate(text.len() - tail.len());
            text.push_str(REDACTED);
        }
        text
    }

    /// Replaces every secret in the strings and keys of a parsed value.
    pub fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(map) => Value::Object(
                map.into_iter()
                    .map(|(key, item)| (self.text(&key), self.value(item)))
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
}

/// The user and password of an `Authorization: Basic` value (RFC 7617 §2).
fn basic_credentials(value: &str) -> Option<Zeroizing<String>> {
    let (scheme, encoded) = value.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    String::from_utf8(decoded).ok().map(Zeroizing::new)
}

/// The secret itself and the ways in which a program that echoes it may write it.
fn spellings(secret: &str) -> Vec<Zeroizing<String>> {
    let mut spellings = vec![secret.to_owned()];
    if secret.contains(|c: char| matches!(c, '"' | '\\') || c.is_ascii_control()) {
        let quoted = Zeroizing::new(Value::String(secret.to_owned()).to_string());
        spellings.push(quoted[1..quoted.len() - 1].to_owned());
    }
    if secret.chars().count() >= PART_CHARS {
        spellings.push(hex(secret, b"0123456789abcdef"));
        spellings.push(hex(secret, b"0123456789ABCDEF"));
        for before in 0..3 {
            let standard = inside_base64(secret, before);
            // The alphabet for URLs (RFC 4648 §5) differs in two characters.
            if standard.contains(['+', '/']) {
                spellings.push(for_urls(&standard));
            }
            spellings.push(standard);
        }
    }
    spellings.into_iter().map(Zeroizing::new).collect()
}

fn hex(secret: &str, digits: &[u8; 16]) -> String {
    let digit = |half: u8| char::from(digits[usize::from(half)]);
    // With all its room from the start: one that moved would leave a copy behind.
    let mut text = String::with_capacity(2 * secret.len());
    text.extend(
        secret
            .bytes()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]),
    );
    text
}

fn for_urls(base64: &str) -> String {
    let mut text = String::with_capacity(base64.len());
    text.extend(base64.chars().map(|c| match c {
        '+' => '-',
        '/' => '_',
        c => c,
    }));
    text
}

/// The characters that a secret alone decides in the base64 of a longer text (RFC 4648 §4), where
/// `before` bytes of its first group of three belong to what stands before it.
fn inside_base64(secret: &str, before: usize) -> String {
    let mut bytes = Zeroizing::new(Vec::with_capacity(before + secret.len()));
    bytes.resize(before, 0);
    bytes.extend_from_slice(secret.as_bytes());
    let whole = Zeroizing::new(STANDARD.encode(&*bytes));
    let first = (before * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    whole[first..end].to_owned()
}

/// The text with its percent-encoded ASCII decoded (RFC 3986 §2.1), and where in the original each
/// byte of it begins; one more entry says where the text ends.
fn percent_decoded(text: &str) -> (Zeroizing<String>, Vec<usize>) {
    let mut decoded = Zeroizing::new(String::with_capacity(text.len()));
    let mut starts = Vec::with_capacity(text.len() + 1);
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        let code = text
            .get(at + 1..at + 3)
            .filter(|digits| c == '%' && digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(u8::is_ascii);
        if let Some(code) = code {
            decoded.push(char::from(code));
            starts.push(at);
            rest.nth(1);
        } else {
            decoded.push(c);
            starts.extend(at..at + c.len_utf8());
        }
    }
    starts.push(text.len());
    (decoded, starts)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE;
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

    #[test]
    fn base64_is_found_wherever_the_secret_stands_in_it() {
        let redactor = Redactor::new(["p@ss>word?12345"]);
        for before in ["", "u", "u:", "user:", "{\"key\":\""] {
            for after in ["", "\"", "\"}", " and more"] {
                let text = format!("{before}p@ss>word?12345{after}");
                for encoded in [STANDARD.encode(&text), URL_SAFE.encode(&text)] {
                    let shown = redactor.text(&format!("got {encoded}."));
                    assert!(shown.contains(REDACTED), "{shown}");
                    assert!(!shown.contains(&encoded[8..16]), "{shown}");
                }
            }
        }
    }

    #[test]
    fn hex_and_percent_encoding_are_found() {
        let redactor = Redactor::new(["a+b/c d=ef"]);
        for (text, clean) in [
            ("612b622f6320643d6566", REDACTED),
            ("612B622F6320643D6566", REDACTED),
            ("?k=a%2Bb%2Fc%20d%3Def&x=%41", "?k=[redacted]&x=%41"),
            ("a%2bb/c%20d=ef, a+b%2fc d=%65f", "[redacted], [redacted]"),
            ("100%, %zz, %é, %", "100%, %zz, %é, %"),
        ] {
            assert_eq!(redactor.text(text), clean);
        }
    }

    #[test]
    fn json_inside_json_is_searched() {
        let redactor = Redactor::new(["top\"secret"]);
        let inner = json!({"key": "top\"secret"}).to_string();
        assert_eq!(
            redactor.body(&json!({ "log": inner }).to_string()),
            json!({"log": r#"{"key":"[redacted]"}"#}).to_string()
        );
    }

    #[test]
    fn a_password_is_found_outside_its_basic_credentials() {
        let redactor = Redactor::new(["Basic dXNlcjpodW50ZXIyaHVudGVyMg=="]);
        assert_eq!(
            redactor.text("user with hunter2hunter2"),
            "user with [redacted]"
        );
    }

    #[test]
    fn a_body_that_breaks_off_inside_a_secret_shows_none_of_it() {
        let redactor = Redactor::new(["Bearer sk_live_12345678"]);
        for cut in ["got Bearer sk_live_1234", "got Bearer s"] {
            assert_eq!(redactor.cut_body(cut), "got [redacted]");
        }
        assert_eq!(redactor.cut_body("got Bear"), "got Bear");
    }
}
