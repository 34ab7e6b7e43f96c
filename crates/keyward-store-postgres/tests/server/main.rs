//! The store over a real server: opened, contended for by processes, cut off, killed, dumped.
//!
//! Where this machine does not have PostgreSQL, a test says so and passes; with `KEYWARD_REQUIRE_PEERS=1` it fails.

mod audit;
mod database;
mod dump;
mod encryption;
mod faults;
mod kills;
mod logs;
mod opening;
mod processes;
mod proxy;
mod sample;
