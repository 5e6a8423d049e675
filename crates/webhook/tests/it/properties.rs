//! Whatever is typed and whatever DNS says: nothing is dialled that the policy refuses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use deskhand_testkit::DnsReply;
use deskhand_webhook::{Call, EgressPolicy, Host, Rule};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::rig::{NAME, Rig, read};

fn policy() -> EgressPolicy {
    EgressPolicy::default()
}

/// A reading of addresses that shares nothing with the code under test.
fn denied(ip: IpAddr) -> bool {
    let table = include_str!("../data/deny_ranges.tsv");
    let ip = match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    };
    table
        .lines()
        .skip(1)
        .filter_map(|line| line.split('\t').next())
        .any(|cidr| match cidr.strip_prefix('!') {
            Some(only) => ip.is_ipv6() && !only.parse::<ipnet::IpNet>().unwrap().contains(&ip),
            None => cidr
                .parse::<ipnet::IpNet>()
                .is_ok_and(|net| net.contains(&ip)),
        })
}

fn any_ip() -> impl Strategy<Value = IpAddr> {
    let near = prop::sample::select(vec![
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "100.64.0.0",
        "192.0.0.192",
        "172.16.0.0",
        "198.18.0.0",
        "224.0.0.0",
        "168.63.129.16",
        "::1",
        "fe80::1",
        "fd00:ec2::254",
        "64:ff9b::1",
        "2001::1",
        "2002::1",
        "3fff::1",
        "2620:4f:8000::1",
    ]);
    prop_oneof![
        any::<u32>().prop_map(|bits| Ipv4Addr::from(bits).into()),
        any::<u128>().prop_map(|bits| Ipv6Addr::from(bits).into()),
        any::<u32>().prop_map(|bits| Ipv4Addr::from(bits).to_ipv6_mapped().into()),
        (near, any::<u8>()).prop_map(|(text, low)| match text.parse().unwrap() {
            IpAddr::V4(ip) => Ipv4Addr::from(u32::from(ip) ^ u32::from(low)).into(),
            IpAddr::V6(ip) => Ipv6Addr::from(u128::from(ip) ^ u128::from(low)).into(),
        }),
    ]
}

/// Pieces that URLs and attacks on their readers are made of.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "https://", "HTTPS://", "http://", "https:", "//", "/", "\\", "@", ":", ":443", ":8443", ":80", "?", "#", ".", "..",
            "%2e", "%00", "[", "]", "::1", "::ffff:", "127.0.0.1", "0x7f.1", "2130706433", "017700000001", "localhost",
            "hook.example.com", "1.1.1.1", "8.8.8.8", "169.254.169.254", "user", "xn--", "\t", " ", "\u{200b}", "。", "①",
            "ａ", "é", "-", "_", "0", ".local", ".internal",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-z0-9.:-]{0,12}",
    ]
}

