//! The proxies in front of this server, and what they say of the clients behind them: `Forwarded`
//! (RFC 7239) and `X-Forwarded-For`. Anybody can send these headers; only what a trusted proxy has
//! added to them counts.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::{IpNet, Ipv4Net};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The addresses of the proxies whose word counts.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// A part of the setting that is no address.
#[derive(Debug, thiserror::Error)]
#[error("{part} is not an IP address or a block of them, such as 10.0.0.5 or 10.0.0.0/8")]
pub struct InvalidProxy {
    part: String,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The client's address: the connection's, or what a trusted proxy says.
    pub(crate) address: IpAddr,
    /// Whether a trusted proxy was asked over TLS.
    pub(crate) https: bool,
}

/// One step of the way, as a proxy wrote it down: who asked it, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hop {
    /// Not there where it is hidden, or is nothing that can be read.
    address: Option<IpAddr>,
    https: Option<bool>,
}

impl Hop {
    const UNREADABLE: Self = Self {
        address: None,
        https: None,
    };
}

impl TrustedProxies {
    /// Reads addresses and blocks, separated by commas.
    ///
    /// # Errors
    /// The first part that is neither. A block of all addresses is refused too: it would let every
    /// client choose its own.
    pub fn parse(text: &str) -> Result<Self, InvalidProxy> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                net(part).ok_or_else(|| InvalidProxy {
                    part: part.to_owned(),
                })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Where a request comes from whose connection has this peer.
    pub(crate) fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> Origin {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return Origin {
                address: peer,
                https: false,
            };
        }
        let forwarded = self.walk(peer, &forwarded(headers));
        let x_forwarded = self.walk(peer, &x_forwarded_for(headers));
        let address = match (forwarded, x_forwarded) {
            // A proxy that adds to one of them passes the other on as the client sent it.
            (Some(a), Some(b)) if a.address != b.address => peer,
            (Some(one), _) | (None, Some(one)) => one.address.unwrap_or(peer),
            (None, None) => peer,
        };
        let https = forwarded.and_then(|hop| hop.https);
        Origin {
            address,
            https: https
                .or_else(|| x_forwarded_proto(headers))
                .unwrap_or(false),
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }

    /// The last hop that a trusted proxy has vouched for, from the right: the first client that is no
    /// trusted proxy itself, or the last one known where the trail ends. `None` without any hop.
    fn walk(&self, peer: IpAddr, hops: &[Hop]) -> Option<HopSeen> {
        let mut seen = HopSeen {
            address: Some(peer),
            https: hops.last()?.https,
        };
        for hop in hops.iter().rev() {
            let Some(address) = hop.address else { break };
            seen = HopSeen {
                address: Some(address),
                https: hop.https,
            };
            if !self.trusts(address) {
                break;
            }
        }
        Some(seen)
    }
}

/// Where the walk ended.
#[derive(Debug, Clone, Copy)]
struct HopSeen {
    address: Option<IpAddr>,
    https: Option<bool>,
}

fn net(text: &str) -> Option<IpNet> {
    let net = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => text.parse::<IpNet>().ok()?,
    };
    if net.prefix_len() == 0 {
        return None;
    }
    // Addresses are compared in their canonical form.
    match (net.addr().to_canonical(), net.prefix_len()) {
        (IpAddr::V4(v4), bits @ 97..) => Ipv4Net::new(v4, bits - 96).ok().map(IpNet::from),
        _ => Some(net.trunc()),
    }
}

fn lines<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(name)
        .iter()
        // What is no text is an element that cannot be read.
        .map(|value| value.to_str().unwrap_or("?"))
}

fn x_forwarded_for(headers: &HeaderMap) -> Vec<Hop> {
    lines(headers, &X_FORWARDED_FOR)
        .flat_map(|line| line.split(','))
        .map(|part| Hop {
            address: address(part.trim()),
            https: None,
        })
        .collect()
}

/// What the nearest proxy says: the last word.
fn x_forwarded_proto(headers: &HeaderMap) -> Option<bool> {
    let last = lines(headers, &X_FORWARDED_PROTO).last()?;
    scheme(last.rsplit(',').next()?.trim())
}

fn forwarded(headers: &HeaderMap) -> Vec<Hop> {
    lines(headers, &header::FORWARDED)
        .flat_map(|line| match parts(line, ',') {
            Some(parts) => parts.into_iter().map(element).collect(),
            None => vec![Hop::UNREADABLE],
        })
        .collect()
}

/// `for=192.0.2.60;proto=http;by=203.0.113.43`
fn element(text: &str) -> Hop {
    let mut hop = Hop::UNREADABLE;
    for pair in parts(text, ';').unwrap_or_default() {
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        let value = unquote(value.trim());
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.address = address(&value),
            "proto" => hop.https = scheme(&value),
            _ => {}
        }
    }
    hop
}

fn scheme(text: &str) -> Option<bool> {
    let is = |name: &str| text.eq_ignore_ascii_case(name);
    (is("https") || is("http")).then(|| is("https"))
}

/// Splits where the mark stands outside quotes. `None` where a quote is left open: a client could hide
/// in it what a proxy has added.
fn parts(text: &str, mark: char) -> Option<Vec<&str>> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == mark && !quoted => {
                parts.push(&text[begin..at]);
                begin = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    (!quoted).then_some(parts)
}

fn unquote(text: &str) -> String {
    let inner = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else {
        return text.to_owned();
    };
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

/// An address with or without a port; IPv6 in brackets or bare.
fn address(text: &str) -> Option<IpAddr> {
    let port = |text: &str| text.parse::<u16>().is_ok();
    let address = if let Some(rest) = text.strip_prefix('[') {
        let (inner, after) = rest.split_once(']')?;
        let fits = after.is_empty() || after.strip_prefix(':').is_some_and(port);
        IpAddr::V6(inner.parse().ok().filter(|_| fits)?)
    } else if let Ok(address) = text.parse() {
        address
    } else {
        let (inner, after) = text.split_once(':')?;
        IpAddr::V4(inner.parse::<Ipv4Addr>().ok().filter(|_| port(after))?)
    };
    Some(address.to_canonical())
}

#[cfg(test)]
#[path = "proxies_tests.rs"]
mod tests;
