//! Eight points at a time. No branch and no address depends on a value, save in what is named `_vartime`.

mod any_point;
mod digits;
mod fold;
mod generator_table;
mod multiply;
mod point;
mod table;
mod wide;
mod wide_table;

pub(super) use any_point::add_and_double_vartime;
pub(super) use multiply::{mul_generator, mul_generator_add_vartime, mul_generator_x8};
