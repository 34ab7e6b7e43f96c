//! Eight lanes, by 52-bit products.

mod fp;
mod fp5;
mod split_fp5x4;

pub use fp::{Factor, Fpx8, Products, load};
pub use fp5::{Factor5, Fp5x8};
pub use split_fp5x4::{SplitFp5x4, order};
