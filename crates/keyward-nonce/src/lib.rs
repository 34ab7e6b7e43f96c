#![no_std]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
mod allocator;
#[cfg(all(test, loom, feature = "std"))]
mod interleavings;
#[cfg(feature = "std")]
mod lease;
mod nonce;
mod nonce_state;
#[cfg(feature = "std")]
mod resync;
#[cfg(feature = "serde")]
mod serde_impls;
#[cfg(feature = "std")]
mod slot;
#[cfg(feature = "std")]
mod sync;

#[cfg(feature = "std")]
pub use allocator::{AllocateError, NonceAllocator, SlotsError, UnknownSlot};
#[cfg(feature = "std")]
pub use lease::Lease;
pub use nonce::Nonce;
pub use nonce_state::{NonceMode, NonceRefusal, NonceState};
#[cfg(feature = "std")]
pub use resync::Resync;
