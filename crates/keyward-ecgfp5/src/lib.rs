#![no_std]
#![doc = include_str!("../README.md")]

#[cfg(feature = "alloc")]
extern crate alloc;

mod comb;
mod encode_batch;
mod generator_comb;
#[cfg(any(
    test,
    all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi")))
))]
mod generator_table;
mod multiply;
mod point;
mod point_table;
mod scalar;
mod scan;
#[cfg(feature = "alloc")]
mod sized_table;
mod table;
mod torsion;
mod vector;
mod windows;

pub use point::Point;
pub use point_table::PointTable;
pub use scalar::Scalar;
#[cfg(feature = "alloc")]
pub use sized_table::{SizedPointTable, TableSize};
