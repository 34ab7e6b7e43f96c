//! `keyward lighter`: API keys and auth tokens of the Lighter exchange.

mod authorization;
mod check;
mod generate;
mod inspect;
mod key_files;
mod keygen;
mod keys;
mod maker_only;
mod nonce;
mod public_key;
mod registering;
mod ro;
mod rotate;
mod sandbox;
mod setup;
mod sign;
mod token;
mod venue;
mod verify;

use clap::{Args, Subcommand};
use keyward_lighter::{Clock, SystemClock, UnixMillis, UnixSeconds};

use crate::failure::Failure;

/// API keys and auth tokens of the Lighter exchange: registered, made, looked up and checked.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "generate, token, verify, inspect, keygen, public-key and sign use no network; sandbox is a venue \
                  on this machine to try the others with.\n\
                  Neither private keys nor tokens are ever an argument: other users of a machine can \
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
    Setup(setup::Setup),
    Rotate(rotate::Rotate),
    Check(check::Check),
    Keys(keys::Keys),
    Nonce(nonce::Nonce),
    Ro(ro::Ro),
    MakerOnly(maker_only::MakerOnly),
    Sandbox(sandbox::Sandbox),
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
            Command::Setup(setup) => setup.run(),
            Command::Rotate(rotate) => rotate.run(),
            Command::Check(check) => check.run(),
            Command::Keys(keys) => keys.run(),
            Command::Nonce(nonce) => nonce.run(),
            Command::Ro(ro) => ro.run(),
            Command::MakerOnly(maker_only) => maker_only.run(),
            Command::Sandbox(sandbox) => sandbox.run(),
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

impl Clock for Now {
    fn now(&self) -> UnixSeconds {
        self.get()
    }

    fn now_millis(&self) -> UnixMillis {
        self.now.map_or_else(|| SystemClock.now_millis(), UnixMillis::from)
    }
}
