//! The headers of a request: ours exactly, then an action's own.

use std::fmt;

use deskhand_domain::invocation::Header;
use deskhand_domain::limits::HEADER_VALUE_BYTES;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use crate::client::Call;
use crate::error::Error;
use crate::outgoing::Outgoing;
use crate::redact::REDACTED;
use crate::sign::signature_header;
use crate::url::Target;

/// What calls present themselves as.
pub const USER_AGENT: &str = concat!("Deskhand/", env!("CARGO_PKG_VERSION"));

/// Set by us, or about this one connection (RFC 9110 §7.6.1), or a promise about bodies that we would
/// not keep.
const RESERVED: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "idempotency-key",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

const RESERVED_PREFIXES: &[&str] = &["webhook-", "deskhand-"];

/// The value of one of an action's own headers.
#[derive(Clone)]
pub enum HeaderText {
    /// Shown to the owner as it is.
    Plain(String),
    /// Sent, and shown nowhere.
    Secret(Zeroizing<String>),
}

impl HeaderText {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(text) => text,
        }
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => fmt::Debug::fmt(text, f),
            Self::Secret(_) => f.write_str(REDACTED),
        }
    }
}

/// One of an action's own headers.
#[derive(Debug, Clone)]
pub struct CallHeader {
    /// In any case.
    pub name: String,
    /// What it says.
    pub value: HeaderText,
}

/// Judges the name of a header that an action wants to send; also for use when one is saved.
///
/// # Errors
/// [`Error::Header`]: not a header name, or one that is ours or belongs to the connection.
pub fn header_allowed(name: &str) -> Result<HeaderName, Error> {
    let name = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Error::Header("the name is not a header name"))?;
    if RESERVED.contains(&name.as_str())
        || RESERVED_PREFIXES
            .iter()
            .any(|p| name.as_str().starts_with(p))
    {
        return Err(Error::Header(
            "this header is set by Deskhand or belongs to the connection",
        ));
    }
    Ok(name)
}

/// Judges the value of such a header: visible ASCII, spaces and tabs, at most 4,096 bytes.
///
/// # Errors
/// [`Error::Header`]; the value is not repeated in it.
pub fn header_value_allowed(value: &str) -> Result<HeaderValue, Error> {
    if value.len() > HEADER_VALUE_BYTES {
        return Err(Error::Header("the value is longer than 4,096 bytes"));
    }
    let refusal = Error::Header("the value holds more than visible ASCII characters");
    if !value.is_ascii() {
        return Err(refusal);
    }
    HeaderValue::from_str(value).map_err(|_| refusal)
}

/// A callback URL up to its token, and the token.
pub(crate) fn callback_token(url: &str) -> Option<(&str, &str)> {
    url.rsplit_once('/')
}

/// The headers of one attempt: as sent, and as its owner may see them.
pub(crate) struct Prepared {
    pub(crate) sent: HeaderMap,
    pub(crate) shown: Vec<Header>,
}

pub(crate) fn prepare(
    outgoing: Outgoing<'_>,
    target: &Target,
    unix_seconds: i64,
) -> Result<Prepared, Error> {
    let (id, body) = (outgoing.id(), outgoing.body());
    let mut prepared = Prepared {
        sent: HeaderMap::new(),
        shown: Vec::new(),
    };
    prepared.add("host", target.authority())?;
    prepared.add("content-type", "application/json".to_owned())?;
    prepared.add("accept", "application/json".to_owned())?;
    prepared.add("user-agent", USER_AGENT.to_owned())?;
    prepared.add("content-length", body.len().to_string())?;
    prepared.add("webhook-id", id.clone())?;
    prepared.add("webhook-timestamp", unix_seconds.to_string())?;
    let secrets = outgoing.signing_secrets();
    if !secrets.is_empty() {
        let signature = signature_header(secrets, &id, unix_seconds, body);
        prepared.add("webhook-signature", signature)?;
    }
    match outgoing {
        Outgoing::Call(call) => prepared.add_of_call(call, &id)?,
        Outgoing::Event(_) => {}
    }
    Ok(prepared)
}

/// The headers that a call would be sent with, as its owner may see them. Where it is signed, what
/// only the moment of sending makes stands as a placeholder.
///
/// # Errors
/// [`Error::Header`]: one of the action's own headers cannot be sent.
pub fn preview(call: &Call, target: &Target, unix_seconds: i64) -> Result<Vec<Header>, Error> {
    let mut headers = prepare(Outgoing::Call(call), target, unix_seconds)?.shown;
    let signed = headers
        .iter()
        .position(|header| header.name == "webhook-timestamp");
    headers.retain(|header| header.name != "webhook-signature");
    if let Some(at) = signed {
        let signature = Header {
            name: "webhook-signature".to_owned(),
            value: "v1,<signature>".to_owned(),
        };
        headers.insert(at + 1, signature);
    }
    Ok(headers)
}

impl Prepared {
    /// What only calls carry.
    fn add_of_call(&mut self, call: &Call, id: &str) -> Result<(), Error> {
        // A structured-field string (RFC 8941 §3.3.3): the quotes belong to it.
        self.add("idempotency-key", format!("\"{id}\""))?;
        let contact = if call.contact_verified {
            "verified"
        } else {
            "asserted"
        };
        self.add("deskhand-contact", contact.to_owned())?;
        if let Some(url) = &call.callback_url {
            self.add("deskhand-callback-url", url.clone())?;
            if let (Some(shown), Some((base, _))) = (self.shown.last_mut(), callback_token(url)) {
                shown.value = format!("{base}/{REDACTED}");
            }
        }
        if call.test {
            self.add("deskhand-test", "true".to_owned())?;
        }
        for header in &call.headers {
            self.add_own(header)?;
        }
        Ok(())
    }

    fn add(&mut self, name: &'static str, value: String) -> Result<(), Error> {
        let sent =
            HeaderValue::from_str(&value).map_err(|_| Error::Header("a value cannot be sent"))?;
        self.sent.append(HeaderName::from_static(name), sent);
        self.shown.push(Header {
            name: name.to_owned(),
            value,
        });
        Ok(())
    }

    fn add_own(&mut self, header: &CallHeader) -> Result<(), Error> {
        let name = header_allowed(&header.name)?;
        let mut value = header_value_allowed(header.value.text())?;
        let shown = match &header.value {
            HeaderText::Plain(text) => text.clone(),
            HeaderText::Secret(_) => {
                value.set_sensitive(true);
                REDACTED.to_owned()
            }
        };
        self.shown.push(Header {
            name: name.as_str().to_owned(),
            value: shown,
        });
        self.sent.append(name, value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_and_the_connections_headers_are_refused_in_any_case() {
        for name in RESERVED {
            assert!(header_allowed(name).is_err(), "{name}");
            assert!(header_allowed(&name.to_uppercase()).is_err(), "{name}");
        }
        for name in [
            "Webhook-Signature",
            "DESKHAND-TEST",
            "deskhand-anything",
            "",
            "a b",
            "x:y",
            "x\r\ny",
        ] {
            assert!(header_allowed(name).is_err(), "{name}");
        }
    }

    #[test]
    fn others_are_allowed() {
        for name in ["Authorization", "X-Api-Key", "cookie", "x-forwarded-for"] {
            assert!(header_allowed(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_value_cannot_begin_another_header() {
        assert!(header_value_allowed("Bearer abc").is_ok());
        assert!(header_value_allowed("a\r\nx: y").is_err());
        assert!(header_value_allowed("naïve").is_err());
        assert!(header_value_allowed(&"a".repeat(4_097)).is_err());
    }
}
