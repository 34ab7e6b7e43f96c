use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use keyward_lighter::{SigningKey, SysRng, private_key_text, public_key_text};

use crate::failure::Failure;
use crate::output::print;
use crate::secret_file::{Existing, SecretFile};

/// Make a new private key; print its public key
///
/// The file gets the private key as `0x` and 80 hexadecimal digits on one line, and has mode 0600.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter keygen --output key.txt")]
pub(super) struct Keygen {
    /// Where the private key goes
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Replace a file of that name: the key in it is lost
    #[arg(long)]
    force: bool,
}

impl Keygen {
    pub(super) fn run(self) -> Result<(), Failure> {
        let existing = if self.force { Existing::Replace } else { Existing::Refuse };
        let fail = |error| Failure::of(self.output.display(), error);
        let mut file = SecretFile::create(&self.output, existing).map_err(fail)?;
        let key = SigningKey::generate(&mut SysRng).map_err(|error| Failure::of("random numbers", error))?;
        file.write_all(private_key_text(&key).as_bytes()).map_err(fail)?;
        file.write_all(b"\n").map_err(fail)?;
        file.commit().map_err(fail)?;
        print(public_key_text(key.verifying_key()))
    }
}
