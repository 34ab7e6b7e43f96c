#![no_std]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod constants;
mod permutation;
mod sponge;

pub use permutation::{WIDTH, permute};
pub use sponge::{RATE, hash, hash_text};
