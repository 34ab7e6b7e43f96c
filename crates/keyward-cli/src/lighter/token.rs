use std::path::PathBuf;

use clap::Args;
use keyward_lighter::{AccountIndex, TokenVerifier, TokensFile};

use super::{Now, PublicKeyArgument};
use crate::failure::Failure;
use crate::input::read_secret_file;
use crate::output::print;

/// Print the token to use now, and nothing else
///
/// It is checked before: its form, that it is this account's, and that the venue takes it at this
/// moment. The file carries no public key, so the signature is checked only with --public-key.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter token 5 | sed 's/^/authorization: /' | curl --header @- \"$URL\"")]
pub(super) struct Token {
    /// The account index; may be left out if the file has a single account
    account: Option<AccountIndex>,
    /// The file that `keyward lighter generate` has written
    #[arg(long, value_name = "FILE", default_value = "auth-tokens.json")]
    tokens: PathBuf,
    #[command(flatten)]
    now: Now,
    /// In the first seconds of a slot, this many, print the previous slot's token, which is valid for
    /// another 2 hours: the new one is refused by a server whose clock is behind this one
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    skew: u64,
    /// Check the signature too, with this public key (80 hexadecimal digits)
    #[arg(long, value_name = "HEX")]
    public_key: Option<PublicKeyArgument>,
}

impl Token {
    pub(super) fn run(self) -> Result<(), Failure> {
        let file = self.tokens.display();
        let text = read_secret_file(&self.tokens, TokensFile::MAX_BYTES as u64)?;
        let tokens = TokensFile::from_buffer(text).map_err(|error| Failure::of(&file, error))?;
        let token =
            tokens.token_for(self.account, self.now.get(), self.skew).map_err(|error| Failure::of(&file, error))?;
        if let Some(PublicKeyArgument(key)) = &self.public_key {
            TokenVerifier::one_off(key).verify_signature(&token).map_err(|refusal| {
                let entry = format_args!("account {}, deadline {}", token.account_index(), token.deadline());
                Failure::of(format_args!("{file}: {entry}"), refusal)
            })?;
        }
        print(token)
    }
}
