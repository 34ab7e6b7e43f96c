#![no_std]
#![doc = include_str!("../README.md")]

mod barrier;
mod error;
mod fp;
mod fp5;

pub use error::NonCanonical;
pub use fp::Fp;
pub use fp5::Fp5;
