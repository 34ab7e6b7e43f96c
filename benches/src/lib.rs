//! Peers, oracles and benches: what others use for Lighter today, called beside this project's own code.
//!
//! - [`OfficialSigner`]: Lighter's signer, a shared library written in Go, from the PyPI package `lighter-sdk`.
//! - [`rust_peer`]: the crate `goldilocks-crypto`.
//! - [`rows`]: each operation with its peer. The criterion benches, the binaries `bench-table` and `run-operation` run the same
//!   closures.
//!
//! The tests of this package let the peers judge this project's keys and tokens, and the other way round.

mod batches;
pub mod machine;
mod official_signer;
mod operation;
mod rows;
pub mod rust_peer;
pub mod sampling;

pub use batches::{Batch, Code};
pub use official_signer::{
    KeyPairText, OfficialSigner, OfficialTransaction, RawAttributes, SIGNER_VARIABLE, Sender, SignerError,
};
pub use operation::{Operation, Row, Target};
pub use rows::rows;

use std::{
    env,
    io::{self, Write},
    sync::OnceLock,
};

/// The environment variable that, set to `1`, makes the absence of a peer a failure.
pub const REQUIRE_VARIABLE: &str = "KEYWARD_REQUIRE_PEERS";

/// The official signer, loaded once; `None`, with a line on standard error, if no variable names it.
///
/// # Panics
/// If the library cannot be loaded, or if it is not named though [`REQUIRE_VARIABLE`] asks for it.
pub fn official_signer() -> Option<&'static OfficialSigner> {
    static SIGNER: OnceLock<Option<OfficialSigner>> = OnceLock::new();
    SIGNER
        .get_or_init(|| {
            let signer = OfficialSigner::from_env().expect(SIGNER_VARIABLE);
            if signer.is_none() {
                let required = env::var_os(REQUIRE_VARIABLE).is_some_and(|value| value == "1");
                assert!(!required, "{REQUIRE_VARIABLE} is 1, but {SIGNER_VARIABLE} is not set");
                // Not `eprintln!`, which the test harness would capture.
                let line = format!("NOT RUN: the official signer ({SIGNER_VARIABLE} is not set)\n");
                io::stderr().write_all(line.as_bytes()).expect("standard error is open");
            }
            signer
        })
        .as_ref()
}
