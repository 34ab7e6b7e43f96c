//! Ids, digests and names as text, numbers as numbers, lists as lists; all read through their checks.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    Allowlist, IpRange, KeyDigest, KeyHint, KeyId, KeyName, Limit, LinkDigest, Metadata, Revision, Scope, Scopes,
    WalletAddress,
};

/// A type whose `Display` and reading are its form as data, too.
macro_rules! as_text {
    ($($type:ty: $read:expr, $what:literal;)*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text { what: $what, read: |text: &str| $read(text) })
            }
        }
    )*};
}

as_text! {
    KeyId: KeyId::from_str, "a key id";
    KeyDigest: KeyDigest::from_str, "a digest of a key";
    LinkDigest: LinkDigest::from_str, "a digest of a link token";
    KeyHint: KeyHint::from_str, "what may be shown of a key";
    KeyName: KeyName::exact, "a name";
    Scope: Scope::from_str, "a scope";
    WalletAddress: WalletAddress::from_str, "a wallet address";
    IpRange: IpRange::from_str, "a range of ip addresses";
    Metadata: Metadata::new, "metadata";
}

/// Reads a text through a check whose error does not repeat it.
struct Text<R> {
    what: &'static str,
    read: R,
}

impl<T, E: fmt::Display, R: FnOnce(&str) -> Result<T, E>> Visitor<'_> for Text<R> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_str<F: Error>(self, text: &str) -> Result<T, F> {
        (self.read)(text).map_err(F::custom)
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Allowlist {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.ranges())
    }
}

impl<'de> Deserialize<'de> for Allowlist {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.as_u64())
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for Revision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.as_u64())
    }
}

impl<'de> Deserialize<'de> for Revision {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
