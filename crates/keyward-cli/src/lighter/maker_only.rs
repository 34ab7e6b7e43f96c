//! `keyward lighter maker-only`: keys that may only make orders, not take them.

mod get;
mod set;

use clap::{Args, Subcommand};

use crate::failure::Failure;

/// Show and set the maker-only keys of a premium account
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "\
A maker-only key can send post-only orders, change those and cancel orders, nothing else, on a faster path.

Example:
  keyward lighter maker-only get --config config.json"
)]
pub(super) struct MakerOnly {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Get(get::Get),
    Set(set::Set),
}

impl MakerOnly {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Get(get) => get.run(),
            Command::Set(set) => set.run(),
        }
    }
}
