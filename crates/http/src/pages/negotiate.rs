//! What the browser can read and what it already has (RFC 9110 §12.5.3, §13.1.2).

use axum::http::{HeaderMap, header};

use super::files::Coding;

/// The forms that the browser takes, the best first. Plain text comes last, whatever is said of it:
/// an answer in a form that was not asked for is of more use than none.
pub(super) fn accepted(headers: &HeaderMap) -> Vec<Coding> {
    let mut given: Vec<(String, bool)> = Vec::new();
    for value in headers.get_all(header::ACCEPT_ENCODING) {
        for item in value.to_str().unwrap_or_default().split(',') {
            let mut parts = item.split(';');
            let name = parts.next().unwrap_or_default().trim();
            let refused = parts.any(|part| {
                part.trim()
                    .strip_prefix(['q', 'Q'])
                    .and_then(|rest| rest.trim_start().strip_prefix('='))
                    .and_then(|weight| weight.trim().parse::<f32>().ok())
                    .is_some_and(|weight| weight <= 0.0)
            });
            given.push((name.to_ascii_lowercase(), !refused));
        }
    }
    let says = |name: &str| {
        given
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, yes)| *yes)
    };
    let takes = |coding: &Coding| {
        *coding == Coding::Identity || says(coding.name()).or_else(|| says("*")).unwrap_or(false)
    };
    Coding::ALL.into_iter().filter(takes).collect()
}

/// Whether the browser has what this tag names.
pub(super) fn has(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .map(|given| given.trim())
        .any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(name: header::HeaderName, values: &[&'static str]) -> HeaderMap {
        let values = values
            .iter()
            .map(|v| (name.clone(), HeaderValue::from_static(v)));
        values.fold(HeaderMap::new(), |mut all, (name, value)| {
            all.append(name, value);
            all
        })
    }

    fn names(values: &[&'static str]) -> Vec<&'static str> {
        let accepted = accepted(&with(header::ACCEPT_ENCODING, values));
        accepted.into_iter().map(Coding::name).collect()
    }

    #[test]
    fn the_best_form_that_is_taken_comes_first() {
        assert_eq!(names(&[]), ["identity"]);
        assert_eq!(
            names(&["gzip, deflate, br, zstd"]),
            ["br", "gzip", "identity"]
        );
        assert_eq!(names(&["GZIP"]), ["gzip", "identity"]);
        assert_eq!(names(&["deflate", "br;q=0.5"]), ["br", "identity"]);
        assert_eq!(names(&["*"]), ["br", "gzip", "identity"]);
    }

    #[test]
    fn a_form_that_is_refused_is_not_sent() {
        assert_eq!(names(&["br;q=0, gzip"]), ["gzip", "identity"]);
        assert_eq!(names(&["*, br; Q = 0.000"]), ["gzip", "identity"]);
        assert_eq!(names(&["*;q=0"]), ["identity"]);
        assert_eq!(names(&["", "identity;q=0"]), ["identity"]);
    }

    #[test]
    fn a_tag_is_found_among_others() {
        let has = |values: &[&'static str]| has(&with(header::IF_NONE_MATCH, values), "\"a-br\"");
        for values in [
            &["\"a-br\""][..],
            &["W/\"a-br\""],
            &["*"],
            &["\"b\" , \"a-br\""],
            &["\"b\"", "\"a-br\""],
        ] {
            assert!(has(values), "{values:?}");
        }
        for values in [&[][..], &["\"a\""], &["a-br"], &["\"a-br"]] {
            assert!(!has(values), "{values:?}");
        }
    }
}
