use axum::http::HeaderValue;
use proptest::prelude::*;

use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(*name, HeaderValue::from_str(value).unwrap());
    }
    map
}

fn client(trusted: &str, peer: &str, pairs: &[(&'static str, &str)]) -> String {
    let proxies = TrustedProxies::parse(trusted).unwrap();
    let origin = proxies.origin(ip(peer), &headers(pairs));
    let https = if origin.https { " https" } else { "" };
    format!("{}{https}", origin.address)
}

#[test]
fn a_peer_that_is_not_trusted_is_the_client_whatever_it_sends() {
    let sent = [
        ("x-forwarded-for", "198.51.100.1"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=198.51.100.1;proto=https"),
    ];
    assert_eq!(client("", "203.0.113.9", &sent), "203.0.113.9");
    assert_eq!(client("10.0.0.0/8", "203.0.113.9", &sent), "203.0.113.9");
    assert_eq!(client("", "::ffff:203.0.113.9", &[]), "203.0.113.9");
}

#[test]
fn behind_a_trusted_proxy_the_last_untrusted_address_is_the_client() {
    for (sent, expected) in [
        ("198.51.100.1", "198.51.100.1"),
        ("1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("1.1.1.1, 198.51.100.1, 10.0.0.7", "198.51.100.1"),
        ("198.51.100.1:4711, 10.0.0.7:80", "198.51.100.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        // Where the trail ends, so does what is known.
        ("198.51.100.1, unknown", "10.0.0.5"),
        ("198.51.100.1, unknown, 10.0.0.7", "10.0.0.7"),
        ("10.0.0.8, 10.0.0.7", "10.0.0.8"),
        ("", "10.0.0.5"),
        ("198.51.100.1,", "10.0.0.5"),
    ] {
        let sent = [("x-forwarded-for", sent)];
        assert_eq!(
            client("10.0.0.0/8", "10.0.0.5", &sent),
            expected,
            "{sent:?}"
        );
    }
}

#[test]
fn lines_of_one_header_are_one_list() {
    let sent = [
        ("x-forwarded-for", "1.1.1.1"),
        ("x-forwarded-for", "198.51.100.1"),
    ];
    assert_eq!(client("10.0.0.5", "10.0.0.5", &sent), "198.51.100.1");
}

#[test]
fn forwarded_says_the_same() {
    for (sent, expected) in [
        ("for=198.51.100.1", "198.51.100.1"),
        (
            "For=\"198.51.100.1:4711\";Proto=HTTPS",
            "198.51.100.1 https",
        ),
        ("for=\"[2001:db8::1]:4711\";by=10.0.0.5", "2001:db8::1"),
        (
            "for=1.1.1.1, for=198.51.100.1;proto=https, for=10.0.0.7;proto=http",
            "198.51.100.1 https",
        ),
        ("for=198.51.100.1, for=_hidden", "10.0.0.5"),
        ("for=198.51.100.1, for=unknown", "10.0.0.5"),
        ("proto=https", "10.0.0.5 https"),
        ("by=\"a,b;for=1.1.1.1\";for=198.51.100.1", "198.51.100.1"),
        ("by=\"a\\\",b\";for=198.51.100.1", "198.51.100.1"),
        // A client that leaves a quote open hides what the proxy has added, and gains nothing.
        ("for=1.1.1.1;x=\", for=198.51.100.1", "10.0.0.5"),
    ] {
        let sent = [("forwarded", sent)];
        let found = client("10.0.0.0/8", "10.0.0.5", &sent);
        assert_eq!(found, expected, "{sent:?}");
    }
}

#[test]
fn where_the_two_headers_disagree_neither_counts() {
    let sent = [
        ("forwarded", "for=1.1.1.1"),
        ("x-forwarded-for", "198.51.100.1"),
    ];
    assert_eq!(client("10.0.0.5", "10.0.0.5", &sent), "10.0.0.5");
    let sent = [
        ("forwarded", "for=198.51.100.1"),
        ("x-forwarded-for", "1.1.1.1, 198.51.100.1"),
    ];
    assert_eq!(client("10.0.0.5", "10.0.0.5", &sent), "198.51.100.1");
}

#[test]
fn the_nearest_proxys_word_on_the_scheme_counts() {
    for (proto, expected) in [
        ("https", "10.0.0.5 https"),
        ("HTTPS", "10.0.0.5 https"),
        ("http", "10.0.0.5"),
        ("https, http", "10.0.0.5"),
        ("http, https", "10.0.0.5 https"),
        ("gopher", "10.0.0.5"),
    ] {
        let sent = [("x-forwarded-proto", proto)];
        assert_eq!(client("10.0.0.5", "10.0.0.5", &sent), expected, "{proto}");
    }
}

#[test]
fn the_setting_is_addresses_and_blocks() {
    let proxies =
        TrustedProxies::parse(" 10.0.0.5, 192.168.1.9/24,,fd00::/8, ::ffff:172.16.0.0/108 ")
            .unwrap();
    for (address, trusted) in [
        ("10.0.0.5", true),
        ("10.0.0.6", false),
        ("192.168.1.200", true),
        ("fd12::1", true),
        ("2001:db8::1", false),
        ("172.16.5.5", true),
    ] {
        assert_eq!(proxies.trusts(ip(address)), trusted, "{address}");
    }
    for bad in [
        "localhost",
        "10.0.0.0/33",
        "0.0.0.0/0",
        "::/0",
        "10.0.0",
        "10.0.0.5:80",
    ] {
        let error = TrustedProxies::parse(bad).unwrap_err().to_string();
        assert!(error.contains(bad), "{error}");
    }
}

fn any_address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<[u8; 4]>().prop_map(IpAddr::from),
        any::<[u16; 8]>().prop_map(IpAddr::from),
    ]
}

proptest! {
    /// Whatever a client sends, what the trusted proxy appends is what counts.
    #[test]
    fn a_client_cannot_choose_its_address(
        claimed in "[ -~]{0,60}",
        real in any_address(),
        peer in any::<[u8; 3]>(),
    ) {
        let peer = IpAddr::from([10, peer[0], peer[1], peer[2]]);
        let proxies = TrustedProxies::parse("10.0.0.0/8").unwrap();
        let real = real.to_canonical();
        prop_assume!(!proxies.trusts(real));
        let sent = format!("{claimed}, {real}");
        let origin = proxies.origin(peer, &headers(&[("x-forwarded-for", &sent)]));
        prop_assert_eq!(origin.address, real);
    }

    /// In a line of its own, as proxies add it.
    #[test]
    fn nor_by_the_other_header(claimed in "[ -~]{0,60}", real in any::<[u8; 4]>()) {
        let proxies = TrustedProxies::parse("10.0.0.0/8").unwrap();
        let (peer, real) = (ip("10.0.0.5"), IpAddr::from(real));
        prop_assume!(!proxies.trusts(real));
        let added = format!("for={real}");
        let origin = proxies.origin(peer, &headers(&[("forwarded", &claimed), ("forwarded", &added)]));
        prop_assert_eq!(origin.address, real);
        let one_line = format!("{claimed}, {added}");
        let both = [("forwarded", added.as_str()), ("x-forwarded-for", &claimed)];
        for sent in [&[("forwarded", one_line.as_str())][..], &both] {
            let found = proxies.origin(peer, &headers(sent)).address;
            prop_assert!(found == real || found == peer, "{}", found);
        }
    }

    #[test]
    fn an_address_is_read_back_with_and_without_a_port(address in any_address(), port in any::<u16>()) {
        let canonical = Some(address.to_canonical());
        prop_assert_eq!(super::address(&address.to_string()), canonical);
        let with = std::net::SocketAddr::new(address, port).to_string();
        prop_assert_eq!(super::address(&with), canonical);
    }

    #[test]
    fn nothing_panics(lines in prop::collection::vec("\\PC{0,80}", 0..4)) {
        let proxies = TrustedProxies::parse("10.0.0.0/8").unwrap();
        let mut map = HeaderMap::new();
        for line in &lines {
            if let Ok(value) = HeaderValue::from_bytes(line.as_bytes()) {
                map.append("forwarded", value.clone());
                map.append("x-forwarded-for", value.clone());
                map.append("x-forwarded-proto", value);
            }
        }
        proxies.origin(ip("10.0.0.1"), &map);
    }
}
