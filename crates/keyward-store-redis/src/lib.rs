#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod activities;
mod address;
mod cluster;
mod connection;
mod counters;
mod due;
mod fault;
mod guarantee;
mod journal;
mod keys;
mod ledger;
mod listings;
mod names;
mod pointers;
mod records;
mod schema;
mod scripts;
mod server;
mod slots;
mod store;
mod sweep;
mod tls;

pub use guarantee::Guarantee;
pub use store::RedisStore;
pub use sweep::Swept;
