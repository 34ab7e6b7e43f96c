//! `keyward lighter`: auth tokens of the Lighter exchange.

mod generate;
mod inspect;
mod keygen;
mod public_key;
mod sign;
mod token;
mod verify;

use clap::{Args, Subcommand};
use keyward_lighter::{KeyTextError, VerifyingKey, parse_public_key};
use keyward_time::{Clock, SystemClock, UnixSeconds};

use crate::failure::Failure;

/// Make, look up and check auth tokens of the Lighter exchange, without any network.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "Neither private keys nor tokens are ever an argument: other users of a machine can \
                  read those."
)]
pub(crate) struct Lighter {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(generate::Generate),
    Token(token::Token),
    Verify(verify::Verify),
    Inspect(inspect::Inspect),
    Keygen(keygen::Keygen),
    PublicKey(public_key::PublicKey),
    Sign(sign::Sign),
}

impl Lighter {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Generate(generate) => generate.run(),
            Command::Token(token) => token.run(),
            Command::Verify(verify) => verify.run(),
            Command::Inspect(inspect) => inspect.run(),
            Command::Keygen(keygen) => keygen.run(),
            Command::PublicKey(public_key) => public_key.run(),
            Command::Sign(sign) => sign.run(),
        }
    }
}

/// The time to go by, for commands that depend on it.
#[derive(Debug, Args)]
struct Now {
    /// Go by this time (seconds since 1970) in place of the system clock's
    #[arg(long, value_name = "UNIX")]
    now: Option<UnixSeconds>,
}

impl Now {
    fn get(&self) -> UnixSeconds {
        self.now.unwrap_or_else(|| SystemClock.now())
    }
}

/// A public key as an argument; what was given is not repeated, it might be the private one.
#[derive(Debug, Clone)]
struct PublicKeyArgument(VerifyingKey);

impl std::str::FromStr for PublicKeyArgument {
    type Err = KeyTextError;

    fn from_str(text: &str) -> Result<Self, KeyTextError> {
        parse_public_key(text).map(Self)
    }
}
