//! What the programs of this package have in common; see the README.

mod code;
mod rng;
mod secret_operation;
pub mod valgrind;

pub use code::{CODES, Code};
pub use rng::FixedRng;
pub use secret_operation::{Leak, Secret, SecretOperation};
