#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod address;
mod cluster;
mod error;
mod postgres;
mod programs;
mod random;
mod redis;
mod running;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as system;

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(not(target_os = "linux"))]
use elsewhere as system;

pub use cluster::RedisCluster;
pub use error::{ServerError, or_skip};
pub use postgres::Postgres;
pub use redis::Redis;

/// What a server does before it acknowledges a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It has the write on disk: for tests that kill servers.
    Synced,
    /// Nothing: faster, and a kill may lose what was acknowledged.
    Fast,
}

/// Whom a Redis server lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Who has the random password, which is in the URL.
    Password,
    /// Everybody on this machine.
    Open,
}
