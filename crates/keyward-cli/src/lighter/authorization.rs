//! On whose behalf a request is made, and the token that shows it.

use std::path::PathBuf;

use clap::Args;
use keyward_lighter::{AccountIndex, ApiKeyIndex, AuthTokenText, Clock, Config, SysRng, Token, TokenSigner};
use keyward_lighter_client::{Auth, Client};
use zeroize::Zeroizing;

use super::Now;
use super::venue::{Venue, read_config, read_config_if_there};
use crate::failure::Failure;
use crate::input::read_secret_line;

/// How long a token lives that is made for one command, in seconds.
const LIFETIME_SECS: u64 = 600;

/// The account that a request is about, and what allows it.
#[derive(Debug, Args)]
pub(super) struct Authorization {
    /// The account index; may be left out if the config has a single account, or if a token is given
    #[arg(long, value_name = "N")]
    account: Option<AccountIndex>,
    /// The file with the account's private key
    #[arg(long, value_name = "FILE", default_value = "config.json")]
    config: PathBuf,
    /// The slot of the key to use; that of the account's last entry in the config if not given
    #[arg(long, value_name = "I")]
    api_key_index: Option<ApiKeyIndex>,
    /// Use the token in this file in place of a private key; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "api_key_index")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    venue: Venue,
    #[command(flatten)]
    pub(super) now: Now,
}

/// A client that may speak for an account.
pub(super) struct Authorized {
    pub(super) client: Client,
    pub(super) account: AccountIndex,
    token: Zeroizing<String>,
}

impl Authorization {
    pub(super) fn open(&self) -> Result<Authorized, Failure> {
        let (base_url, account, token) = match &self.token_file {
            Some(file) => {
                let text = read_secret_line(file)?;
                let of_token = account_of(&text).map_err(|error| Failure::of(file.display(), error))?;
                let config = read_config_if_there(&self.config)?;
                let base_url = self.venue.base_url(config.as_ref().map(Config::base_url))?;
                (base_url, self.account.unwrap_or(of_token), text)
            }
            None => {
                let config = read_config(&self.config)?;
                let base_url = self.venue.base_url(Some(config.base_url()))?;
                let signer = pick_signer(config, self.account, self.api_key_index)
                    .map_err(|error| Failure::of(self.config.display(), error))?;
                let token = short_lived_token(&signer, &self.now)?;
                (base_url, signer.account_index(), Zeroizing::new(token.expose_secret().to_owned()))
            }
        };
        Ok(Authorized { client: self.venue.client(&base_url, None)?, account, token })
    }
}

impl Authorized {
    pub(super) fn auth(&self) -> Auth<'_> {
        self.token.as_str().into()
    }
}

fn account_of(token: &str) -> Result<AccountIndex, String> {
    match Token::parse(token) {
        Ok(Token::Auth(token)) => Ok(token.account_index()),
        Ok(Token::ReadOnly(token)) => Ok(token.account_index()),
        Err(error) => Err(error.to_string()),
    }
}

/// The entry of a config to sign with: the last one, as for tokens made in advance.
pub(super) fn pick_signer(
    config: Config,
    account: Option<AccountIndex>,
    api_key: Option<ApiKeyIndex>,
) -> Result<TokenSigner, String> {
    let mut signers = config.into_signers();
    let account = match account {
        Some(account) => account,
        None => {
            let first = signers.first().map(TokenSigner::account_index);
            let single = first.filter(|first| signers.iter().all(|signer| signer.account_index() == *first));
            single.ok_or("has more than one account: name one with --account")?
        }
    };
    signers.retain(|signer| {
        signer.account_index() == account && api_key.is_none_or(|api_key| signer.api_key_index() == api_key)
    });
    signers.pop().ok_or_else(|| match api_key {
        Some(api_key) => format!("no key of account {account} in slot {api_key}"),
        None => format!("no key of account {account}"),
    })
}

/// A token for the requests of one command.
pub(super) fn short_lived_token(signer: &TokenSigner, clock: &impl Clock) -> Result<AuthTokenText, Failure> {
    let deadline = clock.now().saturating_add_secs(LIFETIME_SECS);
    signer.sign(deadline, &mut SysRng).map_err(|error| Failure::of("random numbers", error))
}
