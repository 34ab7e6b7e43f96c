use keyward_time::UnixMillis;

use crate::LinkDigest;

/// A link with which a wallet can be bound to a key, once.
///
/// A key has the link that was made last; by that, all earlier ones are void. It is a part of the key's record, so that taking
/// a link and binding a wallet is one change of one record in every store. What a store keeps beside it is from which digest
/// to which key; a pointer from a digest that is not that of the key's link is a void link's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "crate::record::LinkRecord", into = "crate::record::LinkRecord")
)]
pub struct AuthLink {
    pub(crate) digest: LinkDigest,
    pub(crate) created_at: UnixMillis,
    pub(crate) expires_at: UnixMillis,
    pub(crate) state: LinkState,
    // At most MAX_WRONG_SIGNATURES.
    pub(crate) wrong_signatures: u8,
}

impl AuthLink {
    /// How many wrong signatures a link bears: 10. One more makes it void.
    pub const MAX_WRONG_SIGNATURES: u8 = 10;

    /// The digest of its token.
    pub const fn digest(&self) -> &LinkDigest {
        &self.digest
    }

    /// When it was made.
    pub const fn created_at(&self) -> UnixMillis {
        self.created_at
    }

    /// The first millisecond at which it cannot be used any more.
    pub const fn expires_at(&self) -> UnixMillis {
        self.expires_at
    }

    /// What has become of it. That it is expired is no state, but a matter of the time.
    pub const fn state(&self) -> LinkState {
        self.state
    }

    /// How many wrong signatures came with its token, 0 to 10.
    pub const fn wrong_signatures(&self) -> u8 {
        self.wrong_signatures
    }
}

/// What has become of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum LinkState {
    /// It waits for a wallet.
    Pending,
    /// A wallet was bound with it.
    Used,
    /// It was burned by too many wrong signatures, or its key was revoked.
    Void,
}
