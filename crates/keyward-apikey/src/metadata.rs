use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// What an owner keeps with a key: a JSON object of up to 16 KiB and a depth of up to 32, kept byte for byte.
///
/// The text is RFC 8259's JSON in UTF-8, without a byte order mark; no object in it has a member twice, however it is spelled,
/// no string has half a surrogate pair, and numbers are within the range of a double. Nothing is normalised.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Metadata(Box<str>);

impl Metadata {
    /// The longest text: 16 KiB.
    pub const MAX_LEN: usize = 16 * 1024;

    /// The most objects and arrays within each other, the outermost one counted: 32.
    pub const MAX_DEPTH: u8 = 32;

    /// The metadata of this text.
    ///
    /// # Errors
    /// - the text has more than 16,384 bytes
    /// - it is not JSON, or another value than an object
    /// - a member is there twice
    /// - more than 32 objects and arrays are within each other
    pub fn new(json: &str) -> Result<Self, MetadataError> {
        if json.len() > Self::MAX_LEN {
            return Err(MetadataError::TooLong);
        }
        let mut found = None;
        let mut reader = serde_json::Deserializer::from_str(json);
        let outermost = Value { depth: Self::MAX_DEPTH, found: &mut found };
        match outermost.deserialize(&mut reader).and_then(|()| reader.end()) {
            Err(_) => Err(found.unwrap_or(MetadataError::NotJson)),
            // Told by the text, as a feature of serde_json, which any crate of a program may ask for, shows numbers as maps.
            Ok(()) if json.trim_start().starts_with('{') => Ok(Self(json.into())),
            Ok(()) => Err(MetadataError::NotAnObject),
        }
    }

    /// The text, as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The length alone: an owner may keep anything here.
impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metadata").field("len", &self.0.len()).finish_non_exhaustive()
    }
}

/// Why a text is not [`Metadata`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// More than 16 KiB.
    #[error("metadata of more than {} bytes", Metadata::MAX_LEN)]
    TooLong,
    /// Not JSON.
    #[error("metadata that is not json")]
    NotJson,
    /// JSON, but no object.
    #[error("metadata that is no json object")]
    NotAnObject,
    /// An object with one member twice.
    #[error("metadata with a member twice in one object")]
    Repeated,
    /// More than 32 objects and arrays within each other.
    #[error("metadata more than {} levels deep", Metadata::MAX_DEPTH)]
    TooDeep,
}

/// Reads one value and keeps nothing of it.
struct Value<'a> {
    /// How many more objects and arrays may be opened.
    depth: u8,
    /// Which rule was broken, if it was not JSON's.
    found: &'a mut Option<MetadataError>,
}

impl Value<'_> {
    fn refuse<E: Error>(self, error: MetadataError) -> E {
        *self.found = Some(error);
        E::custom(error)
    }

    fn inner(&mut self) -> Value<'_> {
        // The caller has looked at the depth.
        Value { depth: self.depth.saturating_sub(1), found: self.found }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a json value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut values: A) -> Result<(), A::Error> {
        if self.depth == 0 {
            return Err(self.refuse(MetadataError::TooDeep));
        }
        while values.next_element_seed(self.inner())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        if self.depth == 0 {
            return Err(self.refuse(MetadataError::TooDeep));
        }
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let is_new = names.insert(name);
            // A name without a value is no member, and its text no JSON.
            members.next_value_seed(self.inner())?;
            if !is_new {
                return Err(self.refuse(MetadataError::Repeated));
            }
        }
        Ok(())
    }
}
