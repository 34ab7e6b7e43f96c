//! The answers of the official signer and of its source: keys, signatures byte for byte, verdicts, tokens, transactions.

mod keys;
mod messages;
mod signatures;
mod text;
