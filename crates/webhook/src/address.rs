//! Which addresses are public. The table is in `tests/data/deny_ranges.tsv`; a test holds the two
//! together.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// IPv4 blocks that are not public: the IANA special-purpose registry, multicast, and one address
/// of a cloud's control plane inside an ordinary range.
pub(crate) const DENIED_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(168, 63, 129, 16, 32),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 31, 196, 0, 24),
    v4(192, 52, 193, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(192, 175, 48, 0, 24),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

/// The only IPv6 block that holds public addresses: global unicast (RFC 4291 §2.4).
pub(crate) const ALLOWED_V6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// The blocks inside it that are not public.
pub(crate) const DENIED_V6: &[Ipv6Net] = &[
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Where clouds serve credentials to whoever asks. No exception opens these.
const METADATA_V4: &[Ipv4Net] = &[
    v4(169, 254, 0, 0, 16),
    v4(100, 100, 100, 200, 32),
    v4(168, 63, 129, 16, 32),
    v4(192, 0, 0, 192, 32),
];

const METADATA_V6: &[Ipv6Addr] = &[
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
];

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(s: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(
        Ipv6Addr::new(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]),
        prefix,
    )
}

/// The address itself, with an IPv4-mapped IPv6 address (`::ffff:0:0/96`, RFC 4291 §2.5.5.2)
/// unwrapped, since that is the host that would be reached.
pub(crate) fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

/// Whether the address is on the public internet.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match canonical(ip) {
        IpAddr::V4(ip) => !DENIED_V4.iter().any(|net| net.contains(&ip)),
        IpAddr::V6(ip) => {
            ALLOWED_V6.contains(&ip) && !DENIED_V6.iter().any(|net| net.contains(&ip))
        }
    }
}

/// Whether the address serves cloud metadata, in any spelling that a translator would undo
/// (IPv4-mapped, IPv4-compatible, NAT64 of RFC 6052 and RFC 8215, 6to4).
pub(crate) fn is_metadata(ip: IpAddr) -> bool {
    match canonical(ip) {
        IpAddr::V4(ip) => METADATA_V4.iter().any(|net| net.contains(&ip)),
        IpAddr::V6(ip) => {
            METADATA_V6.contains(&ip)
                || embedded_v4(ip).is_some_and(|v4| METADATA_V4.iter().any(|net| net.contains(&v4)))
        }
    }
}

fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = ip.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match s {
        [0, 0, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        [0, 0, 0, 0, 0xffff, 0, high, low] => Some(join(high, low)),
        [0x64, 0xff9b, _, _, _, _, high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_code_and_the_table_name_the_same_blocks() {
        let table: BTreeSet<String> = include_str!("../tests/data/deny_ranges.tsv")
            .lines()
            .skip(1)
            .filter_map(|line| line.split('\t').next())
            .filter(|cidr| !cidr.starts_with('('))
            .map(str::to_owned)
            .collect();
        let code: BTreeSet<String> = DENIED_V4
            .iter()
            .map(ToString::to_string)
            .chain(DENIED_V6.iter().map(ToString::to_string))
            .chain([format!("!{ALLOWED_V6}")])
            .collect();
        assert_eq!(code, table);
    }

    #[test]
    fn first_middle_and_last_of_every_block_are_refused() {
        for net in DENIED_V4 {
            let (first, last) = (u32::from(net.network()), u32::from(net.broadcast()));
            for bits in [first, first + (last - first) / 2, last] {
                let ip = Ipv4Addr::from(bits);
                assert!(!is_public(ip.into()), "{ip} of {net}");
                assert!(
                    !is_public(ip.to_ipv6_mapped().into()),
                    "mapped {ip} of {net}"
                );
            }
        }
        for net in DENIED_V6 {
            let (first, last) = (u128::from(net.network()), u128::from(net.broadcast()));
            for bits in [first, first + (last - first) / 2, last] {
                let ip = Ipv6Addr::from(bits);
                assert!(!is_public(ip.into()), "{ip} of {net}");
            }
        }
    }

    #[test]
    fn first_middle_and_last_of_everything_outside_global_unicast_are_refused() {
        let blocks = [
            "::/128",
            "::1/128",
            "::/96",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "100::/64",
            "100:0:0:1::/64",
            "4000::/2",
            "5f00::/16",
            "8000::/1",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
        ];
        for block in blocks {
            let net: Ipv6Net = block.parse().unwrap();
            let (first, last) = (u128::from(net.network()), u128::from(net.broadcast()));
            for bits in [first, first + (last - first) / 2, last] {
                let ip = Ipv6Addr::from(bits);
                assert!(!is_public(ip.into()), "{ip} of {net}");
            }
        }
    }

    #[test]
    fn the_addresses_just_outside_a_block_are_public() {
        for ip in [
            "9.255.255.255",
            "11.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "223.255.255.255",
            "2001:200::1",
            "3fff:1000::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn metadata_is_known_in_every_spelling() {
        for ip in [
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            assert!(is_metadata(ip.parse().unwrap()), "{ip}");
        }
        assert!(!is_metadata("10.1.2.3".parse().unwrap()));
        assert!(!is_metadata("127.0.0.1".parse().unwrap()));
    }
}
