//! The life of a key: what operations do to its record, and what a check makes of it.

mod checking;
mod delegation;
#[cfg(feature = "serde")]
mod fingerprints;
mod fixtures;
mod life;
mod links;
mod memory;
mod model;
#[cfg(feature = "serde")]
mod records;
mod replays;
mod secrets;
