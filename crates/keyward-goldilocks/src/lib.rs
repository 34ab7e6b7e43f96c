#![no_std]
#![doc = include_str!("../README.md")]

mod barrier;
mod error;
mod fp;
mod fp5;
mod lazy;
#[cfg(feature = "vector")]
pub mod vector;

pub use barrier::value_barrier;
pub use error::NonCanonical;
pub use fp::Fp;
pub use fp5::Fp5;
pub use lazy::LazyFp5;
