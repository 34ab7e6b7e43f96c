use core::fmt;

pub(crate) const KEYWARD_PREFIX: &str = "kw_";
pub(crate) const OPEN_SVM_PREFIX: &str = "osvm_";
pub(crate) const ROUTSTR_PREFIX: &str = "sk-";

/// A format of raw keys, told by its prefix.
///
/// | profile | text | issued |
/// |---|---|---|
/// | [`Keyward`](Self::Keyward) | `kw_`, 43 base-62 digits of 256 bits, 6 of the CRC-32 of all before | so |
/// | [`OpenSvm`](Self::OpenSvm) | `osvm_`, 64 lower-case hexadecimal digits | so |
/// | [`Routstr`](Self::Routstr) | `sk-`, 32 to 128 ASCII letters and digits | 64 lower-case hexadecimal digits |
///
/// All carry 256 bits of randomness when issued here, and 128 at least by their format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyProfile {
    /// This project's own, with a checksum: a scanner can tell such a key offline, and a typo is seen before any look-up.
    Keyward,
    /// That of OpenSVM's wallet-bound keys.
    OpenSvm,
    /// That of Routstr's prepaid keys.
    Routstr,
}

impl KeyProfile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::Keyward, Self::OpenSvm, Self::Routstr];

    /// What each key of the profile begins with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Keyward => KEYWARD_PREFIX,
            Self::OpenSvm => OPEN_SVM_PREFIX,
            Self::Routstr => ROUTSTR_PREFIX,
        }
    }

    /// Whether systems that made such keys before kept their plain SHA-256, so that digests come from there.
    pub const fn has_plain_digests(self) -> bool {
        match self {
            Self::Keyward => false,
            Self::OpenSvm | Self::Routstr => true,
        }
    }

    /// The profile whose prefix the text begins with, and what follows.
    pub(crate) fn split(text: &[u8]) -> Option<(Self, &[u8])> {
        Self::ALL.into_iter().find_map(|profile| Some((profile, text.strip_prefix(profile.prefix().as_bytes())?)))
    }
}

/// The prefix.
impl fmt::Display for KeyProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.prefix())
    }
}