fn any_url() -> impl Strategy<Value = String> {
    let soup = || prop::collection::vec(piece(), 0..8).prop_map(|pieces| pieces.concat());
    prop_oneof![
        soup(),
        soup().prop_map(|rest| format!("https://{rest}")),
        (0usize..40, piece()).prop_map(|(at, piece)| {
            let base = "https://hook.example.com:8443/orders?a=b#c";
            let at = at.min(base.len());
            format!("{}{piece}{}", &base[..at], &base[at..])
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_policy_and_the_table_agree_on_every_address(ip in any_ip()) {
        prop_assert_eq!(policy().check_address(ip, 443).is_err(), denied(ip), "{}", ip);
        prop_assert!(policy().check_address(ip, 80).is_err());
    }

    #[test]
    fn a_url_that_passes_is_what_every_reader_takes_it_for(text in any_url()) {
        let Ok(target) = policy().check_url(&text) else { return Ok(()) };
        let whatwg = ::url::Url::parse(&text).unwrap();
        prop_assert_eq!(whatwg.scheme(), "https");
        prop_assert!(whatwg.username().is_empty() && whatwg.password().is_none());
        prop_assert_eq!(whatwg.port_or_known_default(), Some(target.port()));
        let host = whatwg.host_str().unwrap().trim_end_matches('.').to_owned();
        match target.host() {
            Host::Name(name) => {
                prop_assert_eq!(&host, name);
                prop_assert!(name.contains('.') && name.is_ascii());
            }
            Host::Ip(ip) => {
                let read: IpAddr = host.trim_matches(['[', ']']).parse().unwrap();
                prop_assert_eq!(read.to_canonical(), *ip);
                prop_assert!(!denied(*ip));
            }
        }
        // Read again, it is the same.
        let again = policy().check_url(target.url()).unwrap();
        prop_assert_eq!(&again, &target);
    }

    #[test]
    fn a_metadata_address_is_never_an_exception(low in any::<u16>()) {
        let ip = Ipv4Addr::from(0xa9fe_0000 | u32::from(low));
        let plain = format!("{ip}:443");
        prop_assert!(EgressPolicy::parse(&plain).is_err());
        let mapped = format!("[{}]:443", ip.to_ipv6_mapped());
        prop_assert!(EgressPolicy::parse(&mapped).is_err());
    }
}

#[tokio::test]
async fn ten_thousand_calls_under_changing_answers_reach_no_denied_address() {
    let rig = Rig::new().await;
    let public: SocketAddr = "93.184.216.34:443".parse().unwrap();
    let pool = [
        "93.184.216.34",
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "fd00:ec2::254",
    ];
    let replies = (0..10_000u32)
        .map(|i| {
            let hash = i.wrapping_mul(2_654_435_761) >> 16;
            let first = pool[(hash % 8) as usize];
            let second = pool[((hash >> 3) % 8) as usize];
            match hash % 3 {
                0 => DnsReply::addresses(&[first]),
                1 => DnsReply::addresses(&[first, second]),
                _ => DnsReply::addresses(&["93.184.216.34"]),
            }
        })
        .collect();
    rig.dns.script(NAME, replies);
    for _ in 0..10_000 {
        rig.call(read()).await;
    }
    assert_eq!(rig.dns.lookups(NAME), 10_000);
    assert!(rig.network.dials().iter().all(|dial| *dial == public));
    assert!(rig.server.requests().len() > 3_000);
}

#[tokio::test]
async fn mangled_urls_dial_nothing_but_what_they_name() {
    let rig = Rig::new().await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..2_000 {
        let text = any_url().new_tree(&mut runner).unwrap().current();
        rig.call(Call {
            url: text,
            ..read()
        })
        .await;
    }
    for dial in rig.network.dials() {
        assert!(!denied(dial.ip()), "{dial}");
    }
}

#[test]
fn exceptions_open_one_address_and_port_each() {
    let policy = EgressPolicy::parse(" 10.1.2.3:443, [fd00::5]:8443,127.0.0.1:9443 ,").unwrap();
    for open in [
        "https://10.1.2.3/",
        "https://[fd00::5]:8443/",
        "https://127.0.0.1:9443/",
        "https://[::ffff:127.0.0.1]:9443/",
    ] {
        assert!(policy.check_url(open).is_ok(), "{open}");
    }
    for shut in [
        "https://10.1.2.3:8443/",
        "https://10.1.2.4/",
        "https://[fd00::5]/",
        "https://127.0.0.1/",
        "https://1.1.1.1:9443/",
    ] {
        assert!(policy.check_url(shut).is_err(), "{shut}");
    }
    // A name with an excepted port is judged by what it resolves to.
    assert!(policy.check_url("https://hook.example.com:9443/").is_ok());
    assert_eq!(
        policy
            .check_url("https://hook.example.com:9444/")
            .unwrap_err()
            .rule,
        Rule::PortNotAllowed
    );
    assert_eq!(
        policy
            .check_url("https://localhost:9443/")
            .unwrap_err()
            .rule,
        Rule::NameNotPublic
    );
}

#[test]
fn exceptions_that_are_no_exact_address_are_refused_with_the_entry() {
    for entry in [
        "10.0.0.0/8:443",
        "10.1.2.3",
        "host.example:443",
        "10.1.2.3:0",
        "10.1.2.3:65536",
        "0.0.0.0:443",
        "[::]:443",
        "224.0.0.1:443",
        "255.255.255.255:443",
        "169.254.169.254:443",
        "100.100.100.200:443",
        "168.63.129.16:443",
        "192.0.0.192:443",
        "169.254.170.2:443",
        "[fd00:ec2::254]:443",
        "[::ffff:169.254.169.254]:443",
        "*",
        "010.1.2.3:443",
    ] {
        let error = EgressPolicy::parse(&format!("127.0.0.1:9443,{entry}")).unwrap_err();
        assert!(error.to_string().contains(entry), "{entry}: {error}");
    }
    assert!(
        EgressPolicy::parse("")
            .unwrap()
            .check_url("https://127.0.0.1/")
            .is_err()
    );
}

#[test]
fn the_rules_name_themselves() {
    let long = format!("https://hook.example.com/{}", "a".repeat(2_048));
    for (url, rule) in [
        (long.as_str(), Rule::TooLong),
        ("https://hook.example.com/a b", Rule::ForbiddenCharacter),
        ("https://hook.example.com\\@x/", Rule::ForbiddenCharacter),
        (
            "https://hook\u{200b}.example.com/",
            Rule::InvisibleCharacter,
        ),
        ("https:/hook.example.com/", Rule::Malformed),
        ("hook.example.com", Rule::Malformed),
        ("http://hook.example.com/", Rule::SchemeNotHttps),
        ("https://u:p@hook.example.com/", Rule::Userinfo),
        ("https://a%2eexample.com/", Rule::PercentEncodedHost),
        ("https://0x7f.1/", Rule::NonCanonicalHost),
        ("https://example.com../", Rule::InvalidHost),
        ("https://hook.example.com:22/", Rule::PortNotAllowed),
        ("https://printer.local/", Rule::NameNotPublic),
        ("https://127.0.0.1/", Rule::AddressNotPublic),
    ] {
        assert_eq!(policy().check_url(url).unwrap_err().rule, rule, "{url:.60}");
    }
    let mut codes: Vec<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Rule::ALL.len());
}

#[test]
fn what_can_be_normalised_is() {
    for (text, url) in [
        ("HTTPS://HOOK.Example.COM:443", "https://hook.example.com/"),
        ("https://hook.example.com./a", "https://hook.example.com/a"),
        (
            "https://bücher.example.com/ä?ö#x",
            "https://xn--bcher-kva.example.com/%C3%A4?%C3%B6",
        ),
        (
            "https://BÜCHER.example.com/",
            "https://xn--bcher-kva.example.com/",
        ),
        (
            "https://xn--bcher-kva.example.com/",
            "https://xn--bcher-kva.example.com/",
        ),
        ("https://[::ffff:8.8.8.8]/", "https://8.8.8.8/"),
        (
            "https://[2606:4700:4700:0:0:0:0:1111]:8443/",
            "https://[2606:4700:4700::1111]:8443/",
        ),
    ] {
        assert_eq!(policy().check_url(text).unwrap().url(), url);
    }
}
