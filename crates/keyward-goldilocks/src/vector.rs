//! Many elements at a time, on x86-64 processors with AVX-512 IFMA or with AVX2 and FMA: what the vector code of the crates above is built
//! of.
//!
//! It is there for these crates: what it exports may change in any version, whatever semantic versioning would have.
//!
//! On other processors there is only what tells of these: [`Avx512`] and [`Avx2`], which are never detected there, and [`limit`].
//!
//! A vector operation compiles to instructions that not every processor has, so each one here is marked with
//! `#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]`, those of `FloatFp5x4`, `Fpx4` and `Sumx4` with `"avx2,fma"`: a caller that
//! is marked likewise calls it like any other function, and the way in, from a function that is not, is an `unsafe` call for which an
//! [`Avx512`] or an [`Avx2`] is the proof.
//!
//! No operation has a branch or an address that depends on a value.

#[cfg(all(target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
#[expect(
    clippy::missing_safety_doc,
    reason = "taken for unsafe, but a caller without the target features needs `unsafe`"
)]
mod avx2;
#[cfg(all(target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
#[expect(
    clippy::missing_safety_doc,
    reason = "taken for unsafe, but a caller without the target features needs `unsafe`"
)]
mod avx512;
mod detect;

#[cfg(all(target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
pub use avx2::{FloatFp5x4, Fpx4, Sumx4};
#[cfg(all(target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
pub use avx512::{Factor, Factor5, Fp5x8, Fpx8, Products, SplitFp5x4, load, order};
pub use detect::{Avx2, Avx512, Level, limit};
