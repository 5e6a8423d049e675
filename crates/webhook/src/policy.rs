//! Where calls may go: the operator's exceptions, and what is refused with which words.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use crate::address::{canonical, is_metadata, is_public};
use crate::error::Error;
use crate::url::{Host, Target, split};

/// Ports that any public address may be called on.
pub const PORTS: [u16; 2] = [443, 8443];

/// Top-level names that are never public, from RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476 and
/// the customs of private networks.
const PRIVATE_SUFFIXES: &[&str] = &[
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "svc",
    "arpa",
    "onion",
    "test",
    "invalid",
    "alt",
];

/// The address policy of this server: public addresses on two ports, plus the operator's exceptions.
#[derive(Debug, Clone, Default)]
pub struct EgressPolicy {
    exceptions: BTreeSet<SocketAddr>,
    own: BTreeSet<IpAddr>,
}

impl EgressPolicy {
    /// A policy with the exceptions written in `text`: addresses with ports, separated by commas,
    /// such as `10.1.2.3:443,[fd00::5]:8443`. Each opens exactly that address on that port.
    ///
    /// # Errors
    /// [`Error::EgressAllow`] names the entry that is not an exact address and port, or that may
    /// never be opened (cloud metadata, unspecified and multicast addresses).
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut exceptions = BTreeSet::new();
        for entry in text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
        {
            exceptions.insert(exception(entry)?);
        }
        Ok(Self {
            exceptions,
            own: BTreeSet::new(),
        })
    }

    /// The same policy, refusing also the server's own addresses (unless excepted).
    #[must_use]
    pub fn with_own_addresses(mut self, own: impl IntoIterator<Item = IpAddr>) -> Self {
        self.own.extend(own.into_iter().map(canonical));
        self
    }

    /// Judges a URL by its text alone, and takes it apart. What comes back is what is called: the
    /// text is not parsed again.
    ///
    /// # Errors
    /// The rule that refused it, in words for whoever typed it.
    pub fn check_url(&self, text: &str) -> Result<Target, Refusal> {
        let target = split(text)?;
        if !PORTS.contains(&target.port())
            && !self.exceptions.iter().any(|e| e.port() == target.port())
        {
            return Err(Rule::PortNotAllowed.into());
        }
        match target.host() {
            Host::Name(name) => self.check_name(name)?,
            Host::Ip(ip) => self.check_address(*ip, target.port())?,
        }
        Ok(target)
    }

    /// Judges a host name (lower case, ASCII, no trailing dot), also one met as a DNS alias.
    ///
    /// # Errors
    /// [`Rule::NameNotPublic`].
    pub fn check_name(&self, name: &str) -> Result<(), Refusal> {
        match name.rsplit_once('.') {
            Some((_, last)) if !PRIVATE_SUFFIXES.contains(&last) => Ok(()),
            _ => Err(Rule::NameNotPublic.into()),
        }
    }

    /// Judges one address that a connection would be made to.
    ///
    /// # Errors
    /// [`Rule::AddressNotPublic`] or [`Rule::PortNotAllowed`].
    pub fn check_address(&self, ip: IpAddr, port: u16) -> Result<(), Refusal> {
        let ip = canonical(ip);
        if self.is_exception(ip, port) {
            return Ok(());
        }
        if !is_public(ip) || self.own.contains(&ip) {
            return Err(Rule::AddressNotPublic.into());
        }
        if !PORTS.contains(&port) {
            return Err(Rule::PortNotAllowed.into());
        }
        Ok(())
    }

    /// Whether the operator opened exactly this address and port.
    pub fn is_exception(&self, ip: IpAddr, port: u16) -> bool {
        let ip = canonical(ip);
        !is_metadata(ip) && self.exceptions.contains(&SocketAddr::new(ip, port))
    }
}

fn exception(entry: &str) -> Result<SocketAddr, Error> {
    let refuse = |reason: &'static str| Error::EgressAllow {
        entry: entry.to_owned(),
        reason,
    };
    // A full-length prefix is one address, however it is written.
    let plain = entry
        .replacen("/32:", ":", 1)
        .replacen("/128]:", "]:", 1)
        .replacen("]/128:", "]:", 1);
    if plain.contains('/') {
        return Err(refuse("only exact addresses can be opened, not ranges"));
    }
    let address: SocketAddr = plain.parse().map_err(|_| {
        refuse("expected an address and a port, such as 10.1.2.3:443 or [fd00::5]:8443")
    })?;
    let ip = canonical(address.ip());
    if address.port() == 0 {
        return Err(refuse("port 0 cannot be called"));
    }
    if is_metadata(ip) {
        return Err(refuse("cloud metadata addresses are never opened"));
    }
    if ip.is_unspecified() || ip.is_multicast() || ip == IpAddr::from([255, 255, 255, 255]) {
        return Err(refuse("not the address of a single host"));
    }
    Ok(SocketAddr::new(ip, address.port()))
}

