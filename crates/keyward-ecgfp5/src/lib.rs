#![no_std]
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod generator_table;
mod multiply;
mod point;
mod scalar;
mod table;
mod windows;

pub use point::Point;
pub use scalar::Scalar;
pub use table::PointTable;
