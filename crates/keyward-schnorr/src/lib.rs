#![no_std]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
mod ahead;
mod batch;
mod ephemeral;
mod message;
mod signature;
mod signing;
mod verifying;
#[cfg(feature = "alloc")]
mod verifying_table;

pub use ::signature::Error;
/// What [`SigningKey::sign_with_ephemeral`] takes as its ephemeral scalar.
#[cfg(feature = "hazmat")]
pub use keyward_ecgfp5::Scalar;
#[cfg(feature = "alloc")]
pub use keyward_ecgfp5::TableSize;

#[cfg(feature = "std")]
pub use crate::ahead::{AheadError, AheadSigner, PrepareError};
pub use crate::batch::sign_batch;
pub use crate::message::MessageHash;
pub use crate::signature::Signature;
pub use crate::signing::SigningKey;
pub use crate::verifying::{PreparedVerifyingKey, VerifyingKey};
#[cfg(feature = "alloc")]
pub use crate::verifying_table::VerifyingTable;
