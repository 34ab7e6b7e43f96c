use core::fmt;

/// Why something is no [`SignInMessage`](crate::SignInMessage).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The text would be longer than 2048 bytes.
    #[error("longer than 2048 bytes")]
    TooLong,
    /// The text does not have the lines of a message, or not in their order, or has others.
    #[error("not the lines of a sign-in message")]
    Lines,
    /// A field does not have its form.
    #[error("not a good {0}")]
    Field(SignInField),
}

/// A field of a [`SignInMessage`](crate::SignInMessage).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignInField {
    /// Who asks.
    Domain,
    /// The wallet.
    Address,
    /// The sentence for the wallet's owner.
    Statement,
    /// What is signed in to.
    Uri,
    /// The version, 1.
    Version,
    /// The chain.
    ChainId,
    /// What makes the message good for one time.
    Nonce,
    /// When it was made.
    IssuedAt,
    /// From when on it is worth nothing.
    ExpirationTime,
    /// Before when it is worth nothing.
    NotBefore,
    /// The name of the request.
    RequestId,
    /// What the wallet's owner is asked to agree to.
    Resources,
}

/// As the message's text calls it.
impl fmt::Display for SignInField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Domain => "domain",
            Self::Address => "address",
            Self::Statement => "statement",
            Self::Uri => "URI",
            Self::Version => "Version",
            Self::ChainId => "Chain ID",
            Self::Nonce => "Nonce",
            Self::IssuedAt => "Issued At",
            Self::ExpirationTime => "Expiration Time",
            Self::NotBefore => "Not Before",
            Self::RequestId => "Request ID",
            Self::Resources => "Resources",
        })
    }
}
