#![no_std]
#![doc = include_str!("../README.md")]

mod batch;
mod constants;
mod permutation;
mod sponge;
mod vector;

pub use batch::{hash_batch, hash_text_batch, permute_batch};
pub use permutation::{WIDTH, permute};
pub use sponge::{RATE, hash, hash_text};
