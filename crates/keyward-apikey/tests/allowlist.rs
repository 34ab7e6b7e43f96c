//! Where a key may be used from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use keyward_apikey::{Allowlist, AllowlistError, InvalidIpRange, IpRange};
use proptest::prelude::*;

/// An address as a number in one space: IPv4 is that part of IPv6 in which it is mapped.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_ipv6_mapped()),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn is_mapped(number: u128) -> bool {
    number >> 32 == 0xffff
}

/// A range as first and last number.
#[derive(Debug, Clone)]
struct Span {
    text: String,
    first: u128,
    last: u128,
}

impl Span {
    fn new(text: String, address: u128, bits: u32) -> Self {
        let rest = if bits == 0 { u128::MAX } else { (1_u128 << (128 - bits)) - 1 };
        Self { text, first: address & !rest, last: address | rest }
    }

    /// IPv6 ranges hold no IPv4 addresses, though their numbers do.
    fn contains(&self, address: u128) -> bool {
        (self.first..=self.last).contains(&address) && is_mapped(self.first) == is_mapped(address)
    }
}

fn span() -> impl Strategy<Value = Span> {
    // Few addresses, so that ranges meet.
    let v4 = (0_u32..16, 0_u32..=32).prop_map(|(low, bits)| {
        let address = 0x0a00_0000 | low << 4;
        let masked = if bits == 0 { 0 } else { address & (u32::MAX << (32 - bits)) };
        let text = format!("{}/{bits}", Ipv4Addr::from(masked));
        Span::new(text, number(Ipv4Addr::from(masked).into()), 96 + bits)
    });
    let mapped = (0_u32..16, 0_u32..=32).prop_map(|(low, bits)| {
        let address = 0x0a00_0000 | low << 4;
        let masked = if bits == 0 { 0 } else { address & (u32::MAX << (32 - bits)) };
        let text = format!("::ffff:{}/{}", Ipv4Addr::from(masked), 96 + bits);
        Span::new(text, number(Ipv4Addr::from(masked).into()), 96 + bits)
    });
    let v6 = (0_u128..16, 0_u32..=128).prop_map(|(low, bits)| {
        let address = 0x2001_0db8_0000_0000_0000_0000_0000_0000 | low << 4;
        let masked = if bits == 0 { 0 } else { address & (u128::MAX << (128 - bits)) };
        Span::new(format!("{}/{bits}", Ipv6Addr::from(masked)), masked, bits)
    });
    prop_oneof![v4, mapped, v6]
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        (0_u32..300).prop_map(|low| IpAddr::from(Ipv4Addr::from(0x0a00_0000 | low))),
        (0_u32..300).prop_map(|low| IpAddr::from(Ipv4Addr::from(0x0a00_0000 | low).to_ipv6_mapped())),
        (0_u128..300).prop_map(|low| IpAddr::from(Ipv6Addr::from(0x2001_0db8_u128 << 96 | low))),
        any::<u32>().prop_map(|bits| IpAddr::from(Ipv4Addr::from(bits))),
        any::<u128>().prop_map(|bits| IpAddr::from(Ipv6Addr::from(bits))),
    ]
}

fn list(spans: &[Span]) -> Allowlist {
    Allowlist::parse(spans.iter().map(|span| span.text.as_str())).unwrap()
}

proptest! {
    #[test]
    fn addresses_are_in_ranges_as_numbers_are(spans in proptest::collection::vec(span(), 1..6), address in address()) {
        let expected = spans.iter().any(|span| span.contains(number(address)));
        prop_assert_eq!(list(&spans).allows(Some(address)), expected);
    }

    #[test]
    fn subsets_allow_no_address_more(
        one in proptest::collection::vec(span(), 1..4),
        other in proptest::collection::vec(span(), 1..6),
    ) {
        // Where ranges begin and end, and next to that, is all where something can change.
        let edges: Vec<u128> = one
            .iter()
            .chain(&other)
            .flat_map(|span| [span.first, span.first.wrapping_sub(1), span.last, span.last.wrapping_add(1)])
            .collect();
        let covers = |spans: &[Span], at: u128| spans.iter().any(|span| span.contains(at));
        let expected = edges.iter().all(|at| !covers(&one, *at) || covers(&other, *at));
        prop_assert_eq!(list(&one).is_subset_of(&list(&other)), expected);
    }

    #[test]
    fn ranges_print_what_reads_back(span in span()) {
        let range: IpRange = span.text.parse().unwrap();
        let text = range.to_string();
        prop_assert_eq!(text.parse::<IpRange>(), Ok(range));
        prop_assert!(!text.contains("ffff"), "{} is IPv4", text);
    }

    #[test]
    fn a_bit_behind_those_that_count_is_refused(bits in 0_u32..32, at in 0_u32..32, v6: bool) {
        prop_assume!(at >= bits);
        let one = 1_u32 << (31 - at);
        let text = if v6 {
            format!("{}/{bits}", Ipv6Addr::from(u128::from(one) << 96))
        } else {
            format!("{}/{bits}", Ipv4Addr::from(one))
        };
        prop_assert_eq!(text.parse::<IpRange>(), Err(InvalidIpRange));
    }
}

