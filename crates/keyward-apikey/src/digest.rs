use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::{PepperId, PresentedKey};

const PLAIN: &str = "sha256:";
const PEPPERED: &str = "hmac-sha256:";

/// What is stored of a raw key, and what it is looked up by.
///
/// | scheme | of | text form |
/// |---|---|---|
/// | HMAC-SHA256 under a named pepper | `keyward/key/v1`, a zero byte, the key's text | `hmac-sha256:{pepper}:{64 hex digits}` |
/// | SHA-256, for [profiles](crate::KeyProfile::has_plain_digests) whose keys were hashed so before | the key's text | `sha256:{64 hex digits}` |
///
/// One digest has one text form, which names its scheme and pepper: it is the index key in a store. No slow hash is needed, as
/// there are no fewer than 128 random bits in a key.
///
/// `==` takes the same time for all digests of one scheme and pepper. Looking a digest up in a map or an index does not; that
/// is harmless, since who has no pepper cannot choose a digest's bytes, and who picks plain ones has no way from them back to
/// a key's text.
#[derive(Clone, Copy, Eq)]
pub struct KeyDigest(Digest);

impl KeyDigest {
    /// The plain SHA-256 of a key, as other systems keep it; `None` if the key's profile has no such digests.
    pub fn plain(key: PresentedKey<'_>) -> Option<Self> {
        let bytes = || Sha256::digest(key.expose_secret()).into();
        key.profile().has_plain_digests().then(|| Self(Digest { pepper: None, bytes: bytes() }))
    }

    pub(crate) const fn peppered(pepper: PepperId, bytes: [u8; 32]) -> Self {
        Self(Digest { pepper: Some(pepper), bytes })
    }

    /// The pepper's name; `None` for a plain digest.
    pub const fn pepper(&self) -> Option<PepperId> {
        self.0.pepper
    }
}

/// What is stored of a link token, and what it is looked up by: HMAC-SHA256 under a named pepper of `keyward/link/v1`, a zero
/// byte and the token's text.
///
/// The text form is `hmac-sha256:{pepper}:{64 hex digits}`, the index key in a store.
#[derive(Clone, Copy, Eq)]
pub struct LinkDigest(Digest);

impl LinkDigest {
    pub(crate) const fn peppered(pepper: PepperId, bytes: [u8; 32]) -> Self {
        Self(Digest { pepper: Some(pepper), bytes })
    }
}

/// Either kind's content.
#[derive(Clone, Copy, Eq)]
struct Digest {
    pepper: Option<PepperId>,
    bytes: [u8; 32],
}

impl Digest {
    fn ct_eq(&self, other: &Self) -> Choice {
        Choice::from(u8::from(self.pepper == other.pepper)) & self.bytes.ct_eq(&other.bytes)
    }

    fn parse(text: &str) -> Result<Self, InvalidDigest> {
        let (pepper, digits) = if let Some(digits) = text.strip_prefix(PLAIN) {
            (None, digits)
        } else {
            let rest = text.strip_prefix(PEPPERED).ok_or(InvalidDigest)?;
            let (pepper, digits) = rest.split_once(':').ok_or(InvalidDigest)?;
            (Some(PepperId::new(pepper).map_err(|_| InvalidDigest)?), digits)
        };
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return Err(InvalidDigest);
        }
        base16ct::lower::decode(digits, &mut bytes).map_err(|_| InvalidDigest)?;
        Ok(Self { pepper, bytes })
    }

    fn write_scheme(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pepper {
            None => f.write_str(PLAIN),
            Some(pepper) => write!(f, "{PEPPERED}{pepper}:"),
        }
    }

    /// Scheme and pepper alone, for logs.
    fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{name}(")?;
        self.write_scheme(f)?;
        f.write_str("…)")
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_scheme(f)?;
        let mut digits = [0; 64];
        f.write_str(base16ct::lower::encode_str(&self.bytes, &mut digits).map_err(|_| fmt::Error)?)
    }
}

impl ConstantTimeEq for KeyDigest {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl PartialEq for KeyDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Hash for KeyDigest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Display for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Scheme and pepper alone.
impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug("KeyDigest", f)
    }
}

impl FromStr for KeyDigest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        Digest::parse(text).map(Self)
    }
}

impl ConstantTimeEq for LinkDigest {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl PartialEq for LinkDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Hash for LinkDigest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Display for LinkDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Scheme and pepper alone.
impl fmt::Debug for LinkDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug("LinkDigest", f)
    }
}

impl FromStr for LinkDigest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let digest = Digest::parse(text)?;
        if digest.pepper.is_some() { Ok(Self(digest)) } else { Err(InvalidDigest) }
    }
}

/// A text that is no digest: an unknown scheme, a wrong name, or not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not the text form of a digest")]
pub struct InvalidDigest;
