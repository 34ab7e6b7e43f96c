use clap::Args;
use keyward_lighter::{AccountIndex, ApiKeyIndex, SysRng, TokenSigner, UnixSeconds, parse_private_key};

use crate::failure::Failure;
use crate::input::read_key_text;
use crate::output::print;

/// Sign one token with the private key on standard input, and print it
///
/// The venue takes a token in the last 8 hours before it expires; one for later is signed all the same.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter sign --account 5 --api-key-index 253 \\
    --expires-at $(($(date +%s) + 600)) < key.txt")]
pub(super) struct Sign {
    /// The account index
    #[arg(long, value_name = "N")]
    account: AccountIndex,
    /// The slot of the account that has the key, 0 to 254
    #[arg(long, value_name = "I")]
    api_key_index: ApiKeyIndex,
    /// When the token expires (seconds since 1970)
    #[arg(long, value_name = "UNIX")]
    expires_at: UnixSeconds,
}

impl Sign {
    pub(super) fn run(self) -> Result<(), Failure> {
        let text = read_key_text()?;
        let key = parse_private_key(&text).map_err(|error| Failure::of("standard input", error))?;
        let token = TokenSigner::new(key, self.account, self.api_key_index)
            .sign(self.expires_at, &mut SysRng)
            .map_err(|error| Failure::of("random numbers", error))?;
        print(token.expose_secret())
    }
}
