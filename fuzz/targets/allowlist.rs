//! 16 bytes of an address, then a list of ranges, one a line: a range prints as what reads back and holds its own ends; the
//! list allows the address if and only if one of its ranges holds it by its number.

#![cfg_attr(fuzzing, no_main)]

use std::net::{IpAddr, Ipv6Addr};

use keyward_apikey::{Allowlist, IpRange};
use keyward_fuzz::{assert_one_line, is_canonical_decimal, split};

fn property(data: &[u8]) {
    let (address, rest) = split::<16>(data);
    let address = IpAddr::V6(Ipv6Addr::from(address));
    let Ok(text) = str::from_utf8(rest) else { return };
    let texts: Vec<&str> = text.lines().collect();

    let spans: Vec<Option<Span>> = texts.iter().map(|text| Span::parse(text)).collect();
    for (text, span) in texts.iter().zip(&spans) {
        let parsed = text.parse::<IpRange>();
        assert_eq!(parsed.is_ok(), span.is_some(), "{text}");
        let (Ok(range), Some(span)) = (parsed, span) else { continue };
        assert_eq!(range.to_string().parse(), Ok(range));
        for at in [span.first, span.last, span.first.wrapping_sub(1), span.last.wrapping_add(1), number(address)] {
            assert_eq!(range.contains(IpAddr::V6(Ipv6Addr::from(at))), span.contains(at), "{text} and {at:x}");
        }
    }

    match Allowlist::parse(texts.iter().copied()) {
        Ok(list) => {
            let holds = spans.iter().flatten().any(|span| span.contains(number(address)));
            assert_eq!(list.allows(Some(address)), texts.is_empty() || holds);
            assert_eq!(list.allows(Some(address.to_canonical())), texts.is_empty() || holds);
            assert!(list.is_subset_of(&list) && list.is_subset_of(&Allowlist::ANYWHERE));
            let again = Allowlist::parse(
                list.ranges().iter().map(IpRange::to_string).collect::<Vec<_>>().iter().map(String::as_str),
            );
            assert_eq!(again, Ok(list));
        }
        Err(error) => {
            assert!(texts.len() > 64 || spans.iter().any(Option::is_none));
            assert_one_line(error);
        }
    }
}

/// First and last number, with IPv4 where it is mapped into IPv6.
struct Span {
    first: u128,
    last: u128,
}

impl Span {
    /// The form, told with the standard library's addresses and numbers alone.
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            None => (text, None),
            Some((address, bits)) => (address, Some(bits).filter(|bits| is_canonical_decimal(bits, 128))?.into()),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits: u32 = bits.map_or(Ok(width), str::parse).ok().filter(|bits| *bits <= width)?;
        let rest = u128::MAX.checked_shr(bits + 128 - width).unwrap_or(0);
        let first = number(address);
        (first & rest == 0).then_some(Self { first, last: first | rest })
    }

    /// A range of IPv6 holds no IPv4 address, though its numbers do.
    fn contains(&self, at: u128) -> bool {
        (self.first..=self.last).contains(&at) && (self.first >> 32 == 0xffff) == (at >> 32 == 0xffff)
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().into(),
        IpAddr::V6(address) => address.into(),
    }
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("allowlist", property);
}
