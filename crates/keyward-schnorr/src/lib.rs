#![no_std]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod batch;
mod ephemeral;
mod message;
mod signature;
mod signing;
mod verifying;

pub use ::signature::Error;
/// What [`SigningKey::sign_with_ephemeral`] takes as its ephemeral scalar.
#[cfg(feature = "hazmat")]
pub use keyward_ecgfp5::Scalar;

pub use crate::batch::sign_batch;
pub use crate::message::MessageHash;
pub use crate::signature::Signature;
pub use crate::signing::SigningKey;
pub use crate::verifying::{PreparedVerifyingKey, VerifyingKey};
