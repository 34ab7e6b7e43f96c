use core::fmt;

use subtle::ConstantTimeEq;

use crate::alphabet::{all_alphanumeric, all_lower_hex};
use crate::base62::{DIGITS_OF_32_BITS, DIGITS_OF_256_BITS, encode_32_bits, fits_256_bits};
use crate::checksum::checksum;
use crate::{KeyHint, KeyProfile};

/// Digits of an `osvm_` key.
const HEX_DIGITS: usize = 64;

/// The fewest and the most characters of an `sk-` key.
const ROUTSTR_MIN: usize = 32;
const ROUTSTR_MAX: usize = 128;

/// A raw key as a client presents it: its text, borrowed, of a known form.
///
/// Parsing is exact: no blank is trimmed and no case folded. It allocates nothing, and which branches it takes depends on
/// length, prefix and validity alone, not on the characters of a valid key.
///
/// ```
/// use keyward_apikey::{KeyProfile, KeyTextError, PresentedKey};
///
/// let key = PresentedKey::parse("kw_00000000000000000000000000000000000000000004RAm10")?;
/// assert_eq!(key.profile(), KeyProfile::Keyward);
/// assert_eq!(key.hint().to_string(), "kw_0000…");
///
/// // One digit wrong: known without any look-up.
/// let typo = PresentedKey::parse("kw_00000000000000000000000000000000000000000014RAm10");
/// assert_eq!(typo.err(), Some(KeyTextError::Checksum));
/// // Somebody else's token.
/// assert_eq!(PresentedKey::parse("ghp_abc").err(), Some(KeyTextError::UnknownPrefix));
/// # Ok::<(), KeyTextError>(())
/// ```
#[derive(Clone, Copy)]
pub struct PresentedKey<'a> {
    profile: KeyProfile,
    text: &'a str,
}

impl<'a> PresentedKey<'a> {
    /// The longest text that can be a key: 131 bytes.
    pub const MAX_LEN: usize = KeyProfile::Routstr.prefix().len() + ROUTSTR_MAX;

    /// Reads a raw key.
    ///
    /// # Errors
    /// - [`UnknownPrefix`](KeyTextError::UnknownPrefix): the text begins with no profile's prefix
    /// - [`Length`](KeyTextError::Length): too many or too few characters follow
    /// - [`Character`](KeyTextError::Character): one of them is not of the profile's alphabet
    /// - [`OutOfRange`](KeyTextError::OutOfRange): the number of a `kw_` key has more than 256 bits
    /// - [`Checksum`](KeyTextError::Checksum): the checksum of a `kw_` key is not that of its text
    pub fn parse(text: &'a str) -> Result<Self, KeyTextError> {
        let (profile, rest) = KeyProfile::split(text.as_bytes()).ok_or(KeyTextError::UnknownPrefix)?;
        match profile {
            KeyProfile::Keyward => check_keyward(rest),
            KeyProfile::OpenSvm => check_open_svm(rest),
            KeyProfile::Routstr => check_routstr(rest),
        }?;
        Ok(Self { profile, text })
    }

    /// Reads a raw key from bytes, as [`parse`](Self::parse) does.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); bytes that are no UTF-8 are a [`Character`](KeyTextError::Character), or an
    /// [`UnknownPrefix`](KeyTextError::UnknownPrefix).
    pub fn parse_bytes(text: &'a [u8]) -> Result<Self, KeyTextError> {
        match core::str::from_utf8(text) {
            Ok(text) => Self::parse(text),
            Err(_) if KeyProfile::split(text).is_some() => Err(KeyTextError::Character),
            Err(_) => Err(KeyTextError::UnknownPrefix),
        }
    }

    /// The key of a text that was checked, or made so.
    pub(crate) const fn of_raw(profile: KeyProfile, text: &'a str) -> Self {
        Self { profile, text }
    }

    /// The format of the key.
    pub const fn profile(self) -> KeyProfile {
        self.profile
    }

    /// What may be shown of the key.
    pub fn hint(self) -> KeyHint {
        KeyHint::of(self)
    }

    /// The text, with which anybody can act as the key's owner.
    pub const fn expose_secret(self) -> &'a str {
        self.text
    }
}

/// The profile alone.
impl fmt::Debug for PresentedKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresentedKey").field("profile", &self.profile).finish_non_exhaustive()
    }
}

fn check_keyward(rest: &[u8]) -> Result<(), KeyTextError> {
    let (digits, given) = rest.split_first_chunk::<DIGITS_OF_256_BITS>().ok_or(KeyTextError::Length)?;
    let given: &[u8; DIGITS_OF_32_BITS] = given.try_into().map_err(|_| KeyTextError::Length)?;
    if !all_alphanumeric(rest) {
        Err(KeyTextError::Character)
    } else if !bool::from(encode_32_bits(checksum(digits)).ct_eq(given)) {
        Err(KeyTextError::Checksum)
    } else if !fits_256_bits(digits) {
        Err(KeyTextError::OutOfRange)
    } else {
        Ok(())
    }
}

fn check_open_svm(rest: &[u8]) -> Result<(), KeyTextError> {
    if rest.len() != HEX_DIGITS {
        return Err(KeyTextError::Length);
    }
    if all_lower_hex(rest) { Ok(()) } else { Err(KeyTextError::Character) }
}

fn check_routstr(rest: &[u8]) -> Result<(), KeyTextError> {
    if !(ROUTSTR_MIN..=ROUTSTR_MAX).contains(&rest.len()) {
        return Err(KeyTextError::Length);
    }
    if all_alphanumeric(rest) { Ok(()) } else { Err(KeyTextError::Character) }
}

/// Why a text is not a raw key. It says nothing of the text beyond the rule that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum KeyTextError {
    /// The text begins with no known prefix: it is somebody else's credential, or none.
    #[error("not an api key of a known format")]
    UnknownPrefix,
    /// The prefix is known, and the number of characters after it wrong.
    #[error("api key of the wrong length")]
    Length,
    /// A character is not of the profile's alphabet.
    #[error("api key with a character that no such key has")]
    Character,
    /// The number of a `kw_` key has more than 256 bits: nobody has issued it.
    #[error("api key out of range")]
    OutOfRange,
    /// The checksum is another than that of the text: a character was mistyped, or cut off and replaced.
    #[error("api key with a wrong checksum: mistyped?")]
    Checksum,
}

impl KeyTextError {
    /// Whether the text was meant as a key of a known format, and is broken: a typo, or a piece cut off.
    pub const fn is_typo(self) -> bool {
        !matches!(self, Self::UnknownPrefix)
    }
}