/// The rule that refused a URL or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Over 2,048 octets.
    TooLong,
    /// A control character, a space or a backslash.
    ForbiddenCharacter,
    /// A character that cannot be seen.
    InvisibleCharacter,
    /// Not of the form `https://host/path`.
    Malformed,
    /// Another scheme than `https`.
    SchemeNotHttps,
    /// A user name or password before the host.
    Userinfo,
    /// `%` in the host.
    PercentEncodedHost,
    /// The host is spelled in another way than the usual one.
    NonCanonicalHost,
    /// Not a valid host name.
    InvalidHost,
    /// A port that is not open.
    PortNotAllowed,
    /// A name that only means something inside a network.
    NameNotPublic,
    /// The address, or one of those the name resolves to, is not on the public internet.
    AddressNotPublic,
}

impl Rule {
    /// Every rule, in declaration order.
    pub const ALL: &'static [Self] = &[
        Self::TooLong,
        Self::ForbiddenCharacter,
        Self::InvisibleCharacter,
        Self::Malformed,
        Self::SchemeNotHttps,
        Self::Userinfo,
        Self::PercentEncodedHost,
        Self::NonCanonicalHost,
        Self::InvalidHost,
        Self::PortNotAllowed,
        Self::NameNotPublic,
        Self::AddressNotPublic,
    ];

    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::ForbiddenCharacter => "forbidden_character",
            Self::InvisibleCharacter => "invisible_character",
            Self::Malformed => "malformed",
            Self::SchemeNotHttps => "scheme_not_https",
            Self::Userinfo => "userinfo",
            Self::PercentEncodedHost => "percent_encoded_host",
            Self::NonCanonicalHost => "non_canonical_host",
            Self::InvalidHost => "invalid_host",
            Self::PortNotAllowed => "port_not_allowed",
            Self::NameNotPublic => "name_not_public",
            Self::AddressNotPublic => "address_not_public",
        }
    }

    /// What is wrong and how to mend it. Never holds an address that was resolved.
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooLong => "The URL is longer than 2,048 octets. Use a shorter one.",
            Self::ForbiddenCharacter => {
                "The URL holds a control character, a space or a backslash. Remove it, or percent-encode it in the path or query."
            }
            Self::InvisibleCharacter => {
                "The URL holds a character that cannot be seen. Type the URL again by hand."
            }
            Self::Malformed => {
                "This is not a full URL. It must read like https://host.example/path."
            }
            Self::SchemeNotHttps => "Only https:// URLs are called. Serve the endpoint over HTTPS.",
            Self::Userinfo => {
                "The URL holds a user name or password before the host. Remove it, and put credentials into a secret header."
            }
            Self::PercentEncodedHost => "The host is percent-encoded. Write it in plain letters.",
            Self::NonCanonicalHost => {
                "The host is spelled in an unusual way. Write a name in its usual letters, an IPv4 address as four decimal numbers, an IPv6 address in brackets."
            }
            Self::InvalidHost => {
                "The host is not a valid name. Check it for stray dots, hyphens and other characters."
            }
            Self::PortNotAllowed => {
                "Only the ports 443 and 8443 are called. Serve the endpoint on one of them, or ask whoever runs this server to open its address and port."
            }
            Self::NameNotPublic => {
                "The host is a name for use inside a network, not a public one. Use the endpoint's public name."
            }
            Self::AddressNotPublic => {
                "The host is not on the public internet. Use a public endpoint, or ask whoever runs this server to open its address and port."
            }
        }
    }
}

/// A refusal by the address policy, in words for the tenant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Which rule.
    pub rule: Rule,
    /// What is wrong and how to mend it.
    pub message: &'static str,
}

impl From<Rule> for Refusal {
    fn from(rule: Rule) -> Self {
        Self {
            rule,
            message: rule.message(),
        }
    }
}
