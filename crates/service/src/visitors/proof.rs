//! `contact_token`: a JWT (RFC 7519) by which the host site proves who its customer is. Read here and
//! not by a library: of all that a JWT can say little is allowed, the clock is a parameter, and the
//! bound on `exp` is ours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskhand_domain::contact::Contact;
use deskhand_store::IdentitySecret;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::Sha256;

/// Longest token that is read.
pub(crate) const TOKEN_BYTES: usize = 8 * 1024;
/// What `aud` has to name.
const AUDIENCE: &str = "deskhand";
/// Longest life of a token from now.
const LIFE_SECONDS: f64 = 3600.0;
/// How far the host site's clock may be from ours.
const LEEWAY_SECONDS: f64 = 60.0;

/// Who the contact is, proven.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Proof {
    /// What the token says of them; `id` is there.
    pub contact: Contact,
    /// The identity secret that it was signed with.
    pub secret_id: String,
}

/// The rule that a token breaks, to be read after "the token".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Broken {
    #[error("is longer than {TOKEN_BYTES} bytes")]
    Long,
    #[error("is no signed JWT: it takes three parts in base64url without padding, parted by dots")]
    Shape,
    #[error("has a head that is not a JSON object with a text as `alg`")]
    Head,
    #[error("is signed another way than HS256: `alg` must be \"HS256\"")]
    Algorithm,
    #[error("has a `typ` other than \"JWT\"")]
    Kind,
    #[error("has a `crit` header, none of which is understood")]
    Critical,
    #[error("cannot be checked: this workspace has no identity secret yet")]
    NoSecret,
    #[error("is not signed with the workspace's identity secret")]
    Signature,
    #[error("has claims that cannot be read: {0}")]
    Claims(String),
    #[error("is for somebody else: `aud` must be \"deskhand\"")]
    Audience,
    #[error("has no `exp`")]
    NoEnd,
    #[error("has expired")]
    Expired,
    #[error("lives too long: `exp` must be at most 1 hour ahead")]
    TooLong,
    #[error("is not valid yet: `nbf` or `iat` is in the future")]
    NotYet,
    #[error("has no `sub`, which must be the contact's id: a text of 1 to 200 characters")]
    Subject,
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    typ: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    sub: Option<Value>,
    aud: Option<Value>,
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    timezone: Option<String>,
    locale: Option<String>,
    attributes: Option<Map<String, Value>>,
}

/// Checks a token, the signature before anything that it claims.
pub(crate) fn verify(
    token: &str,
    secrets: &[IdentitySecret],
    now: Timestamp,
) -> Result<Proof, Broken> {
    if token.len() > TOKEN_BYTES {
        return Err(Broken::Long);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Broken::Shape)?;
    let (head, claims) = signed.split_once('.').ok_or(Broken::Shape)?;
    // The third part would have been the second of what is before the last dot.
    let parts = [decode(head)?, decode(claims)?, decode(signature)?];
    let [head, claims, signature] = &parts;
    check_head(head)?;
    if secrets.is_empty() {
        return Err(Broken::NoSecret);
    }
    let signer = secrets
        .iter()
        .find(|one| is_signed_with(one.secret.expose(), signed, signature))
        .ok_or(Broken::Signature)?;
    let claims: Claims = read(claims).map_err(Broken::Claims)?;
    check_audience(claims.aud.as_ref())?;
    check_times(&claims, now)?;
    Ok(Proof {
        contact: Contact {
            id: Some(subject(claims.sub)?),
            name: claims.name,
            email: claims.email,
            phone: claims.phone,
            timezone: claims.timezone,
            locale: claims.locale,
            attributes: claims.attributes.unwrap_or_default(),
        },
        secret_id: signer.id.clone(),
    })
}

fn decode(part: &str) -> Result<Vec<u8>, Broken> {
    // Refuses padding and bits left over, so that one token has one spelling.
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Broken::Shape)
}

/// Reads an object; serde would take a list as well.
fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    if json.first() != Some(&b'{') {
        return Err("they are not a JSON object".to_owned());
    }
    serde_json::from_slice(json).map_err(|error| error.to_string())
}

fn check_head(json: &[u8]) -> Result<(), Broken> {
    let head: Head = read(json).map_err(|_| Broken::Head)?;
    if head.alg != "HS256" {
        return Err(Broken::Algorithm);
    }
    if head.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("jwt")) {
        return Err(Broken::Kind);
    }
    match head.crit {
        None => Ok(()),
        Some(_) => Err(Broken::Critical),
    }
}

/// Compares in a time that does not tell how much of it fits.
fn is_signed_with(secret: &str, signed: &str, signature: &[u8]) -> bool {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(signed.as_bytes());
    mac.verify_slice(signature).is_ok()
}

fn check_audience(aud: Option<&Value>) -> Result<(), Broken> {
    let named = match aud {
        Some(Value::Array(several)) => several.iter().any(|one| one == AUDIENCE),
        Some(one) => one == AUDIENCE,
        None => false,
    };
    if named { Ok(()) } else { Err(Broken::Audience) }
}

fn check_times(claims: &Claims, now: Timestamp) -> Result<(), Broken> {
    let now = now.as_duration().as_secs_f64();
    let end = claims.exp.ok_or(Broken::NoEnd)?;
    if end + LEEWAY_SECONDS <= now {
        return Err(Broken::Expired);
    }
    if end > now + LIFE_SECONDS + LEEWAY_SECONDS {
        return Err(Broken::TooLong);
    }
    let begins = [claims.nbf, claims.iat].into_iter().flatten();
    match begins.fold(f64::NEG_INFINITY, f64::max) > now + LEEWAY_SECONDS {
        true => Err(Broken::NotYet),
        false => Ok(()),
    }
}

fn subject(sub: Option<Value>) -> Result<String, Broken> {
    match sub {
        Some(Value::String(id)) if !id.trim().is_empty() && id.chars().count() <= 200 => Ok(id),
        _ => Err(Broken::Subject),
    }
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
