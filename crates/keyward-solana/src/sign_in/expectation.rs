use core::fmt;
use core::time::Duration;

use keyward_time::UnixMillis;
use subtle::ConstantTimeEq;

use super::message::SignInMessage;
use crate::{Address, RawMessage, Rfc3339, SignatureRejected, SolanaSignature};

/// What a [`SignInMessage`] must say to be taken.
///
/// Domain, address and nonce must be those given here, byte for byte; so must URI and chain ID, and where none is
/// given here, there must be none in the message. What else a message says (statement, request ID,
/// resources) is for the caller to look at.
///
/// With `now` and the skew, a time by which clocks may differ (zero unless set; it makes every bound laxer):
///
/// - it was not made in the future: `issued at <= now + skew`;
/// - it has not expired: `now < expiration time + skew`;
/// - it is valid already: `not before <= now + skew`;
/// - with a greatest age: it says when it was made, and `now < issued at + age + skew`.
///
/// That a nonce is used once is for the caller to see to.
#[derive(Clone, Copy)]
pub struct SignInExpectation<'a> {
    domain: &'a str,
    address: Address,
    nonce: &'a str,
    uri: Option<&'a str>,
    chain_id: Option<&'a str>,
    max_age: Option<Duration>,
    skew: Duration,
}

impl<'a> SignInExpectation<'a> {
    /// A message of this domain for this wallet, with this nonce, without URI and chain ID.
    pub const fn new(domain: &'a str, address: Address, nonce: &'a str) -> Self {
        Self { domain, address, nonce, uri: None, chain_id: None, max_age: None, skew: Duration::ZERO }
    }

    /// The same with this URI.
    #[must_use]
    pub const fn with_uri(self, uri: &'a str) -> Self {
        Self { uri: Some(uri), ..self }
    }

    /// The same with this chain.
    #[must_use]
    pub const fn with_chain_id(self, chain_id: &'a str) -> Self {
        Self { chain_id: Some(chain_id), ..self }
    }

    /// The same with a greatest age, to the millisecond.
    #[must_use]
    pub const fn with_max_age(self, age: Duration) -> Self {
        Self { max_age: Some(age), ..self }
    }

    /// The same with a time by which clocks may differ, to the millisecond.
    #[must_use]
    pub const fn with_skew(self, skew: Duration) -> Self {
        Self { skew, ..self }
    }

    fn check_times(&self, message: &SignInMessage<'_>, now: UnixMillis) -> Result<(), SignInMismatch> {
        let skewed = later(now, self.skew);
        let instant = |time: Option<Rfc3339>| time.map(|time| time.instant());
        let issued_at = instant(message.issued_at());
        if issued_at.is_some_and(|issued_at| issued_at > skewed) {
            return Err(SignInMismatch::IssuedInFuture);
        }
        if instant(message.expiration_time()).is_some_and(|end| later(end, self.skew) <= now) {
            return Err(SignInMismatch::Expired);
        }
        if instant(message.not_before()).is_some_and(|start| start > skewed) {
            return Err(SignInMismatch::NotYetValid);
        }
        match (self.max_age, issued_at) {
            (None, _) => Ok(()),
            (Some(age), Some(issued_at)) if now < later(later(issued_at, age), self.skew) => Ok(()),
            (Some(_), _) => Err(SignInMismatch::TooOld),
        }
    }
}

impl SignInMessage<'_> {
    /// Checks that the message says what is expected, but no signature: for one that was signed within an off-chain
    /// message, whose signature is checked there.
    ///
    /// # Errors
    /// - one of the texts is not the expected one
    /// - `now` is not in the time for which the message is good
    pub fn check(&self, expected: &SignInExpectation<'_>, now: UnixMillis) -> Result<(), SignInMismatch> {
        if self.domain() != expected.domain {
            return Err(SignInMismatch::Domain);
        }
        if *self.address() != expected.address {
            return Err(SignInMismatch::Address);
        }
        let nonce = self.nonce().unwrap_or_default();
        if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) || nonce.is_empty() {
            return Err(SignInMismatch::Nonce);
        }
        if self.uri() != expected.uri {
            return Err(SignInMismatch::Uri);
        }
        if self.chain_id() != expected.chain_id {
            return Err(SignInMismatch::ChainId);
        }
        expected.check_times(self, now)
    }

    /// Checks that the message says what is expected, and that `signature` is over its text, as a raw message, by the
    /// wallet that it names.
    ///
    /// # Errors
    /// - as [`check`](Self::check)
    /// - the signature is another's, of another text, or not strictly valid
    pub fn verify(
        &self,
        signature: &SolanaSignature,
        expected: &SignInExpectation<'_>,
        now: UnixMillis,
    ) -> Result<(), SignInMismatch> {
        self.check(expected, now)?;
        Ok(RawMessage::new(self.to_text().as_bytes()).verify(self.address(), signature)?)
    }
}

fn later(instant: UnixMillis, by: Duration) -> UnixMillis {
    instant.saturating_add_millis(u64::try_from(by.as_millis()).unwrap_or(u64::MAX))
}

/// Without the nonce.
impl fmt::Debug for SignInExpectation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInExpectation")
            .field("domain", &self.domain)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Why a [`SignInMessage`] is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SignInMismatch {
    /// The message is another domain's.
    #[error("not the expected domain")]
    Domain,
    /// The message is for another wallet.
    #[error("not the expected address")]
    Address,
    /// The nonce is missing or another.
    #[error("not the expected nonce")]
    Nonce,
    /// The URI is another, or missing, or there when none is expected.
    #[error("not the expected URI")]
    Uri,
    /// The chain is another, or missing, or there when none is expected.
    #[error("not the expected chain ID")]
    ChainId,
    /// The message says that it is made later than now.
    #[error("issued in the future")]
    IssuedInFuture,
    /// The message has expired.
    #[error("expired")]
    Expired,
    /// The message is not valid yet.
    #[error("not valid yet")]
    NotYetValid,
    /// The message is older than allowed, or does not say how old it is.
    #[error("too old, or without the time at which it was issued")]
    TooOld,
    /// The signature is not the wallet's over this text.
    #[error(transparent)]
    Signature(#[from] SignatureRejected),
}
