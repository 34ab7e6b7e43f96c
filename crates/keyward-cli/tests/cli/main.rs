//! The `keyward` binary from outside: what it prints, writes, refuses and leaves alone.

#![cfg(unix)]

mod bad_input;
mod examples;
mod files;
mod generate;
mod inspect;
mod keys;
mod memory;
mod progress;
mod python;
mod secrets;
mod token;
mod usage;
mod verify;
mod workbench;
