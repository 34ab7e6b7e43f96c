use core::fmt;

use keyward_schnorr::{Signature, TableSize, VerifyingKey, VerifyingTable};
use keyward_time::UnixSeconds;
use keyward_token::{AuthToken, Usability};

use crate::public_key_text;
use crate::signer::token_hash;

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRefusal {
    /// The deadline has come.
    #[error("expired at {since}")]
    Expired {
        /// The deadline.
        since: UnixSeconds,
    },
    /// The deadline is more than eight hours away.
    #[error("not usable before {from}")]
    NotYet {
        /// Eight hours before the deadline.
        from: UnixSeconds,
    },
    /// The signature is not one that the key has made for this token.
    #[error("invalid signature")]
    InvalidSignature,
}

/// Checks tokens of one public key.
///
/// Whether the account has that key in the slot the token names is for the caller to know.
pub struct TokenVerifier {
    key: Key,
}

enum Key {
    Plain(VerifyingKey),
    Tabled(VerifyingTable),
}

impl TokenVerifier {
    /// A verifier for many tokens: it spends the time of about three checks on a table of the key's
    /// multiples, 80 KiB large, and is some three times faster from then on.
    pub fn new(key: &VerifyingKey) -> Self {
        Self::with_table(key, TableSize::Medium)
    }

    /// A verifier for many tokens with a table of another size: what it takes and brings is told at
    /// [`VerifyingTable`].
    pub fn with_table(key: &VerifyingKey, size: TableSize) -> Self {
        Self { key: Key::Tabled(VerifyingTable::new(key, size)) }
    }

    /// A verifier for a few tokens: small, and made at once.
    pub fn one_off(key: &VerifyingKey) -> Self {
        Self { key: Key::Plain(*key) }
    }

    /// The public key.
    pub fn verifying_key(&self) -> &VerifyingKey {
        match &self.key {
            Key::Plain(key) => key,
            Key::Tabled(table) => table.verifying_key(),
        }
    }

    /// Checks that `token` is usable at `now` and that the key has signed it.
    ///
    /// # Errors
    /// - [`Expired`](TokenRefusal::Expired): `now` is at the deadline or past it
    /// - [`NotYet`](TokenRefusal::NotYet): the deadline is more than eight hours after `now`
    /// - [`InvalidSignature`](TokenRefusal::InvalidSignature): another key or another message, or a
    ///   signature that is not canonical
    pub fn verify(&self, token: &AuthToken<'_>, now: UnixSeconds) -> Result<(), TokenRefusal> {
        match token.usability(now) {
            Usability::Usable { .. } => self.verify_signature(token),
            Usability::NotYet { from } => Err(TokenRefusal::NotYet { from }),
            Usability::Expired { since } => Err(TokenRefusal::Expired { since }),
        }
    }

    /// Checks that the key has signed `token`, whatever the time.
    ///
    /// # Errors
    /// - [`InvalidSignature`](TokenRefusal::InvalidSignature): another key or another message, or a
    ///   signature that is not canonical
    pub fn verify_signature(&self, token: &AuthToken<'_>) -> Result<(), TokenRefusal> {
        let hash = token_hash(token);
        Signature::from_bytes(&token.signature_bytes())
            .and_then(|signature| match &self.key {
                Key::Plain(key) => key.verify(&hash, &signature),
                Key::Tabled(table) => table.verify(&hash, &signature),
            })
            .map_err(|_| TokenRefusal::InvalidSignature)
    }
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenVerifier")
            .field("public_key", &public_key_text(self.verifying_key()))
            .finish_non_exhaustive()
    }
}
