//! The cookie that keeps somebody signed in.

use axum::http::{HeaderMap, HeaderValue, header};
use deskhand_domain::limits;
use deskhand_domain::secret::Secret;
use deskhand_service::Service;

use crate::proxies::Origin;

/// Over TLS: browsers keep it only if it came from this very host, over TLS, for all of it.
const OVER_TLS: &str = "__Host-deskhand";
/// Over plain HTTP, which is for one's own machine.
const PLAIN: &str = "deskhand";

/// Whether browsers reach us over TLS.
fn secure(service: &Service, origin: Origin) -> bool {
    origin.https || service.public_url().starts_with("https://")
}

fn name(secure: bool) -> &'static str {
    if secure { OVER_TLS } else { PLAIN }
}

/// The session's token that a request carries.
pub(crate) fn read(headers: &HeaderMap, service: &Service, origin: Origin) -> Option<Secret> {
    let wanted = name(secure(service, origin));
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, token)| Secret::new(token))
}

/// `Set-Cookie` for a token.
pub(crate) fn set(service: &Service, origin: Origin, token: &Secret) -> Option<HeaderValue> {
    write(
        secure(service, origin),
        token.expose(),
        limits::SESSION_DURATION.as_secs(),
    )
}

/// `Set-Cookie` that takes it away.
pub(crate) fn clear(service: &Service, origin: Origin) -> Option<HeaderValue> {
    write(secure(service, origin), "", 0)
}

/// `None` for a token that came from elsewhere and cannot stand in a header.
fn write(secure: bool, token: &str, seconds: u64) -> Option<HeaderValue> {
    let mut cookie = format!(
        "{}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}",
        name(secure)
    );
    if secure {
        cookie.push_str("; Secure");
    }
    let mut value = HeaderValue::from_str(&cookie).ok()?;
    value.set_sensitive(true);
    Some(value)
}
