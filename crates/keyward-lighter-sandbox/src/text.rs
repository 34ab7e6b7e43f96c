//! Values that are kept in JSON as their text.

/// A value that prints and reads itself; what it reads from is not repeated in the error.
pub(crate) mod display {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A public key, as 80 hexadecimal digits.
pub(crate) mod public_key {
    use keyward_lighter::{VerifyingKey, parse_public_key, public_key_hex};
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(key: &VerifyingKey, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&public_key_hex(key))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<VerifyingKey, D::Error> {
        parse_public_key(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }

    /// The key of a slot that may have none.
    pub(crate) fn deserialize_optional<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<VerifyingKey>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| parse_public_key(&text).map_err(D::Error::custom)).transpose()
    }
}

/// A digest, as 64 hexadecimal digits.
pub(crate) mod digest {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(digest: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:x}", base16ct::HexDisplay(digest)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let mut digest = [0; 32];
        match base16ct::lower::decode(String::deserialize(deserializer)?, &mut digest) {
            Ok(decoded) if decoded.len() == 32 => Ok(digest),
            _ => Err(D::Error::custom("not a digest of 64 lower-case hexadecimal digits")),
        }
    }
}