#[test]
fn odd_forms_are_refused() {
    for text in [
        "",
        " ",
        "/",
        "10.0.0.0/",
        "/24",
        "10.0.0.1 ",
        " 10.0.0.1",
        "10.0.0",
        "10.0.0.0.0",
        "010.0.0.1",
        "10.0.0.01",
        "0x0a.0.0.1",
        "167772161",
        "10.0.0.256",
        "10.0.0.0/33",
        "10.0.0.0/024",
        "10.0.0.0/+24",
        "10.0.0.0/-1",
        "10.0.0.0/24/24",
        "10.0.0.0/0x18",
        "10.0.0.0/255.255.255.0",
        "10.0.0.0/256",
        "10.0.0.0/280",
        "10.0.0.0 /24",
        "10.0.0.0/ 24",
        "10.0.0.0/２４",
        "10.0.0.1/24",
        "10.0.0.1:80",
        "localhost",
        "fe80::1%eth0",
        "fe80::1%1",
        "fe80::%1/64",
        "[::1]",
        "::1::",
        ":::",
        "2001:db8::/129",
        "2001:db8::1/64",
        "12345::",
        "::ffff:10.0.0.01",
        "::ffff:10.0.0.1/120",
        "::ffff:0:0/95",
        "::ffff:0:0/80",
        "10.0.0.0/٣",
    ] {
        assert_eq!(text.parse::<IpRange>(), Err(InvalidIpRange), "{text:?}");
    }
}

#[test]
fn one_range_has_one_printed_form() {
    for (text, printed) in [
        ("192.168.1.100", "192.168.1.100"),
        ("192.168.1.100/32", "192.168.1.100"),
        ("10.0.0.0/24", "10.0.0.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("2001:DB8:0:0::/32", "2001:db8::/32"),
        ("::1", "::1"),
        ("::1/128", "::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::ffff:a00:1", "10.0.0.1"),
        ("::ffff:10.0.0.0/120", "10.0.0.0/24"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
    ] {
        assert_eq!(text.parse::<IpRange>().map(|range| range.to_string()), Ok(printed.to_owned()), "{text}");
    }
}

#[test]
fn no_range_is_no_restriction() {
    let unknown = None;
    assert!(Allowlist::ANYWHERE.allows(unknown) && Allowlist::ANYWHERE.allows(Some("1.2.3.4".parse().unwrap())));
    let here = Allowlist::parse(["10.0.0.0/24"]).unwrap();
    assert!(!here.allows(unknown));
    assert!(here.is_subset_of(&Allowlist::ANYWHERE) && Allowlist::ANYWHERE.is_subset_of(&Allowlist::ANYWHERE));
    assert!(!Allowlist::ANYWHERE.is_subset_of(&here));
    // Everything by name is not the same: it wants to know the address, and to be both kinds.
    let everything = Allowlist::parse(["0.0.0.0/0", "::/0"]).unwrap();
    assert!(!Allowlist::ANYWHERE.is_subset_of(&everything));
}

#[test]
fn halves_cover_their_whole() {
    let halves = Allowlist::parse(["10.0.0.0/25", "10.0.0.128/25"]).unwrap();
    assert!(Allowlist::parse(["10.0.0.0/24"]).unwrap().is_subset_of(&halves));
    assert!(!Allowlist::parse(["10.0.0.0/23"]).unwrap().is_subset_of(&halves));
}

#[test]
fn lists_are_bounded() {
    let texts: Vec<String> = (0..65).map(|number| format!("10.0.0.{number}")).collect();
    let parse = |count: usize| Allowlist::parse(texts[..count].iter().map(String::as_str));
    assert_eq!(parse(64).map(|list| list.ranges().len()), Ok(Allowlist::MAX_COUNT));
    assert_eq!(parse(65), Err(AllowlistError::TooMany));
    assert_eq!(Allowlist::parse(["10.0.0.1", "nowhere"]), Err(AllowlistError::Range(InvalidIpRange)));
    let twice = Allowlist::parse(["10.0.0.1", "::ffff:10.0.0.1"]).unwrap();
    assert_eq!(twice.ranges().len(), 1);
}
