//! The `keyward` binary from outside: what it prints, writes, refuses and leaves alone.

mod bad_input;
mod files;
mod generate;
mod inspect;
mod keys;
mod python;
mod secrets;
mod token;
mod usage;
mod verify;
mod workbench;
