//! The pages of the dashboard and the widget: everything that is asked for and is no route of the
//! API. They are no part of its description.

mod files;
mod negotiate;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use deskhand_service::Service;
use sha2::{Digest, Sha256};

use self::files::Coding;
pub use self::files::Pages;
use crate::problem::{Problem, Result};

/// What stands where the dashboard would, in a build without it.
const NOT_BUILT: &str = include_str!("not_built.html");

/// The dashboard loads its own scripts and speaks to its own server, and nobody may frame it. Its
/// components set sizes and colours in style elements, so styles are not bound to files.
const DASHBOARD_POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
     manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
     object-src 'none'";

/// The page of the widget sets colours through the style objects of its elements, so its styles are
/// bound to files. Who may frame it is added.
const FRAME_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
     form-action 'none'; object-src 'none'; frame-ancestors";

/// A page without scripts.
const PLAIN_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/// Names change with what is in these files.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Asked about each time, and answered with 304 as long as it is the same.
const ASK_AGAIN: &str = "no-cache";
/// The loader and icons: names that stay while what they stand for may change.
const FOR_MINUTES: &str = "public, max-age=300";

/// A file that can be asked for, and how it is sent.
struct Found {
    /// `<package>/<path>`.
    name: String,
    cache: &'static str,
    policy: Option<HeaderValue>,
}

/// Answers what no route is for.
pub(crate) async fn answer(
    pages: &Pages,
    service: &Service,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response> {
    let path = uri.path();
    if is_of_the_api(path) {
        return Err(crate::routes::nothing_here().await);
    }
    if method != Method::GET && method != Method::HEAD {
        let mut refused = crate::routes::wrong_method().await.into_response();
        let allowed = HeaderValue::from_static("GET, HEAD");
        refused.headers_mut().insert(header::ALLOW, allowed);
        return Ok(refused);
    }
    let found = match path {
        "/widget/frame" => Some(frame(service, uri.query()).await?),
        path => look_up(path),
    };
    if let Some(found) = &found
        && let Some(response) = send(pages, found, headers).await
    {
        return Ok(response);
    }
    match found {
        Some(found) if found.name == "dashboard/index.html" => Ok(not_built()),
        _ => Err(crate::routes::nothing_here().await),
    }
}

/// Whether a path leads to the API however it is written: programs that ask there are not to be answered
/// with a page.
fn is_of_the_api(path: &str) -> bool {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.first() == Some(&"v1")
}

/// The page of an agent's widget, which only pages of the owner's origins may frame.
async fn frame(service: &Service, query: Option<&str>) -> Result<Found> {
    let agent = query
        .unwrap_or_default()
        .split('&')
        .find_map(|pair| pair.strip_prefix("agent="));
    let origins = match agent {
        Some(agent) => service.widget_ancestors(agent).await?,
        None => return Err(crate::routes::nothing_here().await),
    };
    let framed_by = match origins.is_empty() {
        true => "'none'".to_owned(),
        false => origins.join(" "),
    };
    let policy = HeaderValue::try_from(format!("{FRAME_POLICY} {framed_by}"))
        .map_err(|error| Problem::internal(&format!("an origin: {error}")))?;
    Ok(Found {
        name: "widget/frame.html".to_owned(),
        cache: ASK_AGAIN,
        policy: Some(policy),
    })
}

/// What a path stands for. A path without a dot in its last part is a page of the dashboard, which
/// finds its own way from there.
fn look_up(path: &str) -> Option<Found> {
    let path = path.strip_prefix('/')?;
    let asset = |name: String| Found {
        name,
        cache: FOR_EVER,
        policy: None,
    };
    if path.starts_with("assets/") {
        return Some(asset(format!("dashboard/{path}")));
    }
    if let Some(rest) = path.strip_prefix("widget/") {
        return rest
            .starts_with("assets/")
            .then(|| asset(format!("widget/{rest}")));
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    if path == "index.html" || !last.contains('.') {
        return Some(Found {
            name: "dashboard/index.html".to_owned(),
            cache: ASK_AGAIN,
            policy: Some(HeaderValue::from_static(DASHBOARD_POLICY)),
        });
    }
    let package = match path {
        "widget.js" => "widget",
        _ => "dashboard",
    };
    Some(Found {
        name: format!("{package}/{path}"),
        cache: FOR_MINUTES,
        policy: None,
    })
}

/// A file in the best form that the browser takes; `None` if it is not there.
async fn send(pages: &Pages, found: &Found, headers: &HeaderMap) -> Option<Response> {
    let kind = content_type(&found.name)?;
    let (coding, bytes) = read(pages, &found.name, headers).await?;
    let tag = tag(&bytes, found.policy.as_ref(), coding);
    let mut response = if negotiate::has(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = bytes.into_response();
        let head = response.headers_mut();
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if coding != Coding::Identity {
            let coding = HeaderValue::from_static(coding.name());
            head.insert(header::CONTENT_ENCODING, coding);
        }
        response
    };
    let head = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        head.insert(name, HeaderValue::from_static(value));
    };
    set(header::VARY, "accept-encoding");
    set(header::CACHE_CONTROL, found.cache);
    // Other pages load the widget from here, also those that ask everyone for leave to be loaded.
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        match found.name.starts_with("widget/") {
            true => "cross-origin",
            false => "same-origin",
        },
    );
    if let Some(policy) = &found.policy {
        set(header::REFERRER_POLICY, "same-origin");
        head.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    }
    // Quotes, letters, digits and a hyphen.
    if let Ok(tag) = HeaderValue::try_from(tag) {
        head.insert(header::ETAG, tag);
    }
    Some(response)
}

/// The best form of a file that is there and that the browser takes.
async fn read(pages: &Pages, name: &str, headers: &HeaderMap) -> Option<(Coding, Bytes)> {
    for coding in negotiate::accepted(headers) {
        if let Some(bytes) = pages.read(name, coding).await {
            return Some((coding, bytes));
        }
    }
    None
}

/// The entity tag: each form of a file has its own, and a page whose policy has changed is another.
fn tag(bytes: &[u8], policy: Option<&HeaderValue>, coding: Coding) -> String {
    let hash = Sha256::new()
        .chain_update(policy.map_or(&[][..], HeaderValue::as_bytes))
        .chain_update(bytes)
        .finalize();
    let hex: String = hash[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{hex}-{}\"", coding.name())
}

/// The media type by the end of a name; a file of no known kind is not sent.
fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit('.').next()? {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

fn not_built() -> Response {
    let head: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, PLAIN_POLICY),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (head, NOT_BUILT).into_response()
}
