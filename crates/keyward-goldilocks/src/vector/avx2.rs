//! Four lanes: of GF(p^5) in doubles, of GF(p) in words.

mod float;
mod float_products;
mod fpx4;

pub use float::FloatFp5x4;
pub use fpx4::{Fpx4, Sumx4};
