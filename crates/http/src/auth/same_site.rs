//! Requests that another site makes a browser send with our cookie (CSRF) are refused: by
//! `Sec-Fetch-Site` where the browser sends it, otherwise by `Origin`.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use deskhand_service::Service;

use crate::problem::{Problem, Result};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what changes something and does not come from our own pages.
pub(crate) fn check(parts: &Parts, service: &Service) -> Result<()> {
    if is_safe(&parts.method) || is_own(&parts.headers, service.public_url()) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "cross_site",
        format!(
            "This can only be done from Deskhand's own pages. Programs use an API key, or send \
             `Origin: {}`.",
            service.public_url()
        ),
    ))
}

/// Methods that change nothing.
pub(crate) fn is_safe(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
}

fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let sites: Vec<_> = headers.get_all(SEC_FETCH_SITE).iter().collect();
    if !sites.is_empty() {
        return sites
            .iter()
            .all(|site| *site == "same-origin" || *site == "none");
    }
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return false;
    };
    let Some((_, authority)) = origin.to_str().ok().and_then(split) else {
        return false;
    };
    let public = split(public_url);
    let same = public.is_some() && origin.to_str().ok().and_then(split) == public;
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    same || host.is_some_and(|host| {
        // The scheme by which we were reached is not known for sure; the default ports are.
        ["http", "https"]
            .iter()
            .any(|scheme| without_default_port(scheme, host) == authority)
    })
}

/// An origin's scheme and authority, as they are compared.
fn split(origin: &str) -> Option<(String, String)> {
    let (scheme, authority) = origin.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let fits = ["http", "https"].contains(&scheme.as_str())
        && !authority.is_empty()
        && !authority.contains(['/', '?', '#', '@']);
    fits.then(|| {
        let authority = without_default_port(&scheme, authority);
        (scheme, authority)
    })
}

fn without_default_port(scheme: &str, authority: &str) -> String {
    let port = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.to_ascii_lowercase();
    match authority.strip_suffix(port) {
        // `[::80]` ends in no port.
        Some(host) if !host.is_empty() && (!host.contains(':') || host.ends_with(']')) => {
            host.to_owned()
        }
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn own(public_url: &str, headers: &[(HeaderName, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        is_own(&map, public_url)
    }

    const PUBLIC: &str = "https://desk.example.com";

    #[test]
    fn what_the_browser_says_of_the_site_counts_first() {
        let evil = (header::ORIGIN, "https://evil.example");
        for (site, fine) in [
            ("same-origin", true),
            ("none", true),
            ("same-site", false),
            ("cross-site", false),
            ("", false),
            ("same-origin, cross-site", false),
        ] {
            let headers = [(SEC_FETCH_SITE, site), evil.clone()];
            assert_eq!(own(PUBLIC, &headers), fine, "{site}");
        }
        let both = [
            (SEC_FETCH_SITE, "same-origin"),
            (SEC_FETCH_SITE, "cross-site"),
        ];
        assert!(!own(PUBLIC, &both));
        let own_origin = (header::ORIGIN, PUBLIC);
        assert!(!own(PUBLIC, &[(SEC_FETCH_SITE, "cross-site"), own_origin]));
    }

    #[test]
    fn otherwise_the_origin_is_the_public_one_or_the_host() {
        for (origin, host, fine) in [
            ("https://desk.example.com", "10.0.0.5:8080", true),
            ("https://DESK.example.com:443", "10.0.0.5:8080", true),
            ("http://localhost:8080", "localhost:8080", true),
            ("http://localhost", "localhost:80", true),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("http://desk.example.com", "10.0.0.5:8080", false),
            ("https://desk.example.com:8443", "10.0.0.5:8080", false),
            ("https://desk.example.com.evil.example", "10.0.0.5", false),
            ("https://evil.example", "desk.example.com", false),
            ("https://evil.example/desk.example.com", "x", false),
            ("https://x@desk.example.com", "x", false),
            ("http://localhost:8081", "localhost:8080", false),
            ("null", "localhost:8080", false),
            ("", "localhost:8080", false),
        ] {
            let headers = [(header::ORIGIN, origin), (header::HOST, host)];
            assert_eq!(own(PUBLIC, &headers), fine, "{origin} to {host}");
        }
    }

    #[test]
    fn without_either_it_may_be_anybodys() {
        assert!(!own(PUBLIC, &[(header::HOST, "desk.example.com")]));
        let two = [
            (header::ORIGIN, PUBLIC),
            (header::ORIGIN, "https://evil.example"),
        ];
        assert!(!own(PUBLIC, &two));
    }

    proptest! {
        #[test]
        fn no_other_site_passes(host in "[a-z.]{1,12}", port in 1u16.., scheme in "https?") {
            prop_assume!(host != "desk.example.com");
            let origin = format!("{scheme}://{host}:{port}");
            let headers = [(header::ORIGIN, origin.as_str()), (header::HOST, "desk.example.com")];
            prop_assert!(!own(PUBLIC, &headers));
        }
    }
}
