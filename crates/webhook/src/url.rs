//! Taking a URL apart without repairing it.
//!
//! Browsers mend what people type: a missing slash, a tab inside the host, `0x7f.1`. Each mend is a
//! second reading of the same text, and a guard that reads it in one way while the dialler reads it
//! in the other is no guard. So the authority is split here, strictly, and what the `url` crate makes
//! of the result must be the same host and port.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use deskhand_domain::limits::URL_OCTETS;
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use crate::address::canonical;
use crate::policy::{Refusal, Rule};

/// A URL that passed the text check, taken apart once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    host: Host,
    port: u16,
    path_and_query: String,
    url: String,
}

impl Target {
    /// Who is called.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// On which port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the request line asks for; begins with a slash.
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// The normalised URL, without a fragment.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The value of the `host` header (RFC 9110 §7.2): the port only where it is not 443.
    pub fn authority(&self) -> String {
        match self.port {
            443 => self.host.to_string(),
            port => format!("{}:{port}", self.host),
        }
    }
}

/// The host of a target.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name: lower case, ASCII (A-labels), no trailing dot, at least two labels.
    Name(String),
    /// An address; never an IPv4-mapped IPv6 one.
    Ip(IpAddr),
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Ip(IpAddr::V4(ip)) => write!(f, "{ip}"),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

/// Takes the text apart. Says nothing yet about which hosts and ports are open.
pub(crate) fn split(text: &str) -> Result<Target, Refusal> {
    if text.len() > URL_OCTETS {
        return Err(Rule::TooLong.into());
    }
    for c in text.chars() {
        if c.is_control() || c.is_whitespace() || c == '\\' {
            return Err(Rule::ForbiddenCharacter.into());
        }
        if is_invisible(c) {
            return Err(Rule::InvisibleCharacter.into());
        }
    }
    let rest = after_scheme(text)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    if authority.is_empty() {
        return Err(Rule::Malformed.into());
    }
    if authority.contains('@') {
        return Err(Rule::Userinfo.into());
    }
    if authority.contains('%') {
        return Err(Rule::PercentEncodedHost.into());
    }
    let (host, port) = split_authority(authority)?;
    assemble(host, port, tail)
}

fn after_scheme(text: &str) -> Result<&str, Refusal> {
    let scheme_end =
        text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')));
    let Some((scheme, rest)) = scheme_end
        .map(|end| text.split_at(end))
        .and_then(|(scheme, rest)| rest.strip_prefix(':').map(|rest| (scheme, rest)))
        .filter(|(scheme, _)| scheme.starts_with(|c: char| c.is_ascii_alphabetic()))
    else {
        return Err(Rule::Malformed.into());
    };
    if !scheme.eq_ignore_ascii_case("https") {
        return Err(Rule::SchemeNotHttps.into());
    }
    rest.strip_prefix("//")
        .ok_or_else(|| Rule::Malformed.into())
}

fn split_authority(authority: &str) -> Result<(Host, u16), Refusal> {
    if let Some(inner) = authority.strip_prefix('[') {
        let (literal, after) = inner.split_once(']').ok_or(Rule::Malformed)?;
        // The standard parser takes no zone, no short IPv4 tail and no bare IPv4 address.
        let ip: Ipv6Addr = literal.parse().map_err(|_| Rule::NonCanonicalHost)?;
        let port = match after {
            "" => 443,
            _ => parse_port(after.strip_prefix(':').ok_or(Rule::Malformed)?)?,
        };
        return Ok((Host::Ip(canonical(ip.into())), port));
    }
    let (host, port) = match authority.split_once(':') {
        None => (authority, 443),
        Some((_, port)) if port.contains(':') => return Err(Rule::Malformed.into()),
        Some((host, port)) => (host, parse_port(port)?),
    };
    Ok((parse_host(host)?, port))
}

fn parse_port(text: &str) -> Result<u16, Refusal> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(port) if digits && port != 0 && !text.starts_with('0') => Ok(port),
        _ => Err(Rule::PortNotAllowed.into()),
    }
}

fn parse_host(host: &str) -> Result<Host, Refusal> {
    let ascii = to_ascii(host)?;
    let name = ascii.strip_suffix('.').unwrap_or(&ascii);
    if name.is_empty() || name.len() > 253 {
        return Err(Rule::InvalidHost.into());
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    // WHATWG URL §3.5: a host whose last label is a number is an IPv4 address in some spelling.
    let hex = last
        .strip_prefix("0x")
        .is_some_and(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
    let decimal = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    if hex || decimal {
        let ip: Ipv4Addr = name.parse().map_err(|_| Rule::NonCanonicalHost)?;
        return Ok(Host::Ip(ip.into()));
    }
    if !name.split('.').all(is_label) {
        return Err(Rule::InvalidHost.into());
    }
    Ok(Host::Name(name.to_owned()))
}

/// RFC 1123 §2.1: letters, digits and inner hyphens.
fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-')
}

/// Lower case and A-labels (UTS 46). A spelling that only becomes the name by compatibility mapping,
/// such as full-width letters, is refused: it looks like one host and is another.
fn to_ascii(host: &str) -> Result<String, Refusal> {
    let uts46 = Uts46::new();
    let ascii = uts46
        .to_ascii(
            host.as_bytes(),
            AsciiDenyList::URL,
            Hyphens::Allow,
            DnsLength::Ignore,
        )
        .map_err(|_| Rule::InvalidHost)?;
    if !host.is_ascii() {
        let mut lower = String::with_capacity(host.len());
        for c in host.chars() {
            if !c.is_ascii() && c.to_lowercase().any(|l| l.is_ascii()) {
                return Err(Rule::NonCanonicalHost.into());
            }
            lower.extend(c.to_lowercase());
        }
        let (unicode, valid) =
            uts46.to_unicode(ascii.as_bytes(), AsciiDenyList::URL, Hyphens::Allow);
        if valid.is_err() || unicode != lower {
            return Err(Rule::NonCanonicalHost.into());
        }
    }
    Ok(ascii.into_owned())
}

fn assemble(host: Host, port: u16, tail: &str) -> Result<Target, Refusal> {
    let tail = tail.split('#').next().unwrap_or(tail);
    let plain = match port {
        443 => format!("https://{host}{tail}"),
        port => format!("https://{host}:{port}{tail}"),
    };
    let url = ::url::Url::parse(&plain).map_err(|_| Rule::Malformed)?;
    let same_host = match (url.host(), &host) {
        (Some(::url::Host::Domain(a)), Host::Name(b)) => a == b,
        (Some(::url::Host::Ipv4(a)), Host::Ip(IpAddr::V4(b))) => a == *b,
        (Some(::url::Host::Ipv6(a)), Host::Ip(IpAddr::V6(b))) => a == *b,
        _ => false,
    };
    if !same_host || url.port_or_known_default() != Some(port) {
        return Err(Rule::Malformed.into());
    }
    // Percent-encoding of other alphabets may have lengthened it.
    if url.as_str().len() > URL_OCTETS {
        return Err(Rule::TooLong.into());
    }
    let path_and_query = url[::url::Position::BeforePath..].to_owned();
    if http::uri::PathAndQuery::try_from(path_and_query.as_str()).is_err() {
        return Err(Rule::Malformed.into());
    }
    Ok(Target {
        host,
        port,
        path_and_query,
        url: url.into(),
    })
}

/// Characters that print as nothing (Unicode `Default_Ignorable_Code_Point`, and the interlinear and
/// musical format characters).
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
