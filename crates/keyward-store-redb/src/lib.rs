#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod activities;
mod books;
mod codec;
mod counters;
mod database;
#[cfg(test)]
mod disk_tests;
mod failure;
mod file;
mod keys;
mod path;
mod store;
mod tables;
mod writer;

pub use store::RedbStore;
