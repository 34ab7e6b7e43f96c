use alloc::string::String;
use core::fmt;

use rand_core::TryCryptoRng;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::base62::{DIGITS_OF_256_BITS, encode_32_bits, encode_256_bits};
use crate::checksum::checksum;
use crate::{KeyHint, KeyProfile, KeyTextError, PresentedKey};

/// A raw key that owns its text: what an issuer makes and shows once.
///
/// The text lies on the heap, where a move leaves no copy of it, and is wiped on drop. To check what a client presents,
/// borrow it as a [`PresentedKey`] instead.
pub struct RawKey {
    profile: KeyProfile,
    text: Zeroizing<String>,
}

impl RawKey {
    /// A new key of 256 random bits.
    ///
    /// No branch and no index depends on the bits, where a register has 64 bits.
    ///
    /// # Errors
    /// - the generator's
    pub fn generate<R: TryCryptoRng + ?Sized>(profile: KeyProfile, rng: &mut R) -> Result<Self, R::Error> {
        let mut random = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(&mut *random)?;
        let text = match profile {
            KeyProfile::Keyward => keyward_text(&random),
            KeyProfile::OpenSvm | KeyProfile::Routstr => hex_text(profile.prefix(), &random),
        };
        Ok(Self { profile, text })
    }

    /// Reads a raw key and keeps a copy.
    ///
    /// # Errors
    /// As [`PresentedKey::parse`].
    pub fn parse(text: &str) -> Result<Self, KeyTextError> {
        PresentedKey::parse(text).map(Self::from)
    }

    /// The format of the key.
    pub const fn profile(&self) -> KeyProfile {
        self.profile
    }

    /// What may be shown of the key.
    pub fn hint(&self) -> KeyHint {
        self.as_presented().hint()
    }

    /// The text, with which anybody can act as the key's owner.
    pub fn expose_secret(&self) -> &str {
        &self.text
    }

    /// The key as a client presents it.
    pub fn as_presented(&self) -> PresentedKey<'_> {
        PresentedKey::of_raw(self.profile, &self.text)
    }
}

impl From<PresentedKey<'_>> for RawKey {
    fn from(key: PresentedKey<'_>) -> Self {
        Self { profile: key.profile(), text: Zeroizing::new(key.expose_secret().into()) }
    }
}

/// The profile alone.
impl fmt::Debug for RawKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawKey").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl ZeroizeOnDrop for RawKey {}

fn keyward_text(random: &[u8; 32]) -> Zeroizing<String> {
    let mut digits = Zeroizing::new([0; DIGITS_OF_256_BITS]);
    encode_256_bits(random, &mut digits);
    let check = encode_32_bits(checksum(&digits));
    concat(KeyProfile::Keyward.prefix(), digits.iter().chain(&check))
}

/// `prefix` and 64 lower-case hexadecimal digits.
pub(crate) fn hex_text(prefix: &str, random: &[u8; 32]) -> Zeroizing<String> {
    let mut digits = Zeroizing::new([0; 64]);
    // Two digits a byte always fit.
    let _ = base16ct::lower::encode(random, &mut *digits);
    concat(prefix, digits.iter())
}

fn concat<'a>(prefix: &str, ascii: impl Iterator<Item = &'a u8>) -> Zeroizing<String> {
    // With its full size from the start, the text leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(PresentedKey::MAX_LEN));
    text.push_str(prefix);
    text.extend(ascii.map(|byte| char::from(*byte)));
    text
}
