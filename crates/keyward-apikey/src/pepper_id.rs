use core::fmt;
use core::str::FromStr;

/// The name of a pepper, which stands in each digest made with it: 1 to 16 of `a-z`, `0-9` and `-`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PepperId {
    // The name, and zeros behind it.
    name: [u8; Self::MAX_LEN],
    len: u8,
}

impl PepperId {
    /// The longest name: 16 bytes.
    pub const MAX_LEN: usize = 16;

    /// The pepper named `name`.
    ///
    /// # Errors
    /// - `name` is empty or longer than 16 bytes
    /// - a byte is none of `a-z`, `0-9` and `-`
    pub fn new(name: &str) -> Result<Self, InvalidPepperId> {
        let is_allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if name.is_empty() || name.len() > Self::MAX_LEN || !name.bytes().all(is_allowed) {
            return Err(InvalidPepperId);
        }
        let mut padded = [0; Self::MAX_LEN];
        padded[..name.len()].copy_from_slice(name.as_bytes());
        Ok(Self { name: padded, len: name.len() as u8 })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.name[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Display for PepperId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for PepperId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PepperId").field(&self.as_str()).finish()
    }
}

impl FromStr for PepperId {
    type Err = InvalidPepperId;

    fn from_str(name: &str) -> Result<Self, InvalidPepperId> {
        Self::new(name)
    }
}

/// A text that is no [`PepperId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("pepper name that is not 1 to 16 of a-z, 0-9 and -")]
pub struct InvalidPepperId;
