//! Eight elements at a time, on x86-64 processors with AVX-512 IFMA: building blocks of the vector code in the crates
//! above, not meant for others.
//!
//! A vector operation compiles to instructions that not every processor has, so each function here is marked with
//! `#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]`: a caller that is marked likewise calls it like any other
//! function, and the way in, from a function that is not, is an `unsafe` call for which an [`Avx512`] is the proof.
//!
//! No operation has a branch or an address that depends on a value.

mod detect;
mod fp;
mod fp5;

pub use detect::{Avx512, force_portable};
pub use fp::{Factor, Fpx8, Products};
pub use fp5::{Factor5, Fp5x8};
