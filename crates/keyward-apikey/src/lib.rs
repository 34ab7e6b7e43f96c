#![no_std]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

mod allowlist;
mod alphabet;
mod api_key;
mod apply;
mod auth_link;
mod base62;
mod bounds;
mod check;
mod checksum;
mod digest;
mod fingerprint;
mod hint;
mod key_id;
mod limits;
mod link_token;
mod memory;
mod metadata;
mod name;
mod operation;
mod outcome;
mod pepper;
mod pepper_id;
mod periods;
mod presented_key;
mod profile;
mod raw_key;
mod recent;
#[cfg(feature = "serde")]
mod record;
mod rejection;
mod revision;
mod scope;
mod scopes;
mod secret;
#[cfg(feature = "serde")]
mod serde_impls;
mod wallet;

pub use allowlist::{Allowlist, AllowlistError, InvalidIpRange, IpRange};
pub use api_key::{Activation, ApiKey, KeyStatus};
pub use apply::Loaded;
pub use auth_link::{AuthLink, LinkState};
pub use check::{AccessRequest, PresentedSecret, Refusal, check_chain};
pub use digest::{InvalidDigest, KeyDigest, LinkDigest};
pub use hint::{InvalidKeyHint, KeyHint};
pub use key_id::{InvalidKeyId, KeyId};
pub use limits::{Limit, LimitError, LimitOverrides, RateLimits};
pub use link_token::{InvalidLinkToken, LinkToken};
pub use metadata::{Metadata, MetadataError};
pub use name::{KeyName, KeyNameError};
pub use operation::{KeyAction, KeyOperation, KeyUpdate, NewKey, NewLink, Target};
pub use outcome::{KeyOutcome, Step};
pub use pepper::{Candidates, Pepper, PepperTooShort, Peppers, PlainDigests, RepeatedPepperId};
pub use pepper_id::{InvalidPepperId, PepperId};
pub use periods::{GracePeriod, InvalidLinkLifetime, LinkLifetime};
pub use presented_key::{KeyTextError, PresentedKey};
pub use profile::KeyProfile;
pub use raw_key::RawKey;
pub use rejection::{Bound, Rejection};
pub use revision::Revision;
pub use scope::{InvalidScope, Scope};
pub use scopes::{Scopes, ScopesError};
pub use secret::{CurrentSecret, NewSecret, PreviousSecret};
pub use wallet::{InvalidWalletAddress, Wallet, WalletAddress};
