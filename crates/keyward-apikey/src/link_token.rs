use alloc::string::String;
use core::fmt;

use rand_core::TryCryptoRng;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::alphabet::all_lower_hex;
use crate::raw_key::hex_text;

/// The secret in a link with which a wallet is bound to a key: 256 random bits as 64 lower-case hexadecimal digits.
///
/// It is shown once, within the link; stored is its [`LinkDigest`](crate::LinkDigest). The text is wiped on drop.
pub struct LinkToken(Zeroizing<String>);

impl LinkToken {
    /// The length of the text: 64.
    pub const LEN: usize = 64;

    /// A new token.
    ///
    /// # Errors
    /// - the generator's
    pub fn generate<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, R::Error> {
        let mut random = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(&mut *random)?;
        Ok(Self(hex_text("", &random)))
    }

    /// Reads a token as it stands in a link, and keeps a copy.
    ///
    /// # Errors
    /// - the text has not 64 characters
    /// - a character is no lower-case hexadecimal digit
    pub fn parse(text: &str) -> Result<Self, InvalidLinkToken> {
        if text.len() == Self::LEN && all_lower_hex(text.as_bytes()) {
            Ok(Self(Zeroizing::new(text.into())))
        } else {
            Err(InvalidLinkToken)
        }
    }

    /// The text, with which whoever comes first can bind a wallet.
    pub fn expose_secret(&self) -> &str {
        &self.0
    }
}

/// Nothing of the token.
impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkToken").finish_non_exhaustive()
    }
}

impl ZeroizeOnDrop for LinkToken {}

/// A text that is no link token: not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("not 64 lower-case hexadecimal digits")]
pub struct InvalidLinkToken;
