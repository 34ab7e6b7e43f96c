use alloc::vec::Vec;
use core::fmt;
use core::net::{IpAddr, Ipv6Addr};
use core::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::memory;

/// Addresses that a key may be used from: one address, or all with a common beginning, such as `192.168.1.100`,
/// `10.0.0.0/24` or `2001:db8::/32`.
///
/// An IPv6 address that stands for an IPv4 one (`::ffff:a.b.c.d`) is that IPv4 one. `Display` prints an address without the
/// length of its beginning if it is all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IpRange(IpNet);

impl IpRange {
    /// Whether the address is in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl fmt::Display for IpRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

/// Reads an address, or an address, `/` and the number of leading bits that count.
///
/// # Errors
/// - no IPv4 address in four decimal numbers without leading zeros, and no IPv6 address; or one with a zone
/// - a number of bits that is no canonical decimal, or larger than the address
/// - a bit set behind those that count
impl FromStr for IpRange {
    type Err = InvalidIpRange;

    fn from_str(text: &str) -> Result<Self, InvalidIpRange> {
        let (address, bits) = match text.split_once('/') {
            None => (text, None),
            Some((address, bits)) => (address, Some(parse_bits(bits)?)),
        };
        let net = match address.parse().map_err(|_| InvalidIpRange)? {
            IpAddr::V4(address) => Ipv4Net::new(address, bits.unwrap_or(32)).map(IpNet::V4),
            IpAddr::V6(address) => Ipv6Net::new(address, bits.unwrap_or(128)).map(IpNet::V6),
        };
        let net = net.map_err(|_| InvalidIpRange)?;
        if net != net.trunc() {
            return Err(InvalidIpRange);
        }
        Ok(Self(canonical(net)))
    }
}

/// Two digits or three, as no address has more bits.
fn parse_bits(text: &str) -> Result<u8, InvalidIpRange> {
    let bits = text.parse::<u8>().map_err(|_| InvalidIpRange)?;
    let is_canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if is_canonical { Ok(bits) } else { Err(InvalidIpRange) }
}

/// IPv4 addresses written as IPv6 ones become IPv4.
fn canonical(net: IpNet) -> IpNet {
    const MAPPED_BITS: u8 = 96;
    let IpNet::V6(v6) = net else { return net };
    let mapped = |address: Ipv6Addr| address.to_ipv4_mapped().zip(v6.prefix_len().checked_sub(MAPPED_BITS));
    match mapped(v6.addr()).and_then(|(address, bits)| Ipv4Net::new(address, bits).ok()) {
        Some(v4) => IpNet::V4(v4),
        None => net,
    }
}

/// A text that is no [`IpRange`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not an ip address, and not an address with a prefix length and nothing behind it")]
pub struct InvalidIpRange;

/// Where a key may be used from: up to 64 [`IpRange`]s, or, if there is none, anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Allowlist(Vec<IpRange>);

impl Allowlist {
    /// The most ranges of a key: 64.
    pub const MAX_COUNT: usize = 64;

    /// No restriction.
    pub const ANYWHERE: Self = Self(Vec::new());

    /// These ranges, each once.
    ///
    /// # Errors
    /// - there are more than 64
    pub fn new(ranges: impl IntoIterator<Item = IpRange>) -> Result<Self, AllowlistError> {
        let mut kept = Vec::new();
        for range in ranges {
            if kept.contains(&range) {
                continue;
            }
            if kept.len() == Self::MAX_COUNT {
                return Err(AllowlistError::TooMany);
            }
            kept.push(range);
        }
        Ok(Self(kept))
    }

    /// The ranges of these texts.
    ///
    /// # Errors
    /// - a text is no [`IpRange`]
    /// - there are more than 64
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, AllowlistError> {
        let mut texts = texts.into_iter();
        let ranges: Result<Vec<IpRange>, InvalidIpRange> =
            texts.by_ref().take(Self::MAX_COUNT).map(str::parse).collect();
        let ranges = ranges?;
        if texts.next().is_some() { Err(AllowlistError::TooMany) } else { Self::new(ranges) }
    }

    /// Whether there is no restriction.
    pub fn is_anywhere(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a client with this address may use the key. One whose address is not known (`None`) may, if there is no
    /// restriction.
    pub fn allows(&self, address: Option<IpAddr>) -> bool {
        self.is_anywhere() || address.is_some_and(|address| self.0.iter().any(|range| range.contains(address)))
    }

    /// Whether every address that this list allows is allowed by `other`.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        if other.is_anywhere() {
            return true;
        }
        // Joined, so that two halves cover a whole.
        let joined = IpNet::aggregate(&other.0.iter().map(|range| range.0).collect());
        !self.is_anywhere() && self.0.iter().all(|range| joined.iter().any(|net| net.contains(&range.0)))
    }

    /// What is behind its pointer.
    pub(crate) fn heap_bytes(&self) -> usize {
        memory::list(&self.0)
    }

    /// The ranges, in the order they were given.
    pub fn ranges(&self) -> &[IpRange] {
        &self.0
    }
}

/// Why there is no such [`Allowlist`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AllowlistError {
    /// A text is no range.
    #[error(transparent)]
    Range(#[from] InvalidIpRange),
    /// More than 64.
    #[error("more than {} ip ranges", Allowlist::MAX_COUNT)]
    TooMany,
}
