//! The venue without HTTP: what it takes, refuses, remembers and answers.

mod accounts;
mod clock;
mod collateral;
mod kill;
mod maker_only;
mod model;
mod persistence;
mod races;
mod read_only;
mod reads;
mod rotation;
mod secrets;
mod seed;
mod tokens;
mod transactions;
mod workbench;
