//! What the programs of this package have in common; see the README.

mod rng;
mod secret_operation;
pub mod valgrind;

pub use rng::FixedRng;
pub use secret_operation::{Leak, Secret, SecretOperation, operations};
