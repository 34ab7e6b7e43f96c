//! The client against the sandbox, which checks every signature, nonce and deadline.

mod bench;
mod guide;
mod reach;
mod refusals;
mod scenario;
mod streams;
mod submitter;
mod transactions;
