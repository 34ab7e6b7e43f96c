use core::fmt;

use keyward_schnorr::{MessageHash, SigningKey, VerifyingKey};
use keyward_time::{TimeSlot, UnixSeconds};
use keyward_token::{AccountIndex, ApiKeyIndex, AuthToken, AuthTokenMessage, AuthTokenText};
use rand_core::TryCryptoRng;

use crate::public_key_text;

/// A private key together with the account and the key slot it is registered in: all that makes
/// auth tokens.
///
/// The key is wiped on drop. A move may leave a copy behind that nothing wipes, and so may a vector of
/// signers that grows: give it room for all of them from the start.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use keyward_lighter::{AccountIndex, ApiKeyIndex, SysRng, TokenSigner, UnixSeconds, parse_private_key};
///
/// let key = parse_private_key("0xae177f0f456e94998d1db1781de3983b9dcc2e26d4d3ebc7da75c20b1ad992037455b01883baa73c")?;
/// let signer = TokenSigner::new(key, AccountIndex::new(5)?, ApiKeyIndex::new(253)?);
/// let token = signer.sign(UnixSeconds::new(1_795_248_000)?, &mut SysRng)?;
/// assert!(token.expose_secret().starts_with("1795248000:5:253:"));
/// # Ok(())
/// # }
/// ```
pub struct TokenSigner {
    key: SigningKey,
    account_index: AccountIndex,
    api_key_index: ApiKeyIndex,
}

impl TokenSigner {
    /// The signer of `account_index` whose slot `api_key_index` has `key`.
    pub fn new(key: SigningKey, account_index: AccountIndex, api_key_index: ApiKeyIndex) -> Self {
        Self { key, account_index, api_key_index }
    }

    /// The account that the tokens are for.
    pub fn account_index(&self) -> AccountIndex {
        self.account_index
    }

    /// The slot in which the account has registered the key.
    pub fn api_key_index(&self) -> ApiKeyIndex {
        self.api_key_index
    }

    /// The private key.
    pub fn signing_key(&self) -> &SigningKey {
        &self.key
    }

    /// The public key, under which the tokens verify.
    pub fn verifying_key(&self) -> &VerifyingKey {
        self.key.verifying_key()
    }

    /// Makes the token that runs out at `deadline`.
    ///
    /// The exchange takes it in the eight hours before. So a deadline in just eight hours is refused
    /// where this clock is ahead of the exchange's by a second: leave room. Two tokens of one deadline
    /// differ, since fresh random bytes go into each. [`sign_tokens`](crate::sign_tokens) makes many in less time.
    ///
    /// # Errors
    /// - the generator's own, if it fails
    pub fn sign<R: TryCryptoRng + ?Sized>(
        &self,
        deadline: UnixSeconds,
        rng: &mut R,
    ) -> Result<AuthTokenText, R::Error> {
        let message = self.message(deadline);
        let signature = self.key.sign(&message_hash(message.as_bytes()), rng)?;
        Ok(message.with_signature(&signature.to_bytes()))
    }

    /// Makes the token for the six hours of `slot`: it runs out eight hours after the slot's start,
    /// so that it serves through the slot and two hours more.
    ///
    /// # Errors
    /// - the generator's own, if it fails
    pub fn sign_slot<R: TryCryptoRng + ?Sized>(&self, slot: TimeSlot, rng: &mut R) -> Result<AuthTokenText, R::Error> {
        self.sign(slot_deadline(slot.start()), rng)
    }

    /// What is signed to make the token that runs out at `deadline`.
    pub(crate) fn message(&self, deadline: UnixSeconds) -> AuthTokenMessage {
        AuthTokenMessage::new(deadline, self.account_index, self.api_key_index)
    }
}

impl fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSigner")
            .field("public_key", &public_key_text(self.verifying_key()))
            .field("account_index", &self.account_index)
            .field("api_key_index", &self.api_key_index)
            .finish_non_exhaustive()
    }
}

/// When a token runs out that is made for the slot from `start` on.
pub(crate) fn slot_deadline(start: UnixSeconds) -> UnixSeconds {
    start.saturating_add_secs(AuthToken::MAX_LIFETIME_SECS)
}

/// What the key signs in place of `token`'s text.
pub(crate) fn token_hash(token: &AuthToken<'_>) -> MessageHash {
    message_hash(token.message().as_bytes())
}

fn message_hash(text: &[u8]) -> MessageHash {
    MessageHash::of_text(text).expect(ASCII_IS_CANONICAL)
}

/// Puts the [`message_hash`] of each of `texts` into `hashes`.
pub(crate) fn message_hashes(texts: &[&[u8]], hashes: &mut [MessageHash]) {
    MessageHash::of_texts(texts, hashes).expect(ASCII_IS_CANONICAL);
}

const ASCII_IS_CANONICAL: &str = "eight ASCII bytes make a number below the field's modulus";
