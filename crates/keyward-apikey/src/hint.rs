use core::fmt;
use core::str::FromStr;

use crate::{KeyProfile, PresentedKey};

/// How many characters after the prefix are shown.
const SHOWN: usize = 4;

const ELLIPSIS: char = '…';

/// What may be shown of a key, so that its owner tells it from others: the prefix, the first four characters after it, and
/// an ellipsis, as `kw_Ab3d…`.
///
/// A key that came as a bare digest shows its prefix alone: `osvm_…`. Of 256 bits a hint gives 24 away at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyHint {
    profile: KeyProfile,
    // ASCII letters and digits.
    shown: Option<[u8; SHOWN]>,
}

impl KeyHint {
    /// The hint of a key of which only the digest is known.
    pub const fn unknown(profile: KeyProfile) -> Self {
        Self { profile, shown: None }
    }

    /// The format of the key.
    pub const fn profile(self) -> KeyProfile {
        self.profile
    }

    pub(crate) fn of(key: PresentedKey<'_>) -> Self {
        let rest = &key.expose_secret().as_bytes()[key.profile().prefix().len()..];
        Self { profile: key.profile(), shown: rest.first_chunk().copied() }
    }
}

impl fmt::Display for KeyHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown.as_ref().and_then(|shown| core::str::from_utf8(shown).ok()).unwrap_or_default();
        write!(f, "{}{shown}{ELLIPSIS}", self.profile.prefix())
    }
}

/// Reads what `Display` prints.
impl FromStr for KeyHint {
    type Err = InvalidKeyHint;

    fn from_str(text: &str) -> Result<Self, InvalidKeyHint> {
        let text = text.strip_suffix(ELLIPSIS).ok_or(InvalidKeyHint)?;
        let (profile, rest) = KeyProfile::split(text.as_bytes()).ok_or(InvalidKeyHint)?;
        if rest.is_empty() {
            return Ok(Self::unknown(profile));
        }
        let shown: [u8; SHOWN] = rest.try_into().map_err(|_| InvalidKeyHint)?;
        let is_of_profile = shown.iter().all(|byte| match profile {
            KeyProfile::Keyward | KeyProfile::Routstr => byte.is_ascii_alphanumeric(),
            KeyProfile::OpenSvm => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        });
        if is_of_profile { Ok(Self { profile, shown: Some(shown) }) } else { Err(InvalidKeyHint) }
    }
}

/// A text that is no [`KeyHint`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not a prefix, four characters of a key and an ellipsis")]
pub struct InvalidKeyHint;
