#![no_std]
#![doc = include_str!("../README.md")]

mod encode_batch;
mod generator_table;
mod multiply;
mod point;
mod scalar;
mod scan;
mod table;
#[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
mod vector;
mod windows;

pub use point::Point;
pub use scalar::Scalar;
pub use table::PointTable;
