#![no_std]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

extern crate alloc;

mod address;
mod challenge;
mod line;
mod offchain;
mod raw;
mod rfc3339;
#[cfg(feature = "serde")]
mod serde_impls;
mod sign_in;
mod signature;

pub use address::{Address, AddressError};
pub use challenge::{BindChallenge, ChallengeError, ViewChallenge};
pub use offchain::{LongOffchainMessage, OffchainError, OffchainFormat, ShortOffchainMessage};
pub use raw::RawMessage;
pub use rfc3339::{Rfc3339, Rfc3339Error};
pub use sign_in::{SignInError, SignInExpectation, SignInField, SignInMessage, SignInMismatch};
pub use signature::{SignatureRejected, SignatureTextError, SolanaSignature};
