//! What threads share state through: the standard library's, or that of the interleaving checker.

#[cfg(all(test, loom))]
pub(crate) use loom::sync::{Arc, Mutex, atomic::AtomicUsize, atomic::Ordering};
#[cfg(not(all(test, loom)))]
pub(crate) use std::sync::{Arc, Mutex, atomic::AtomicUsize, atomic::Ordering};
