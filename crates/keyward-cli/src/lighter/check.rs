use std::fmt;
use std::path::PathBuf;

use clap::Args;
use keyward_lighter::{TokenSigner, VerifyingKey, public_key_text};
use keyward_lighter_client::{ClientError, Failure as NoAnswer, Registration};
use serde::Serialize;

use super::Now;
use super::key_files::{KeyFiles, pending_path};
use super::registering::{Slot, settle, tell_pending};
use super::venue::{Venue, read_config};
use crate::failure::{Failure, tell};
use crate::input::is_there;
use crate::output::Results;
use crate::runtime::block_on;

/// Compare the keys in a config with those that the venue has: one line for each
///
/// The exit code is 0 if all are the same. Keys that an earlier `setup` or `rotate` has left pending are
/// put into the config before, if the venue has them by now.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  keyward lighter check config.json")]
pub(super) struct Check {
    /// The accounts, their keys and their venue
    #[arg(value_name = "CONFIG", default_value = "config.json")]
    config: PathBuf,
    #[command(flatten)]
    venue: Venue,
    /// Print one JSON object for each key
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    now: Now,
}

/// An entry of the config, as `--json` prints it; [`Display`](fmt::Display) is for people.
#[derive(Debug, Serialize)]
struct Verdict {
    account_index: u64,
    api_key_index: u8,
    public_key: String,
    /// None if the slot has no key.
    venue_public_key: Option<String>,
    matches: bool,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Failure> {
        block_on(async {
            if is_there(&pending_path(&self.config))? {
                self.settle().await?;
            }
            self.compare().await
        })
    }

    async fn settle(&self) -> Result<(), Failure> {
        let (files, _) = KeyFiles::open(&self.config, &self.venue, &self.now)?;
        let client = self.venue.client(files.base_url(), None)?;
        let mut registration = Registration::new(&client, files).clock(&self.now).patience(self.venue.timeout());
        settle(&mut registration, &[], &client, &self.now).await?;
        tell_pending(registration.keys())
    }

    async fn compare(&self) -> Result<(), Failure> {
        let config = read_config(&self.config)?;
        let client = self.venue.client(&self.venue.base_url(Some(config.base_url()))?, None)?;
        let mut results = Results::new();
        let mut all_match = true;
        for signer in config.signers() {
            let slot = Slot(signer.account_index(), signer.api_key_index());
            let found = match client.public_key(slot.0, slot.1).await {
                Ok(found) => found,
                // What only this slot is about; the network is the same for all.
                Err(error @ (ClientError::Refused(_) | ClientError::Failed(NoAnswer::BadAnswer(_)))) => {
                    tell("error", format_args!("{slot}: {error}"));
                    all_match = false;
                    continue;
                }
                Err(error) => return Err(Failure::of(slot, error)),
            };
            let verdict = Verdict::new(signer, found);
            all_match &= verdict.matches;
            if self.json {
                results.json(&verdict)?
            } else {
                results.line(verdict)?
            }
            results.flush()?;
        }
        if all_match { Ok(()) } else { Err(Failure::Silent) }
    }
}

impl Verdict {
    fn new(signer: &TokenSigner, found: Option<VerifyingKey>) -> Self {
        Self {
            account_index: signer.account_index().as_u64(),
            api_key_index: signer.api_key_index().as_u8(),
            public_key: public_key_text(signer.verifying_key()),
            venue_public_key: found.as_ref().map(public_key_text),
            matches: found.as_ref() == Some(signer.verifying_key()),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match (self.matches, &self.venue_public_key) {
            (true, _) => "matches",
            (false, Some(_)) => "the venue has another key",
            (false, None) => "the venue has no key",
        };
        write!(f, "account {}, API key {}: {verdict}", self.account_index, self.api_key_index)
    }
}
