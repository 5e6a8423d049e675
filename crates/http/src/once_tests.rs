//! Reading the header.

use proptest::prelude::*;

use super::*;

fn key(value: &str) -> Option<String> {
    let mut headers = HeaderMap::new();
    headers.insert(HEADER, HeaderValue::from_str(value).unwrap());
    read(&headers).ok().flatten()
}

#[test]
fn none_is_none() {
    assert_eq!(read(&HeaderMap::new()), Ok(None));
}

#[test]
fn quoted_and_bare_are_the_same_key() {
    assert_eq!(key("\"abc-1\"").as_deref(), Some("abc-1"));
    assert_eq!(key("abc-1").as_deref(), Some("abc-1"));
    assert_eq!(key("  abc-1 ").as_deref(), Some("abc-1"));
}

#[test]
fn escapes_are_undone() {
    assert_eq!(key(r#""a\"b\\c""#).as_deref(), Some(r#"a"b\c"#));
}

#[test]
fn what_is_no_key_is_refused() {
    let long = "k".repeat(256);
    for value in [
        "",
        " ",
        "\"\"",
        "\"",
        "\"abc",
        "\"a\"b",
        "\"a\";p=1",
        r#""a\b""#,
        "a b",
        "\"a b\"",
        "a\tb",
        "é",
        &long,
    ] {
        assert_eq!(key(value), None, "{value:?}");
    }
    assert!(key(&long[1..]).is_some());
}

#[test]
fn two_keys_are_none() {
    let mut headers = HeaderMap::new();
    headers.append(HEADER, HeaderValue::from_static("a"));
    headers.append(HEADER, HeaderValue::from_static("a"));
    assert!(read(&headers).is_err());
}

proptest! {
    #[test]
    fn what_is_quoted_comes_back(text in "[!-~]{1,255}") {
        let quoted = format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""));
        prop_assert_eq!(key(&quoted), Some(text));
    }

    #[test]
    fn nothing_else_gets_through(value in "[ -~]{0,300}") {
        if let Some(key) = key(&value) {
            prop_assert!((1..=255).contains(&key.len()));
            prop_assert!(key.bytes().all(|b| b.is_ascii_graphic()));
        }
    }
}
