use core::fmt;

use keyward_time::UnixSeconds;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::auth_token::Claims;
use crate::buffer::Buffer;
use crate::{AccountIndex, ApiKeyIndex, AuthToken};

/// The text that is signed to make an auth token: `{deadline}:{account_index}:{api_key_index}`.
///
/// 5 to 39 bytes of ASCII, kept in place. It names no chain: a token is bound to account, slot and
/// key alone. Source: `ConstructAuthToken` in elliottech/lighter-go.
pub struct AuthTokenMessage {
    claims: Claims,
    text: Buffer<{ AuthToken::MAX_MESSAGE_LEN }>,
}

impl AuthTokenMessage {
    /// The message of a token that can be used until `deadline`.
    pub fn new(deadline: UnixSeconds, account_index: AccountIndex, api_key_index: ApiKeyIndex) -> Self {
        let mut text = Buffer::new();
        text.push_decimal(deadline.as_secs());
        text.push_ascii(b":");
        text.push_decimal(account_index.as_u64());
        text.push_ascii(b":");
        text.push_decimal(u64::from(api_key_index.as_u8()));
        Self { claims: Claims { deadline, account_index, api_key_index }, text }
    }

    /// The bytes to be signed.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The text to be signed.
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// The token of this message and its `signature`: `s`, then `e`, 40 bytes little-endian each.
    pub fn with_signature(&self, signature: &[u8; 80]) -> AuthTokenText {
        let mut text = Zeroizing::new(Buffer::new());
        text.push_ascii(self.as_bytes());
        text.push_ascii(b":");
        text.push_hex(signature);
        AuthTokenText { claims: self.claims, text }
    }
}

impl fmt::Debug for AuthTokenMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AuthTokenMessage").field(&self.as_str()).finish()
    }
}

/// A freshly made auth token that owns its text, in place and without allocating.
///
/// The text is wiped when the value is dropped; `Debug` leaves the signature out. A move may leave a
/// copy behind that nothing wipes, so box the value where that matters.
pub struct AuthTokenText {
    claims: Claims,
    text: Zeroizing<Buffer<{ AuthToken::MAX_LEN }>>,
}

impl AuthTokenText {
    /// Puts a token together; `signature` is `s`, then `e`, 40 bytes little-endian each.
    pub fn new(
        deadline: UnixSeconds,
        account_index: AccountIndex,
        api_key_index: ApiKeyIndex,
        signature: &[u8; 80],
    ) -> Self {
        AuthTokenMessage::new(deadline, account_index, api_key_index).with_signature(signature)
    }

    /// The whole text, with which anybody can act for the account until the deadline.
    pub fn expose_secret(&self) -> &str {
        self.text.as_str()
    }

    /// The token, as it would be parsed from the text.
    pub fn as_token(&self) -> AuthToken<'_> {
        AuthToken::from_parts(self.text.as_str(), self.claims)
    }
}

impl fmt::Debug for AuthTokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.claims.debug("AuthTokenText", f)
    }
}

impl ZeroizeOnDrop for AuthTokenText {}
