#![no_std]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

mod nonce;
mod nonce_state;
#[cfg(feature = "serde")]
mod serde_impls;

pub use nonce::Nonce;
pub use nonce_state::{NonceMode, NonceRefusal, NonceState};
