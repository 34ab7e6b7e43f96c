//! Arguments that the commands share which talk to a venue.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use keyward_lighter::{ChainId, Config, EthereumKey};
use keyward_lighter_client::Client;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::input::{is_there, read_secret_file, read_secret_line};

/// Which venue it is about.
#[derive(Debug, Args)]
pub(super) struct Venue {
    /// The venue's address; that of the config if not given, else of the environment variable LIGHTER_URL
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Talk to other machines without encryption too
    #[arg(long)]
    allow_plain_http: bool,
    /// How long to wait for an answer, and for the venue to show a new key
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

impl Venue {
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }

    /// The address to use where a config names `configured`.
    pub(super) fn base_url(&self, configured: Option<&str>) -> Result<String, Failure> {
        if let Some(url) = self.url.as_deref().or(configured) {
            return Ok(url.to_owned());
        }
        match env::var("LIGHTER_URL") {
            Ok(url) if !url.is_empty() => Ok(url),
            _ => {
                Err(Failure::Usage("no venue: give --url, a config or the environment variable LIGHTER_URL".to_owned()))
            }
        }
    }

    /// A client of the venue at `base_url`.
    pub(super) fn client(&self, base_url: &str, chain_id: Option<ChainId>) -> Result<Client, Failure> {
        let mut builder = Client::builder(base_url).timeout(self.timeout());
        if let Some(chain_id) = chain_id {
            builder = builder.chain_id(chain_id);
        }
        if self.allow_plain_http {
            builder = builder.allow_plain_http();
        }
        // The address itself may have a password in it.
        builder.build().map_err(|error| Failure::of("venue", error))
    }
}

/// Which venue it is about, for commands that need nothing else of a config.
#[derive(Debug, Args)]
pub(super) struct VenueOfConfig {
    /// The config that names the venue, if there is one
    #[arg(long, value_name = "FILE", default_value = "config.json")]
    config: PathBuf,
    #[command(flatten)]
    venue: Venue,
}

impl VenueOfConfig {
    pub(super) fn client(&self) -> Result<Client, Failure> {
        // A config of private keys is not opened for nothing.
        let config = if self.venue.url.is_some() { None } else { read_config_if_there(&self.config)? };
        self.venue.client(&self.venue.base_url(config.as_ref().map(Config::base_url))?, None)
    }
}

/// Whether two addresses are one but for a slash at the end.
pub(super) fn is_same_url(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

/// The Ethereum key that owns the accounts.
#[derive(Debug, Args)]
pub(super) struct Owner {
    /// The file with the Ethereum private key of the accounts' owner; `-` is standard input. If not given,
    /// the key is that of the environment variable ETH_PRIVATE_KEY
    #[arg(long, value_name = "FILE")]
    eth_key_file: Option<PathBuf>,
}

impl Owner {
    pub(super) fn key(&self) -> Result<EthereumKey, Failure> {
        let (source, text) = match &self.eth_key_file {
            Some(file) => (file.display().to_string(), read_secret_line(file)?),
            None => ("environment: ETH_PRIVATE_KEY".to_owned(), key_in_environment()?),
        };
        EthereumKey::parse(&text).map_err(|error| Failure::of(source, error))
    }
}

fn key_in_environment() -> Result<Zeroizing<String>, Failure> {
    match env::var("ETH_PRIVATE_KEY") {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(_) => Err(Failure::Usage(
            "no Ethereum key: give --eth-key-file or the environment variable ETH_PRIVATE_KEY".to_owned(),
        )),
    }
}

/// Reads a config that must be there.
pub(super) fn read_config(path: &Path) -> Result<Config, Failure> {
    let text = read_secret_file(path, Config::MAX_BYTES as u64)?;
    Config::parse(&text).map_err(|error| Failure::of(path.display(), error))
}

/// Reads a config that may be still to come.
pub(super) fn read_config_if_there(path: &Path) -> Result<Option<Config>, Failure> {
    if is_there(path)? { read_config(path).map(Some) } else { Ok(None) }
}
