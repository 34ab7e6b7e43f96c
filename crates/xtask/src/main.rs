//! `cargo xtask`: the one test command and its helpers.

fn main() {}
