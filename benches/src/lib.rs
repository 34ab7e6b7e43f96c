//! Peers for the benches.
