//! Which operations are measured, beside which peers.

mod api_keys;
mod arithmetic;
mod nonces;
mod signatures;
mod tokens;
mod transactions;
mod verification;
mod wallets;

use keyward_goldilocks::vector::{Level, limit};

use crate::{Calls, OfficialSigner, Operation, Row};

/// All rows, from the tokens that users wait for down to the field; without the official signer its rows stand without a peer.
#[must_use]
pub fn rows(official_signer: Option<&'static OfficialSigner>) -> Vec<Row> {
    let mut rows = tokens::rows(official_signer);
    rows.extend(transactions::rows(official_signer));
    rows.extend(api_keys::rows());
    rows.extend(verification::rows());
    rows.push(nonces::row());
    rows.extend(wallets::rows());
    rows.extend(signatures::rows());
    rows.extend(arithmetic::rows());
    rows
}

/// What is timed call by call.
#[must_use]
pub fn calls() -> Vec<Calls> {
    vec![verification::calls()]
}

/// How often an operation of nanoseconds is repeated in one run.
const CHAIN: u32 = 1_000;

/// An operation of nanoseconds, each on the result of the one before: its latency.
fn chained<T: Copy + 'static>(id: &'static str, start: T, step: impl Fn(T) -> T + 'static) -> Operation {
    Operation::repeated(id, CHAIN, move || {
        std::hint::black_box((0..CHAIN).fold(std::hint::black_box(start), |value, _| step(value)));
    })
}

/// Does this with the portable code, whatever the processor has.
fn portably<T>(operation: impl FnOnce() -> T) -> T {
    limit(Level::Portable);
    let result = operation();
    limit(Level::Avx512);
    result
}
