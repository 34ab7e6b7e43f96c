//! The client against the sandbox, which checks every signature, nonce and deadline.

mod bench;
mod guide;
mod refusals;
mod scenario;
mod streams;
mod submitter;
