use clap::Args;
use keyward_lighter::{parse_private_key, public_key_text};

use crate::failure::Failure;
use crate::input::read_key_text;
use crate::output::print;

/// Print the public key of the private key on standard input
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter public-key < key.txt")]
pub(super) struct PublicKey {}

impl PublicKey {
    pub(super) fn run(self) -> Result<(), Failure> {
        let text = read_key_text()?;
        let key = parse_private_key(&text).map_err(|error| Failure::of("standard input", error))?;
        print(public_key_text(key.verifying_key()))
    }
}
