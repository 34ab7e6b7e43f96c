#![no_std]
#![doc = include_str!("../README.md")]

mod barrier;
mod error;
mod fp;
mod fp5;
mod lazy;
mod plain;
#[cfg(feature = "vector")]
pub mod vector;
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
mod x86_64;

#[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64", not(miri))))]
use crate::plain as kernel;
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
use crate::x86_64 as kernel;

pub use barrier::value_barrier;
pub use error::NonCanonical;
pub use fp::Fp;
pub use fp5::Fp5;
pub use lazy::LazyFp5;
