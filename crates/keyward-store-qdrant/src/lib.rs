#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod activities;
mod address;
mod api;
mod claims;
mod collections;
mod counters;
mod fault;
mod keys;
mod point;
mod store;
mod swap;
mod tls;

pub use store::QdrantStore;
