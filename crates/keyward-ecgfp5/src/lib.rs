#![no_std]
#![doc = include_str!("../README.md")]

mod encode_batch;
mod generator_table;
mod multiply;
mod point;
mod scalar;
mod scan;
mod table;
mod vector;
mod windows;

pub use point::Point;
pub use scalar::Scalar;
pub use table::PointTable;
