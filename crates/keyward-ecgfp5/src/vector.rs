//! The multiples of the generator on x86-64 processors with AVX-512 IFMA.

mod generator;
mod point;

pub(crate) use generator::{mul_generator, mul_generator_x8};
