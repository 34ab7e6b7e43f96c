//! Eight points at a time. No branch and no address depends on a value, save in what is named `_vartime`.

mod digits;
mod fold;
mod multiply;
mod point;
mod table;
mod wide;
mod wide_table;

pub(super) use multiply::{mul_generator, mul_generator_add_vartime, mul_generator_x8};
