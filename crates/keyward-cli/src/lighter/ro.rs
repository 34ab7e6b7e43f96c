//! `keyward lighter ro`: read-only tokens.

mod create;
mod list;
mod revoke;

use clap::{Args, Subcommand};

use crate::failure::Failure;

/// Make, list and revoke read-only tokens, which live for up to ten years
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "\
A read-only token opens the account's data to whoever has it until it expires or is revoked: a new API key does not \
end it.

Example:
  keyward lighter ro list --config config.json"
)]
pub(super) struct Ro {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Create(create::Create),
    List(list::List),
    Revoke(revoke::Revoke),
}

impl Ro {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Create(create) => create.run(),
            Command::List(list) => list.run(),
            Command::Revoke(revoke) => revoke.run(),
        }
    }
}
