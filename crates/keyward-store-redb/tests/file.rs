//! The file: who may have it, what a kill, a full disk and damage leave of it, and what is not in it.

// Shells, signals and modes of files.
#![cfg(unix)]

#[path = "file/closing.rs"]
mod closing;
#[path = "file/contents.rs"]
mod contents;
#[path = "file/damage.rs"]
mod damage;
#[path = "file/full_disk.rs"]
mod full_disk;
#[path = "file/kill.rs"]
mod kill;
#[path = "file/migration.rs"]
mod migration;
#[path = "file/support.rs"]
mod support;
