use std::fmt;
use std::str::FromStr;

use clap::Args;
use keyward_lighter::{AccountIndex, EthereumAddress, public_key_text};
use keyward_lighter_client::{ApiKeyEntry, Client};
use serde::Serialize;

use super::venue::VenueOfConfig;
use crate::failure::{Failure, tell};
use crate::output::Results;
use crate::runtime::block_on;

/// List the API keys of an account, or of all accounts of an Ethereum address
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter keys 5")]
pub(super) struct Keys {
    /// An account index, or an Ethereum address (0x and 40 hexadecimal digits)
    #[arg(value_name = "ACCOUNT|ADDRESS")]
    whose: Whose,
    #[command(flatten)]
    venue: VenueOfConfig,
    /// Print one JSON object for each key
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy)]
enum Whose {
    Account(AccountIndex),
    Owner(EthereumAddress),
}

/// A key, as `--json` prints it; [`Display`](fmt::Display) is for people.
#[derive(Debug, Serialize)]
struct Report {
    account_index: u64,
    api_key_index: u8,
    /// None when the slot is exhausted.
    next_nonce: Option<u64>,
    /// None for a slot whose key was taken away.
    public_key: Option<String>,
}

impl Keys {
    pub(super) fn run(self) -> Result<(), Failure> {
        let client = self.venue.client()?;
        block_on(self.list(&client))
    }

    async fn list(&self, client: &Client) -> Result<(), Failure> {
        let mut results = Results::new();
        if !self.json {
            results.line(HEADING)?;
        }
        match self.whose {
            Whose::Account(account) => self.show(client, account, &mut results).await?,
            Whose::Owner(address) => {
                let accounts = client.accounts_by_l1_address(&address).await.map_err(Failure::of_venue)?;
                for account in accounts {
                    self.show(client, account.index, &mut results).await?;
                }
            }
        }
        results.flush()
    }

    async fn show(&self, client: &Client, account: AccountIndex, results: &mut Results) -> Result<(), Failure> {
        let keys = match client.api_keys(account, None).await {
            // The venue does not tell an account without keys from one that it does not know.
            Err(error) if error.is_not_found() => {
                tell(format_args!("account {account}"), "no API keys");
                return Ok(());
            }
            keys => keys.map_err(|error| Failure::of(format_args!("account {account}"), error))?,
        };
        for report in keys.iter().map(Report::from) {
            if self.json { results.json(&report)? } else { results.line(report)? }
        }
        Ok(())
    }
}

const HEADING: &str = "ACCOUNT          SLOT  NEXT NONCE       PUBLIC KEY";

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nonce = self.next_nonce.map_or("exhausted".to_owned(), |nonce| nonce.to_string());
        let key = self.public_key.as_deref().unwrap_or("-");
        write!(f, "{:<15}  {:<4}  {nonce:<15}  {key}", self.account_index, self.api_key_index)
    }
}

impl From<&ApiKeyEntry> for Report {
    fn from(entry: &ApiKeyEntry) -> Self {
        Self {
            account_index: entry.account_index.as_u64(),
            api_key_index: entry.api_key_index.as_u8(),
            next_nonce: entry.nonce.next().map(|nonce| nonce.as_u64()),
            public_key: entry.public_key.as_ref().map(public_key_text),
        }
    }
}

impl FromStr for Whose {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with("0x") {
            text.parse().map(Self::Owner).map_err(|error| format!("{error}"))
        } else {
            text.parse().map(Self::Account).map_err(|error| format!("{error}"))
        }
    }
}
