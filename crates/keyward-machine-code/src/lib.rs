//! What the programs of this package have in common; see the README.

mod rng;
pub mod valgrind;

pub use rng::FixedRng;
