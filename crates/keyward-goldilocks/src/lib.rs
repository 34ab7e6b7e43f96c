#![no_std]
#![doc = include_str!("../README.md")]

mod barrier;
mod error;
mod fp;
mod fp5;
mod lazy;
#[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
#[doc(hidden)]
pub mod vector;

pub use barrier::value_barrier;
pub use error::NonCanonical;
pub use fp::Fp;
pub use fp5::Fp5;
pub use lazy::LazyFp5;
