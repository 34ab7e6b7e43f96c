//! The `keyward` binary from outside: what it prints, writes, refuses and leaves alone.

#![cfg(unix)]

mod bad_input;
mod cuts;
mod examples;
mod files;
mod generate;
mod hostile;
mod inspect;
mod keys;
#[cfg(target_os = "linux")]
mod memory;
mod online;
mod progress;
mod proxy;
mod python;
mod sdk;
mod secrets;
mod setup;
mod stub;
mod token;
mod usage;
mod venue;
mod verify;
mod workbench;
