//! Real servers, started, killed and started again.
//!
//! Where this machine does not have a server or its client, a test says so and passes; with `KEYWARD_REQUIRE_PEERS=1` it
//! fails.

mod client;
#[cfg(target_os = "linux")]
mod leftovers;
mod postgres;
mod redis;
mod redis_cluster;
