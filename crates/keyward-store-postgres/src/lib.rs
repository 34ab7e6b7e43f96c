#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod activities;
mod attempts;
mod counters;
mod failure;
mod keys;
mod ledger;
mod ledger_rows;
mod ledger_writes;
mod quiet;
mod rows;
mod schema;
mod session;
mod settings;
mod statements;
mod store;
mod tls;

pub use store::PostgresStore;
